"""Parameters of steps: a number, or an array of them that broadcasts against the rows of a batch.

Every parameter is checked when the step is made, and a wrong one is an error that names it and its range. What
is kept cannot change: an int, a float, or a read-only array of them.
"""

import itertools
import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from logitlab.masks import no_mask, plain_items
from logitlab.messages import shown
from logitlab.ranges import Range

Number = ArrayLike  # of one parameter: a number, or an array of them


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
        raise AttributeError(f"PerRow is immutable; cannot set {name}")

    def __reduce__(self) -> tuple[Any, ...]:
        return PerRow, (self.values,)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PerRow) and self.values == other.values

    def __hash__(self) -> int:
        return hash(self.values)

    def __repr__(self) -> str:
        return f"PerRow({list(self.values)!r})"


def each_row(value: Any) -> tuple[Any, ...]:
    """Return the lists of a parameter: one for all rows, or one for each."""
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
    """Return a number as float64: a float, or an array of them."""
    array = np.asarray(values, dtype=np.float64)
    return array if array.ndim else float(array)


def number(default: Any = MISSING, *, range_: Range | None = None) -> Any:
    """Declare a numeric parameter; its range is that of the table of steps, unless the kernels do not get it."""
    return field(default=default, metadata={"check": range_.check if range_ else None})


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
