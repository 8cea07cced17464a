"""The remaining tokens of a row: those that a chain of steps may still draw."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from logitlab.reference.draw import integers
from logitlab.reference.floats import DOUBLE, Format
from logitlab.reference.weights import Scale


@dataclass(frozen=True)
class Candidates:
    """Tokens that are left, with their logits, in token order; a temperature is applied when weights are taken."""

    n: int  # of the whole row
    tokens: tuple[int, ...]
    logits: tuple[float, ...]
    temperature: float = 1.0
    format: Format = DOUBLE

    @property
    def max(self) -> float:
        """The largest logit that is left."""
        return max(self.logits)

    @property
    def integers(self) -> list[int]:
        """The weight q of every candidate, at the temperature so far."""
        return integers(self.logits, Scale(self.format, self.max, self.temperature), self.n)

    @property
    def ranks(self) -> list[int]:
        """Positions in the order of rank: the largest logit first, of equal ones the lowest token."""
        return sorted(range(len(self.tokens)), key=lambda i: (-self.logits[i], self.tokens[i]))

    def keep(self, positions: Sequence[int]) -> "Candidates":
        """Keep some, in token order."""
        kept = sorted(positions)
        return replace(
            self,
            tokens=tuple(self.tokens[i] for i in kept),
            logits=tuple(self.logits[i] for i in kept),
        )


def candidates(row: Sequence[float], format: Format = DOUBLE) -> Candidates:
    """Start a chain: every token above -inf; if some are +inf, they alone, all alike.

    Raises
    ------
    ValueError
        If the row has a NaN or nothing above -inf.
    """
    if any(math.isnan(x) for x in row) or max(row) == -math.inf:
        raise ValueError("needed logits without NaN, one of them above -inf")
    certain = max(row) == math.inf
    tokens = tuple(i for i, x in enumerate(row) if (x == math.inf if certain else x > -math.inf))
    logits = tuple(0.0 if certain else row[i] for i in tokens)
    return Candidates(n=len(row), tokens=tokens, logits=logits, format=format)
