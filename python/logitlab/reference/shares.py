"""What steps ask of the distribution that is left: masses as integers, its entropy, the mean of its logits."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from logitlab.reference.candidates import Candidates
from logitlab.reference.draw import shift
from logitlab.reference.exact import log
from logitlab.reference.weights import Scale, weight


def lanes(terms: Iterable[tuple[int, float]]) -> float:
    """Sum (token, term) pairs in 16 lanes by token number, each in token order, folded by halves.

    A sum of floats depends on its order; with a fixed one every vector width gives the same bits.

    >>> lanes([(0, 1.0), (16, 2.0), (3, 4.0)])
    7.0
    """
    lane = [0.0] * 16
    for token, term in terms:
        lane[token % 16] += term
    for half in (8, 4, 2, 1):
        for i in range(half):
            lane[i] += lane[i + half]
    return lane[0]


def at_least(share: float, total: int, strict: bool = False) -> int:
    """Return the smallest integer that is at least share * total, or with `strict` above it.

    >>> at_least(0.5, 4), at_least(0.5, 4, strict=True), at_least(0.3, 4)
    (2, 3, 2)
    """
    exact = Fraction(share) * total
    return math.floor(exact) + 1 if strict else math.ceil(exact)


@dataclass(frozen=True)
class Shares:
    """Of the remaining tokens: q, its total and largest, the mean of (logit - largest) / T, the entropy in nats."""

    q: list[int]
    total: int
    top: int
    mean: float
    entropy: float


def shares(left: Candidates) -> Shares:
    """Weigh the remaining tokens.

    ln p_i = (logit - largest) / T - ln(total / top), so the entropy is ln(total / top) minus the mean of the former.
    The mean is a sum of doubles, of the weights before they are rounded to q; a logit is held at the weights' floor.
    """
    scale, factor, f = Scale(left.format, left.max, left.temperature), shift(left.n), left.format
    q = left.integers
    total, top = sum(q), q[left.ranks[0]]
    held = [max(f.rounded(x - scale.subtracted), scale.floor(factor)) for x in left.logits]
    weights = [weight(x, scale, factor) for x in left.logits]
    terms = zip(left.tokens, (x * w for x, w in zip(held, weights, strict=True)), strict=True)
    largest = left.max - scale.subtracted
    mean = (lanes(terms) / float(total) - largest) * (1.0 / left.temperature)
    entropy = log(float(total) / float(top)).high - mean
    return Shares(q, total, top, mean, max(entropy, 0.0))


def share_left(before: Candidates, after: Candidates) -> float:
    """Return what a filter left of the mass that was there before it."""
    if len(after.tokens) == len(before.tokens):
        return 1.0
    kept, q = set(after.tokens), before.integers
    mass = sum(w for token, w in zip(before.tokens, q, strict=True) if token in kept)
    return float(mass) / float(sum(q))


def settled(left: Candidates) -> Candidates:
    """Apply a temperature that is still to be applied, so that logits can be changed."""
    if left.temperature == 1.0:
        return left
    distances = (max((x - left.max) / left.temperature, -1e4) for x in left.logits)
    return replace(left, logits=tuple(map(left.format.rounded, distances)), temperature=1.0)
