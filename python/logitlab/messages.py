"""How an error shows the value that came: its repr, short however large the value is.

Every message of the package, also those of the C functions, shows values by `shown`: a notebook that holds a message of
a megabyte is no longer of use to anyone.
"""

import reprlib
import types
from itertools import product
from typing import Any

MOST = 300  # characters of one value


class _Short(reprlib.Repr):
    """Python's own way to shorten nested values, with a limit for each part."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 3
        self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdict = 10
        self.maxdeque = self.maxarray = 10
        self.maxstring = self.maxother = MOST
        self.maxlong = 60

    def repr1(self, x: Any, level: int) -> str:
        """Return a subclass without a repr of its own is shortened as its base is, which reprlib knows by name."""
        for base in (dict, list, tuple, set, frozenset, int):
            if isinstance(x, base) and type(x).__repr__ is base.__repr__:
                shortened: str = getattr(self, f"repr_{base.__name__}")(x, level)
                return shortened
        return super().repr1(x, level)

    def repr_int(self, x: int, level: int) -> str:
        """Python refuses to write integers of thousands of digits."""
        if x.bit_length() > 4 * self.maxlong:
            return f"{'-' if x < 0 else ''}<an integer of {x.bit_length()} bits>"
        return repr(x)

    def repr_ndarray(self, x: Any, level: int) -> str:
        """Return the repr of a large array would be made in full before it is cut."""
        return repr(x) if x.size <= 100 and x.dtype != object else f"<{_kind(x)}>"


_SHORT = _Short()


def _kind(value: Any) -> str:
    """Return the type of a value, and its size where it has one."""
    name = type(value).__name__
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"{name} of shape {value.shape} and dtype {value.dtype}"[:MOST]
    try:
        return f"{name} of length {len(value)}"
    except Exception:  # a length is a courtesy
        return name


def shown(value: Any) -> str:
    """Return the repr of a value; where that is long, its beginning and what kind of value it is.

    Examples
    --------
    >>> shown("hot"), shown([1, 2.5])
    ("'hot'", '[1, 2.5]')
    >>> len(shown("hot" * 10**6)) < 500, len(shown([["hot"] * 1000] * 1000)) < 500
    (True, True)
    """
    if isinstance(value, types.ModuleType):
        return f"the module {clipped(value.__name__)}"
    if type(value).__module__ == "numpy.dtypes" or type(value).__name__ == "dtype":
        return clipped(str(value))
    text = _SHORT.repr(value)
    if len(text) <= MOST and "..." not in text:
        return text
    return f"{clipped(text)} ({_kind(value)})"


def clipped(text: str) -> str:
    """Return a text, or its two ends where it is long."""
    return text if len(text) <= MOST else f"{text[: MOST - 60]}...{text[-50:]}"


def refuse_tokens(tokens: Any, n: int) -> None:
    """Raise what is wrong with the first of the tokens, an array, that is no index of a row of n.

    Examples
    --------
    >>> import numpy as np
    >>> refuse_tokens(np.array([[0, 1], [2, -1]]), 3)
    Traceback (most recent call last):
    ValueError: tokens must be integers in [0, 3), got -1 at tokens[1, 1]
    """
    for place, token in zip(product(*map(range, tokens.shape)), tokens.ravel().tolist(), strict=True):
        whole = isinstance(token, int) and not isinstance(token, bool)
        if whole and 0 <= token < n:
            continue
        at = f" at tokens[{', '.join(map(str, place))}]" if place else ""
        said = f"tokens must be integers in [0, {n}), got {shown(token)}{at}"
        if whole and token == -100:
            said += ": -100 stands for no token in torch; leave those rows out"
        raise (ValueError if whole else TypeError)(said)
    if tokens.dtype.kind not in "iu":
        raise TypeError(f"tokens must be integers in [0, {n}), got an array of dtype {shown(tokens.dtype)}")
