"""NoRepeatNGram: no sequence of n tokens occurs twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import Number, number
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class NoRepeatNGram(Step):
    """Ban every token that would repeat an n-gram of the history.

    0 is off; 1 bans all that occurred. From Paulus, Xiong and Socher 2017 (arXiv:1705.04304).

    Parameters
    ----------
    n : int or array_like of int
        At least 0.

    Examples
    --------
    >>> from logitlab.sampling import NoRepeatNGram, Sampler
    >>> Sampler([NoRepeatNGram(2)]).probs([1.0, 1.0, 1.0], history=[0, 1, 0])
    array([0.5, 0. , 0.5])
    """

    kind: ClassVar[str] = "no_repeat_ngram"
    options: ClassVar[Mapping[str, str]] = {"no_repeat_ngram_size": "n"}

    n: Number = number()
