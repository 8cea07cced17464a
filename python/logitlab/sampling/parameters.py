"""Parameters of steps: a number, or an array of them that broadcasts against the rows of a batch.

Every parameter is checked when the step is made, and a wrong one is an error that names it and its range. What
is kept cannot change: an int, a float, or a read-only array of them.
"""

import itertools
import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logitlab.masks import no_mask, plain_items
from logitlab.masks import plain as plain_array
from logitlab.messages import shown

Number = ArrayLike  # of one parameter: a number, or an array of them


@dataclass(frozen=True, slots=True)
class Range:
    """What a numeric parameter may be."""

    needs: str  # "in [0, 1]"
    low: float
    high: float = math.inf
    whole: bool = False
    above: bool = False  # low itself is excluded

    @property
    def said(self) -> str:
        """Both bounds, where the upper one is not part of what is needed."""
        return (
            f"{self.needs} and <= {self.high:g}" if ">" in self.needs and self.high < math.inf else self.needs
        )

    def check(self, name: str, value: Any) -> Any:
        """Give the value as it is kept, a number or an array of them, or raise what is wrong with it."""
        array = self._inside(name, value, " (or an array of them)")
        if array.ndim == 0:
            return int(array) if self.whole else float(array)
        kept = array.astype(np.int64 if self.whole else np.float64)
        kept.flags.writeable = False
        return kept

    def one(self, name: str, value: Any) -> Any:
        """Give the value as Python's own number where an array of them means nothing."""
        array = self._inside(name, value, "")
        if array.ndim:
            raise TypeError(f"{name} must be one number {self.said}, got {shown(value)}")
        return int(array) if self.whole else float(array)

    def _inside(self, name: str, value: Any, or_else: str) -> NDArray[Any]:
        kind = "an integer" if self.whole else "a real number"
        array = plain_array(value, name)
        if array.dtype.name == "bfloat16":
            array = array.astype(np.float64)
        if array.dtype.kind not in ("iu" if self.whole else "iuf"):
            raise TypeError(f"{name} must be {kind} {self.said}{or_else}, got {shown(value)}")
        inside = (array > self.low if self.above else array >= self.low) & (array <= self.high)
        if not inside.all():
            kind = "an integer " if self.whole else ""
            wrong = shown(array[~inside].flat[0].item())
            raise ValueError(f"{name} must be {kind}{self.said}, got {wrong}{_place(~inside)}")
        return array


def _place(wrong: Any) -> str:
    """Say where the first wrong element of an array stands."""
    if wrong.ndim == 0:
        return ""
    first = [int(at[0]) for at in np.nonzero(wrong)]
    return f" for row {first[0] if len(first) == 1 else tuple(first)}"


class PerRow:
    """A list for each row of a batch, where a step takes one list for all.

    It broadcasts against the rows as an array of its length does.

    Parameters
    ----------
    values : iterable
        What the step takes, for each row.

    Examples
    --------
    >>> from logitlab.sampling import BanTokens, PerRow, Sampler
    >>> Sampler([BanTokens(PerRow([[0], [1, 2]]))]).probs([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    array([[0. , 0.5, 0.5],
           [1. , 0. , 0. ]])
    """

    __slots__ = ("values",)

    values: tuple[Any, ...]

    def __init__(self, values: Iterable[Any]) -> None:
        no_mask(values, "PerRow")
        if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
            raise TypeError(f"PerRow needs a sequence with a value for each row, got {shown(values)}")
        object.__setattr__(self, "values", tuple(plain_items(values, "PerRow")))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a PerRow does not change; {name} can not be set")

    def __reduce__(self) -> tuple[Any, ...]:
        return PerRow, (self.values,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PerRow) and self.values == other.values

    def __hash__(self) -> int:
        return hash(self.values)

    def __repr__(self) -> str:
        return f"PerRow({list(self.values)!r})"


def each_row(value: Any) -> tuple[Any, ...]:
    """Give the lists of a parameter: one for all rows, or one for each."""
    return value.values if isinstance(value, PerRow) else (value,)


def of_rows(value: Any, change: Callable[[Any], Any]) -> Any:
    """Change a parameter, or what it is for each row."""
    return PerRow(map(change, value.values)) if isinstance(value, PerRow) else change(value)


def _per_row(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Let a check take a PerRow as well; what is wrong is said with the row."""

    def checked(name: str, value: Any) -> Any:
        if not isinstance(value, PerRow):
            return check(name, value)
        if not value.values:
            raise ValueError(f"{name} must have a value for each row, got an empty PerRow")
        return PerRow(check(f"{name} of row {row}", one) for row, one in enumerate(value.values))

    return checked


def plain(values: Any) -> Any:
    """Give a number as float64: a float, or an array of them."""
    array = np.asarray(values, dtype=np.float64)
    return array if array.ndim else float(array)


def number(range_: Range, default: Any = MISSING) -> Any:
    """Declare a numeric parameter."""
    return field(default=default, metadata={"check": range_.check})


def choice(*words: str) -> Any:
    """Declare a parameter that is one of some words, the first being the default; the kernels get its place."""

    def check(name: str, value: Any) -> str:
        if value not in words:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, words))}, got {shown(value)}")
        return str(value)

    return field(default=words[0], metadata={"check": check, "number": words.index})


def flag(default: bool = False) -> Any:
    """Declare a parameter that is True or False."""

    def check(name: str, value: Any) -> bool:
        if not isinstance(value, bool | np.bool_):
            raise TypeError(f"{name} must be True or False, got {shown(value)}")
        return bool(value)

    return field(default=default, metadata={"check": check})


def iterable(name: str, value: Any) -> Iterable[Any]:
    """Check that a value holds several."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{name} must be token ids, got {shown(value)}")
    return value


def token(name: str, value: Any) -> int:
    """Check one token id."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be token ids, got {shown(value)}")
    if value < 0:
        raise ValueError(f"{name} must be token ids >= 0, got {shown(value)}")
    return int(value)


def sequence(name: str, value: Any) -> tuple[int, ...]:
    """Check a token id, or a sequence of them, as a sequence."""
    if isinstance(value, numbers.Integral):
        return (token(name, value),)
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise TypeError(f"{name} must be token ids or sequences of them, got {shown(value)}")
    tokens = tuple(token(name, each) for each in plain_items(value, name))
    if not tokens:
        raise ValueError(f"{name} must be sequences of at least one token, got an empty one")
    return tokens


def sequences(default: Any = MISSING) -> Any:
    """Declare a parameter that is a list of token ids or of sequences of them."""

    def check(name: str, value: Any) -> tuple[tuple[int, ...], ...]:
        several = (value,) if isinstance(value, numbers.Integral) else value
        if isinstance(several, str) or not isinstance(several, Iterable):
            raise TypeError(f"{name} must be token ids or sequences of them, got {shown(value)}")
        return tuple(sequence(name, each) for each in plain_items(several, name))

    return field(default=default, metadata={"check": _per_row(check)})


def _pair(name: str, pair: Any) -> tuple[Any, Any]:
    """Check that there are two, the tokens and their bias."""
    if isinstance(pair, str) or not isinstance(pair, Iterable) or len(both := list(pair)) != 2:
        raise TypeError(f"{name} must be a dict of token id to bias, got the entry {shown(pair)}")
    return both[0], both[1]


def biases() -> Any:
    """Declare a parameter that gives a number to token ids or sequences of them; or a list of such, one a row."""

    def check(name: str, value: Any) -> tuple[tuple[tuple[int, ...], float], ...]:
        pairs = value.items() if isinstance(value, Mapping) else value
        if isinstance(pairs, str) or not isinstance(pairs, Iterable):
            raise TypeError(f"{name} must be a dict of token id to bias, got {shown(value)}")
        kept = []
        for tokens, bias in map(_pair, itertools.repeat(name), plain_items(pairs, name)):
            if isinstance(bias, bool) or not isinstance(bias, numbers.Real):
                raise TypeError(f"{name} must give each token a real number, got {shown(bias)}")
            if math.isnan(bias) or bias == math.inf:
                raise ValueError(f"{name} must be finite, or -inf for a ban, got {bias}")
            kept.append((sequence(name, tokens), float(bias)))
        return tuple(kept)

    def rows(name: str, value: Any) -> Any:
        listed = isinstance(value, Sequence) and value and all(isinstance(each, Mapping) for each in value)
        return _per_row(check)(name, PerRow(value) if listed else value)

    return field(metadata={"check": rows})
