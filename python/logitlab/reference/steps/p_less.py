"""The rule of p_less."""

from logitlab.reference.candidates import Candidates


def p_less(left: Candidates) -> Candidates:
    """Keep p_i >= sum of p_j^2 (arXiv:2509.23234)."""
    q = left.integers
    total, squares = sum(q), sum(w * w for w in q)
    return left.keep([i for i, w in enumerate(q) if w * total >= squares])
