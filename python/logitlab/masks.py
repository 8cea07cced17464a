"""Arrays come in as they are: an array with a mask is an error, wherever it comes in.

NumPy drops the mask of a masked array on the way to a plain one, and what was masked would take part. The C functions
refuse masks in csrc/numpy/masks.c; Python that makes an array of what a user gives does so by `plain`. This needs no
NumPy, so that the rules in plain Python can use it.
"""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

_LEVELS = 64  # of nested sequences: as many dimensions as an array can have
_NUMBERS = frozenset({float, int, bool, str, bytes})


def has_mask(value: Any) -> bool:
    """Return whether a value is a masked array, whatever its mask, or a sequence that holds one."""
    return _has_mask(value, _LEVELS)


def _has_mask(value: Any, levels: int) -> bool:
    if hasattr(value, "mask") and hasattr(value, "filled"):
        return True
    if isinstance(value, str | bytes) or hasattr(value, "__array__") or not levels:
        return False
    if not (hasattr(value, "__getitem__") and hasattr(value, "__len__")) or hasattr(value, "keys"):
        return False
    if _NUMBERS.issuperset(map(type, value)):
        return False
    return any(_has_mask(each, levels - 1) for each in value)


def refusal(name: str) -> str:
    """Return what is said of a mask; the C functions say the same."""
    return (
        f"{name} must be an array without a mask, got a masked array: fill it first, with x.filled(-np.inf) if what is "
        "masked cannot be drawn"
    )


def no_mask(value: Any, name: str) -> None:
    """Raise TypeError for a masked array, and for a sequence that holds one.

    Examples
    --------
    >>> no_mask([0.0, 1.0], "logits")
    >>> import numpy as np
    >>> no_mask([np.ma.array([0.0, 1.0])], "logits")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    TypeError: logits must be an array without a mask, got a masked array: ...
    """
    if has_mask(value):
        raise TypeError(refusal(name))


def unmasked(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function refuse masks in all of its arguments."""
    names = list(inspect.signature(function).parameters)

    @wraps(function)
    def call(*args: P.args, **keywords: P.kwargs) -> R:
        for name, value in (*zip(names, args, strict=False), *keywords.items()):
            no_mask(value, name)
        return function(*args, **keywords)

    return call


def plain(value: Any, name: str) -> "NDArray[Any]":
    """Return a value as `np.asarray` does, and refuse a mask in place of dropping it."""
    import numpy as np

    no_mask(value, name)
    array = np.asanyarray(value)  # keeps the mask that an object's own __array__ brings
    no_mask(array, name)
    return np.asarray(array)


def plain_items(values: Iterable[Any], name: str) -> list[Any]:
    """Return the items of an iterable, none of which is masked."""
    no_mask(values, name)
    items = list(values)
    no_mask(items, name)
    return items
