"""The tokens so far, as the kernels take them, whatever sequences they come in."""

import numbers
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logitlab.masks import no_mask
from logitlab.masks import plain as plain_array
from logitlab.messages import shown

History = ArrayLike | Sequence[Sequence[int]] | None

_HISTORY = "history must be token ids, or a sequence of them for each row, got "


def flat_history(history: Any) -> tuple[NDArray[np.int64] | None, NDArray[np.int64] | None]:
    """Return token ids one row after the other, and where each row begins; None where there is one for all."""
    if history is None:
        return None, None
    if isinstance(history, np.ndarray) and history.ndim == 1 and history.dtype != object:
        return _tokens(history), None
    no_mask(history, "history")
    if hasattr(history, "__array__"):
        history = plain_array(history, "history")
    if isinstance(history, str | bytes | Set | Mapping) or not isinstance(history, Iterable):
        raise TypeError(_HISTORY + shown(history))
    rows = list(history)
    if not rows or isinstance(rows[0], numbers.Integral):
        return _tokens(rows), None
    arrays = [_tokens(row) for row in rows]
    offsets = np.cumsum([0, *(len(row) for row in arrays)], dtype=np.int64)
    return np.concatenate(arrays), offsets


def _tokens(row: Any) -> NDArray[np.int64]:
    tokens = plain_array(row, "history")
    if tokens.size == 0:
        return np.empty(0, np.int64)
    if tokens.ndim != 1 or tokens.dtype.kind not in "iu":
        raise TypeError(_HISTORY + shown(row))
    return tokens.astype(np.int64, copy=False)


def counted(generated: ArrayLike | None) -> NDArray[np.int64] | None:
    """Return how many tokens of the history were generated, for each row, as the kernels take it."""
    if generated is None:
        return None
    counts = plain_array(generated, "generated")
    if counts.dtype.kind not in "iu" or (counts < 0).any():
        raise ValueError(
            f"generated must be a number of tokens >= 0 (or one for each row), got {shown(generated)}"
        )
    return counts.astype(np.int64).reshape(-1)
