"""Changes to the logits of single tokens, which penalties, biases and bans share."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from logitlab.reference.candidates import Candidates
from logitlab.reference.shares import settled


def changed(left: Candidates, change: Mapping[int, Callable[[float], float]]) -> Candidates:
    """Change the logits of tokens that are left; finite ones stay finite, -inf takes a token out."""
    left = settled(left)
    most = left.format.largest

    def value(token: int, x: float) -> float:
        y = change[token](x) if token in change else x
        return left.format.rounded(max(-most, min(y, most))) if math.isfinite(y) else y

    logits = {t: value(t, x) for t, x in zip(left.tokens, left.logits, strict=True)}
    kept = tuple(t for t in left.tokens if logits[t] > -math.inf)
    return replace(left, tokens=kept, logits=tuple(logits[t] for t in kept))


def less(amount: float) -> Callable[[float], float]:
    """Return what subtracts an amount."""
    return lambda z: z - amount


def ban(left: Candidates, tokens: Sequence[int]) -> Candidates:
    """Remove tokens."""
    return changed(left, {token: lambda x: -math.inf for token in tokens})
