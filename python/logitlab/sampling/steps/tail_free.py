"""TailFree: the tail is cut where the curve of the probabilities flattens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import Number, number
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class TailFree(Step):
    """Cut the tail where the second derivative of the sorted probabilities has accumulated to z.

    Rule: d_i = |p_i - 2 p_(i+1) + p_(i+2)| over the sorted probabilities, divided by their sum; the list ends at the
    first i (at least min_keep) whose running sum exceeds z. 1 keeps all. From Phelps 2019, as llama.cpp had it until
    2024. Threshold in a trace: z.

    Parameters
    ----------
    z : float or array_like of float
        In [0, 1].
    min_keep : int, optional
        Keep at least so many.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import Sampler, TailFree
    >>> Sampler([TailFree(0.5)]).probs(np.log([0.1, 0.15, 0.2, 0.25, 0.3])).round(3)
    array([0.   , 0.   , 0.   , 0.455, 0.545])
    """

    kind: ClassVar[str] = "tail_free"
    options: ClassVar[Mapping[str, str]] = {"tfs_z": "z"}

    z: Number = number()
    min_keep: int = number(1)
