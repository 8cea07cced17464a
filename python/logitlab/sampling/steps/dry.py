"""DRY: a penalty on tokens that would continue a repetition."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from logitlab.sampling.parameters import Number, each_row, number, sequences
from logitlab.sampling.steps.base import Lists, Step
from logitlab.sampling.steps.token_lists import flat


@dataclass(frozen=True, eq=False, repr=False)
class DRY(Step):
    """Do not repeat yourself: make a token that would continue a repetition less likely, the more the longer it is.

    Rule: L is the longest end of the history that re-occurs just before an earlier copy of the token, not reaching over
    the latest breaker; where L >= allowed_length, z' = z - multiplier * base^(L - allowed_length). A breaker of one
    token is never penalised. By p-e-w (2024), as in llama.cpp.

    Parameters
    ----------
    multiplier : float or array_like of float
        At least 0; 0 is off.
    base : float or array_like of float, optional
        At least 1.
    allowed_length : int or array_like of int, optional
        At least 1.
    last_n : int or array_like of int, optional
        How many of the last tokens count; -1 is all.
    breakers : sequence of int or of sequences of int, or a PerRow of such, optional
        Token ids, or sequences of them, that end a repetition.

    Examples
    --------
    >>> from logitlab.sampling import DRY, Sampler
    >>> Sampler([DRY(1.0, base=2.0)]).probs([1.0, 1.0, 2.0], history=[0, 1, 2, 0, 1]).round(3)
    array([0.333, 0.333, 0.333])
    """

    kind: ClassVar[str] = "dry"
    options: ClassVar[Mapping[str, str]] = {
        "dry_multiplier": "multiplier",
        "dry_base": "base",
        "dry_allowed_length": "allowed_length",
        "dry_penalty_last_n": "last_n",
        "dry_sequence_breakers": "breakers",
    }

    multiplier: Number = number()
    base: Number = number(1.75)
    allowed_length: Number = number(2)
    last_n: Number = number(-1)
    breakers: Any = sequences(())

    def lists(self) -> Lists:
        """Return the breakers with their lengths."""
        return tuple(flat(breakers) for breakers in each_row(self.breakers))
