"""What `logitlab.sample` does when it is given an option beyond its own four: the call of a Sampler."""

from typing import Any, SupportsIndex

from numpy.typing import ArrayLike

from logitlab.habits import unexpected
from logitlab.sampling.history import History
from logitlab.sampling.options import ALIASES, known
from logitlab.sampling.sampler import Rng, Sampler

_NAMES = ("logits", "size", "axis", "rng", "workers", "history", "generated", *known(), *ALIASES)

_NO_LOGITS = object()  # so that a wrong name is answered before a missing argument is


def sample(
    logits: Any = _NO_LOGITS,
    *,
    size: SupportsIndex | tuple[SupportsIndex, ...] | None = None,
    axis: SupportsIndex | None = -1,
    rng: Rng = None,
    workers: SupportsIndex | None = None,
    history: History = None,
    generated: ArrayLike | None = None,
    **options: Any,
) -> Any:
    """Draw with ``Sampler(**options)``: Ollama's order, every step.

    Raises
    ------
    TypeError
        For a name that is not an option, with the nearest that is.

    Examples
    --------
    >>> import logitlab as ll
    >>> int(ll.sample([0.2, 0.3, 0.1, 0.4], repeat_penalty=2.5, top_k=2, history=[3], rng=7))
    1
    """
    for name in options:
        if name not in known() and name not in ALIASES:
            raise TypeError(unexpected("sample", name, _NAMES))
    if logits is _NO_LOGITS:
        raise TypeError("sample() missing required argument: 'logits'")
    sampler = Sampler(**options)
    return sampler.sample(
        logits, size=size, axis=axis, rng=rng, workers=workers, history=history, generated=generated
    )
