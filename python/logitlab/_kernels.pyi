"""Types of the C functions."""

from typing import Any, Self, SupportsIndex, TypedDict, final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

class _Targets(TypedDict):
    built: list[str]
    usable: list[str]
    used: str

_Rng = np.random.Generator | np.random.BitGenerator | np.random.SeedSequence | SupportsIndex | None

def softargmax(
    x: ArrayLike, T: ArrayLike = 1.0, *, axis: SupportsIndex | None = -1, out: NDArray[Any] | None = None
) -> NDArray[Any]: ...
def log_softargmax(
    x: ArrayLike, T: ArrayLike = 1.0, *, axis: SupportsIndex | None = -1, out: NDArray[Any] | None = None
) -> NDArray[Any]: ...
def top_k(logits: ArrayLike, k: SupportsIndex, *, axis: SupportsIndex | None = -1) -> NDArray[Any]: ...
def argtop_k(logits: ArrayLike, k: SupportsIndex, *, axis: SupportsIndex | None = -1) -> NDArray[np.intp]: ...
@overload
def sample(
    logits: ArrayLike,
    *,
    temperature: ArrayLike | None = 1.0,
    top_k: ArrayLike | None = None,
    top_p: ArrayLike | None = None,
    min_p: ArrayLike | None = None,
    size: None = None,
    axis: SupportsIndex | None = -1,
    rng: _Rng = None,
    **options: Any,
) -> Any: ...
@overload
def sample(
    logits: ArrayLike,
    *,
    temperature: ArrayLike | None = 1.0,
    top_k: ArrayLike | None = None,
    top_p: ArrayLike | None = None,
    min_p: ArrayLike | None = None,
    size: SupportsIndex | tuple[SupportsIndex, ...],
    axis: SupportsIndex | None = -1,
    rng: _Rng = None,
    **options: Any,
) -> NDArray[np.intp]: ...
def targets() -> _Targets: ...

@final
class Chain:
    def __new__(
        cls, steps: tuple[tuple[str, tuple[tuple[str, Any], ...], tuple[tuple[Any, Any], ...]], ...], /
    ) -> Self: ...
    def sample(
        self,
        logits: ArrayLike,
        *,
        axis: SupportsIndex | None = -1,
        history: NDArray[np.int64] | None = None,
        offsets: NDArray[np.int64] | None = None,
        generated: NDArray[np.int64] | None = None,
        size: SupportsIndex | tuple[SupportsIndex, ...] | None = None,
        rng: _Rng = None,
        looks: tuple[int, ...] | None = None,
    ) -> Any: ...
    def probs(
        self,
        logits: ArrayLike,
        *,
        axis: SupportsIndex | None = -1,
        history: NDArray[np.int64] | None = None,
        offsets: NDArray[np.int64] | None = None,
        generated: NDArray[np.int64] | None = None,
        coins: ArrayLike | None = None,
    ) -> NDArray[Any]: ...
    def trace(
        self,
        logits: ArrayLike,
        *,
        axis: SupportsIndex | None = -1,
        history: NDArray[np.int64] | None = None,
        offsets: NDArray[np.int64] | None = None,
        generated: NDArray[np.int64] | None = None,
        coins: ArrayLike | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[Any], NDArray[Any], NDArray[Any]]: ...
