"""The steps of a chain, each a function of what is left: Candidates in, Candidates out."""

import math
from dataclasses import replace
from fractions import Fraction

from logitlab.reference.candidates import Candidates
from logitlab.reference.draw import integers
from logitlab.reference.exact import log
from logitlab.reference.floats import DOUBLE
from logitlab.reference.weights import Scale


def top_k(left: Candidates, k: int, ties: bool = False) -> Candidates:
    """Keep the k largest, of equal ones the lowest tokens; 0 keeps all (Fan et al. 2018, arXiv:1805.04833).

    With `ties` everything that equals the k-th stays as well.
    """
    best = left.ranks[: k or None]
    if ties:
        return left.keep([i for i, x in enumerate(left.logits) if x >= left.logits[best[-1]]])
    return left.keep(best)


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


def min_p(left: Candidates, p: float, min_keep: int = 1, strict: bool = False) -> Candidates:
    """Keep what is at least p times as likely as the best: logit >= max + T ln p.

    Nguyen et al. 2024, arXiv:2407.01082.
    """
    if p < 2.0**-1022:
        return left
    bound = left.max + left.temperature * log(p).high
    kept = [i for i, x in enumerate(left.logits) if (x > bound if strict else x >= bound)]
    return left.keep(kept) if len(kept) >= min_keep else top_k(left, min_keep)


def temperature(left: Candidates, T: float) -> Candidates:
    """Divide the logits by T, when weights are taken; 0 keeps the first maximum, inf makes all alike.

    A T whose reciprocal is not a normal number is applied at once, to the distance from the maximum.
    """
    total = left.temperature * T
    if total == 0:
        return top_k(left, 1)
    if left.format.least_temperature <= total <= left.format.largest_temperature:
        return replace(left, temperature=total)

    def argument(x: float) -> float:
        if x == left.max or total == math.inf:
            return 0.0
        return max((x - left.max) / total, -1e4)

    return replace(left, logits=tuple(left.format.rounded(argument(x)) for x in left.logits), temperature=1.0)
