"""TopK: the k largest logits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from logitlab.ranges import Range
from logitlab.sampling.parameters import Number, choice, number, plain
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class TopK(Step):
    """Keep the k tokens with the largest logits.

    Exactly k are kept, of equal logits the lowest tokens first (llama.cpp, Ollama); with ``ties="keep"`` everything
    that equals the k-th stays as well (transformers, vLLM). 0 and k >= n keep all. From Fan et al. 2018
    (arXiv:1805.04833). Threshold in a trace: the k-th logit.

    Parameters
    ----------
    k : int or array_like of int
        At least 0.
    ties : {"index", "keep"}, optional
        What happens to logits that equal the k-th.
    min_keep : int, optional
        Keep at least so many (k is raised to it where it is above 0).

    Examples
    --------
    >>> from logitlab.sampling import Sampler, TopK
    >>> Sampler([TopK(2)]).probs([1.0, 1.0, 1.0])
    array([0.5, 0.5, 0. ])
    """

    kind: ClassVar[str] = "top_k"
    options: ClassVar[Mapping[str, str]] = {"top_k": "k"}

    k: Number = number()
    ties: str = choice("index", "keep")
    min_keep: int = number(1, range_=Range(1, whole=True))

    def value(self, name: str) -> Any:
        """Return k raised to min_keep."""
        k = self.k
        return (
            plain(np.where(np.greater(k, 0), np.maximum(k, self.min_keep), k))
            if name == "k"
            else super().value(name)
        )
