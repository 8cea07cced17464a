"""The rule of tail_free."""

from fractions import Fraction

from logitlab.reference.candidates import Candidates


def tail_free(left: Candidates, z: float, min_keep: int = 1) -> Candidates:
    """Cut where the running share of the second differences of the sorted probabilities exceeds z (Phelps 2019)."""
    if z >= 1 or len(left.tokens) <= 2:
        return left
    order, q = left.ranks, left.integers
    p = [q[i] for i in order]
    bends = [abs(a - 2 * b + c) for a, b, c in zip(p, p[1:], p[2:], strict=False)]
    if not any(bends):
        bends = [1] * len(bends)
    limit, running = Fraction(z) * sum(bends), 0
    for i, bend in enumerate(bends):
        running += bend
        if running > limit and i >= min_keep:
            return left.keep(order[:i])
    return left
