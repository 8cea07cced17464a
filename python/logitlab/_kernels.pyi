"""Types of the C functions."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Self, SupportsIndex, TypedDict, TypeVar, Unpack, final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logitlab.sampling.keywords import SampleOptions

_Scalar = TypeVar("_Scalar", bound=np.generic)
# one overload for each float: with a TypeVar mypy would let the wanted type choose the last overload.
# NumPy makes its narrow floats subclasses of the wide ones, so mypy sees an overlap where there is none.
_Whole = NDArray[np.bool] | NDArray[np.integer[Any]]  # become float64
_Rows = Sequence[float] | Sequence[Sequence[float]] | Sequence[Sequence[Sequence[float]]]

class _Targets(TypedDict):
    built: list[str]
    usable: list[str]
    used: str

_Axis = SupportsIndex | tuple[SupportsIndex, ...] | None
_Order = Literal["ascending", "descending"]
_Workers = SupportsIndex | None
_Rng = np.random.Generator | np.random.BitGenerator | np.random.SeedSequence | SupportsIndex | None

@overload
def softargmax(  # type: ignore[overload-overlap]
    x: NDArray[np.float16],
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    out: NDArray[np.float16] | None = None,
    workers: _Workers = None,
) -> NDArray[np.float16]: ...
@overload
def softargmax(  # type: ignore[overload-overlap]
    x: NDArray[np.float32],
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    out: NDArray[np.float32] | None = None,
    workers: _Workers = None,
) -> NDArray[np.float32]: ...
@overload
def softargmax(
    x: NDArray[np.float64] | _Whole | _Rows,
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    out: NDArray[np.float64] | None = None,
    workers: _Workers = None,
) -> NDArray[np.float64]: ...
@overload
def softargmax(
    x: ArrayLike,
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    out: NDArray[Any] | None = None,
    workers: _Workers = None,
) -> NDArray[Any]: ...
@overload
def log_softargmax(  # type: ignore[overload-overlap]
    x: NDArray[np.float16],
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    out: NDArray[np.float16] | None = None,
    workers: _Workers = None,
) -> NDArray[np.float16]: ...
@overload
def log_softargmax(  # type: ignore[overload-overlap]
    x: NDArray[np.float32],
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    out: NDArray[np.float32] | None = None,
    workers: _Workers = None,
) -> NDArray[np.float32]: ...
@overload
def log_softargmax(
    x: NDArray[np.float64] | _Whole | _Rows,
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    out: NDArray[np.float64] | None = None,
    workers: _Workers = None,
) -> NDArray[np.float64]: ...
@overload
def log_softargmax(
    x: ArrayLike,
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    out: NDArray[Any] | None = None,
    workers: _Workers = None,
) -> NDArray[Any]: ...
@overload
def logsumexp(  # type: ignore[overload-overlap]
    x: NDArray[np.float16], T: ArrayLike = 1.0, *, axis: _Axis = -1, workers: _Workers = None
) -> np.float16 | NDArray[np.float16]: ...
@overload
def logsumexp(  # type: ignore[overload-overlap]
    x: NDArray[np.float32], T: ArrayLike = 1.0, *, axis: _Axis = -1, workers: _Workers = None
) -> np.float32 | NDArray[np.float32]: ...
@overload
def logsumexp(
    x: NDArray[np.float64] | _Whole | _Rows, T: ArrayLike = 1.0, *, axis: _Axis = -1, workers: _Workers = None
) -> np.float64 | NDArray[np.float64]: ...
@overload
def logsumexp(x: ArrayLike, T: ArrayLike = 1.0, *, axis: _Axis = -1, workers: _Workers = None) -> Any: ...
@overload
def token_logprobs(  # type: ignore[overload-overlap]
    logits: NDArray[np.float16],
    tokens: ArrayLike,
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    workers: _Workers = None,
) -> np.float16 | NDArray[np.float16]: ...
@overload
def token_logprobs(  # type: ignore[overload-overlap]
    logits: NDArray[np.float32],
    tokens: ArrayLike,
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    workers: _Workers = None,
) -> np.float32 | NDArray[np.float32]: ...
@overload
def token_logprobs(
    logits: NDArray[np.float64] | _Whole | _Rows,
    tokens: ArrayLike,
    T: ArrayLike = 1.0,
    *,
    axis: _Axis = -1,
    workers: _Workers = None,
) -> np.float64 | NDArray[np.float64]: ...
@overload
def token_logprobs(
    logits: ArrayLike, tokens: ArrayLike, T: ArrayLike = 1.0, *, axis: _Axis = -1, workers: _Workers = None
) -> Any: ...
@overload
def top_k(  # type: ignore[overload-overlap]
    logits: NDArray[np.float16],
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: Literal[False] = False,
) -> NDArray[np.float16]: ...
@overload
def top_k(  # type: ignore[overload-overlap]
    logits: NDArray[np.float32],
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: Literal[False] = False,
) -> NDArray[np.float32]: ...
@overload
def top_k(
    logits: NDArray[np.float64],
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: Literal[False] = False,
) -> NDArray[np.float64]: ...
@overload
def top_k(
    logits: NDArray[_Scalar],
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: Literal[False] = False,
) -> NDArray[_Scalar]: ...
@overload
def top_k(
    logits: ArrayLike,
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: Literal[False] = False,
) -> NDArray[Any]: ...
@overload
def top_k(  # type: ignore[overload-overlap]
    logits: NDArray[np.float16],
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: Literal[True],
) -> tuple[NDArray[np.float16], NDArray[np.intp]]: ...
@overload
def top_k(  # type: ignore[overload-overlap]
    logits: NDArray[np.float32],
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: Literal[True],
) -> tuple[NDArray[np.float32], NDArray[np.intp]]: ...
@overload
def top_k(
    logits: NDArray[np.float64],
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: Literal[True],
) -> tuple[NDArray[np.float64], NDArray[np.intp]]: ...
@overload
def top_k(
    logits: NDArray[_Scalar],
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: Literal[True],
) -> tuple[NDArray[_Scalar], NDArray[np.intp]]: ...
@overload
def top_k(
    logits: ArrayLike,
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: Literal[True],
) -> tuple[NDArray[Any], NDArray[np.intp]]: ...
@overload
def top_k(
    logits: ArrayLike,
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
    return_indices: bool = False,
) -> NDArray[Any] | tuple[NDArray[Any], NDArray[np.intp]]: ...
def argtop_k(
    logits: ArrayLike,
    k: SupportsIndex,
    *,
    axis: _Axis = -1,
    order: _Order = "ascending",
    workers: _Workers = None,
) -> NDArray[np.intp]: ...
@overload
def sample(
    logits: ArrayLike,
    *,
    temperature: ArrayLike | None = 1.0,
    top_k: ArrayLike | None = None,
    top_p: ArrayLike | None = None,
    min_p: ArrayLike | None = None,
    size: SupportsIndex | tuple[SupportsIndex, ...],
    axis: _Axis = -1,
    rng: _Rng = None,
    workers: _Workers = None,
    **options: Unpack[SampleOptions],
) -> NDArray[np.intp]: ...
@overload
def sample(
    logits: Sequence[float],
    *,
    temperature: float | None = 1.0,
    top_k: float | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    size: None = None,
    axis: _Axis = -1,
    rng: _Rng = None,
    workers: _Workers = None,
    **options: Unpack[SampleOptions],
) -> np.intp: ...
@overload
def sample(
    logits: ArrayLike,
    *,
    temperature: ArrayLike | None = 1.0,
    top_k: ArrayLike | None = None,
    top_p: ArrayLike | None = None,
    min_p: ArrayLike | None = None,
    size: SupportsIndex | tuple[SupportsIndex, ...] | None = None,
    axis: _Axis = -1,
    rng: _Rng = None,
    workers: _Workers = None,
    **options: Unpack[SampleOptions],
) -> np.intp | NDArray[np.intp]: ...
def targets() -> _Targets: ...
def threads_of(workers: _Workers, /) -> int: ...
def set_workers(workers: SupportsIndex, /) -> int: ...

# name -> its traits, and its parameters in the kernels' order: name, kind ("real", "whole", "flag", "edges" or
# "state"), low, high, whether low itself is excluded, the value at which the step does nothing or None
_Parameter = tuple[str, str, float, float, bool, float | None]
STEPS: Mapping[str, tuple[frozenset[str], tuple[_Parameter, ...]]]

@final
class Session:
    def __new__(
        cls,
        weights: memoryview,
        shape: tuple[int | float, ...],
        tensors: tuple[tuple[int, int, int], ...],
        /,
    ) -> Self: ...
    def forward(
        self, tokens: list[int], start: int, logits: NDArray[np.float32] | None, workers: _Workers = None, /
    ) -> None: ...

@final
class Chain:
    def __new__(
        cls, steps: tuple[tuple[str, tuple[tuple[str, Any], ...], tuple[tuple[Any, Any], ...]], ...], /
    ) -> Self: ...
    def sample(
        self,
        logits: ArrayLike,
        *,
        axis: _Axis = -1,
        history: NDArray[np.int64] | None = None,
        offsets: NDArray[np.int64] | None = None,
        generated: NDArray[np.int64] | None = None,
        workers: _Workers = None,
        size: SupportsIndex | tuple[SupportsIndex, ...] | None = None,
        rng: _Rng = None,
        looks: tuple[int, ...] | None = None,
    ) -> Any: ...
    def probs(
        self,
        logits: ArrayLike,
        *,
        axis: _Axis = -1,
        history: NDArray[np.int64] | None = None,
        offsets: NDArray[np.int64] | None = None,
        generated: NDArray[np.int64] | None = None,
        workers: _Workers = None,
        coins: ArrayLike | None = None,
    ) -> NDArray[Any]: ...
    def trace(
        self,
        logits: ArrayLike,
        *,
        axis: _Axis = -1,
        history: NDArray[np.int64] | None = None,
        offsets: NDArray[np.int64] | None = None,
        generated: NDArray[np.int64] | None = None,
        workers: _Workers = None,
        coins: ArrayLike | None = None,
    ) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[Any], NDArray[Any], NDArray[Any]]: ...
