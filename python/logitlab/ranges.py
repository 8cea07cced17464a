"""What a number may be, and the one message that says so.

The extension, the steps, the models' options and the Explorer's controls all check by a `Range`, so that one mistake
has one message. The ranges of the steps' parameters are those of csrc/kernels/steps/steps.h.
"""

import math
from dataclasses import dataclass
from sys import float_info
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logitlab._kernels import STEPS
from logitlab.masks import plain
from logitlab.messages import shown


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `low` to `high`."""

    low: float
    high: float = math.inf
    whole: bool = False
    above: bool = False  # low itself is excluded
    words: str = ""  # in place of the two bounds

    @property
    def needs(self) -> str:
        """The range in words, as in "in [0, 1]" or ">= 0"."""
        if self.words:
            return self.words
        if self.high == math.inf:
            return f"{'>' if self.above else '>='} {self.low:g}"
        if (self.low, self.high) == (-float_info.max, float_info.max):
            return "finite"
        low, high = (f"{bound:.15g}" for bound in (self.low, self.high))
        return f"in {'(' if self.above else '['}{low}, {high}]"

    def check(self, name: str, value: Any) -> Any:
        """Return the value as it is kept, a number or an array of them, or raise what is wrong with it."""
        array = self._inside(name, value, " (or an array of them)")
        if array.ndim == 0:
            return int(array) if self.whole else float(array)
        kept = array.astype(np.int64 if self.whole else np.float64)
        kept.flags.writeable = False
        return kept

    def one(self, name: str, value: Any) -> Any:
        """Return the value as Python's own number where an array of them means nothing."""
        array = self._inside(name, value, "")
        if array.ndim:
            raise TypeError(f"{name} must be one number {self.needs}, got {shown(value)}")
        return int(array) if self.whole else float(array)

    def _inside(self, name: str, value: Any, or_else: str) -> NDArray[Any]:
        array = plain(value, name)
        if array.dtype.name == "bfloat16":
            array = array.astype(np.float64)
        if array.dtype.kind not in ("iu" if self.whole else "iuf"):
            raise self.wrong_type(name, value, or_else)
        inside = (array > self.low if self.above else array >= self.low) & (array <= self.high)
        if not inside.all():
            raise self.outside(name, array[~inside].flat[0].item(), _place(~inside))
        return array

    def wrong_type(self, name: str, value: Any, or_else: str = "") -> TypeError:
        """Return the error for what is no number of this kind."""
        kind = "an integer" if self.whole else "a real number"
        return TypeError(f"{name} must be {kind} {self.needs}{or_else}, got {shown(value)}")

    def outside(self, name: str, value: Any, place: str = "") -> ValueError:
        """Return the error for a number outside of the range."""
        kind = "an integer " if self.whole else ""
        return ValueError(f"{name} must be {kind}{self.needs}, got {shown(value)}{place}")


def _place(wrong: Any) -> str:
    """Say where the first wrong element of an array stands."""
    if wrong.ndim == 0:
        return ""
    first = [int(at[0]) for at in np.nonzero(wrong)]
    return f" for row {first[0] if len(first) == 1 else tuple(first)}"


def range_of(kind: str, parameter: str | None = None) -> Range:
    """Return the range of a step's parameter, the first one if not named.

    Examples
    --------
    >>> range_of("top_p").needs, range_of("dry", "allowed_length").needs
    ('in [0, 1]', '>= 1')
    """
    name, what, low, high, above, _ = _parameter(kind, parameter)
    if what not in ("real", "whole", "state"):
        raise KeyError(f"{name} of {kind} is {what}, and has no range")
    return Range(low, high, whole=what == "whole", above=above)


def off_value(kind: str, parameter: str | None = None) -> float | None:
    """Return the value at which a step does nothing; None where no value of the parameter is that.

    Examples
    --------
    >>> off_value("top_p"), off_value("top_k"), off_value("p_less")
    (1.0, 0, None)
    """
    if not STEPS[kind][1]:
        return None
    _, what, _, _, _, off = _parameter(kind, parameter)
    return int(off) if what == "whole" and off is not None else off


def _parameter(kind: str, name: str | None) -> tuple[str, str, float, float, bool, float | None]:
    return next(entry for entry in STEPS[kind][1] if name in (None, entry[0]))


def refuse(name: str, low: float, high: float, above: bool, whole: bool, value: Any) -> None:
    """Raise what is wrong with a parameter of a function; the extension asks, once it has found it wrong."""
    Range(low, high, whole=whole, above=above).check(name, value)
