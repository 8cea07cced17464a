"""The rule of top_p."""

from fractions import Fraction

from logitlab.reference.candidates import Candidates
from logitlab.reference.draw import integers
from logitlab.reference.floats import DOUBLE
from logitlab.reference.steps.top_k import top_k
from logitlab.reference.weights import Scale


def top_p(
    left: Candidates,
    p: float,
    min_keep: int = 1,
    strict: bool = False,
    share: float = 1.0,
    ties: bool = False,
) -> Candidates:
    """Keep the shortest prefix, best first, whose mass reaches p of the whole (Holtzman et al. 2020, arXiv:1904.09751).

    The masses are integers, from weights in doubles also for a single row, and p is exactly the double that it is, so
    the comparison is exact. One token is always kept. With `strict` the mass must exceed p; with `ties` everything that
    equals the last token of the prefix stays as well. Not renormalised, p is of what was there before earlier filters,
    of which they left `share`: the product of their `share_left`.
    """
    p = p / share
    if p >= 1:
        return left
    q = integers(left.logits, Scale(DOUBLE, left.max, left.temperature), left.n)
    need = Fraction(p) * sum(q)
    kept: list[int] = []
    mass = 0
    for position in left.ranks:
        kept.append(position)
        mass += q[position]
        if (mass > need if strict else mass >= need) and len(kept) >= min_keep:
            break
    return top_k(left, len(kept), ties)
