"""The distributions that coins choose between, as one, with the axis of the vocabulary where the caller has it."""

from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike, NDArray


def mixture(parts: list[tuple[Any, NDArray[Any]]]) -> NDArray[Any]:
    """Return the mean of distributions, each with its weight."""
    if len(parts) == 1:
        return parts[0][1]
    dtype = parts[0][1].dtype
    mixed = np.zeros(())
    for weight, probs in parts:
        mixed = mixed + np.asarray(weight)[..., None] * probs.astype(np.float64)
    return mixed.astype(dtype)


def in_place(
    rows: NDArray[Any], logits: ArrayLike, axis: SupportsIndex | tuple[SupportsIndex, ...] | None
) -> NDArray[Any]:
    """Put the last axis where it was; several that became one, back as they were."""
    if isinstance(axis, tuple):
        shape = np.shape(logits)
        axes = sorted(int(each) % len(shape) - len(shape) for each in axis)
        parts = rows.reshape(*rows.shape[:-1], *(shape[each] for each in axes))
        return np.ascontiguousarray(np.moveaxis(parts, range(-len(axes), 0), axes))
    if axis is None:
        return rows.reshape(np.shape(logits)) if rows.size == np.size(logits) else rows
    at = int(axis.__index__())
    ndim = np.ndim(logits)
    from_end = at - ndim if at >= 0 else at
    return rows if from_end == -1 else np.ascontiguousarray(np.moveaxis(rows, -1, from_end))
