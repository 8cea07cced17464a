"""MinP: a bound relative to the best token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.steps.families import Share


@dataclass(frozen=True, eq=False, repr=False)
class MinP(Share):
    """Keep what is at least p times as likely as the best token.

    Rule: z >= z_max + T ln p, so no sum is needed; with `strict` the bound itself is removed, as on llama.cpp's GPU
    path. 0 keeps all. From Nguyen et al. 2024 (arXiv:2407.01082). Threshold in a trace: p.

    Parameters
    ----------
    p : float or array_like of float
        In [0, 1].
    min_keep : int, optional
        Keep at least so many.
    strict : bool, optional
        Whether a token at the bound goes.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import MinP, Sampler
    >>> Sampler([MinP(0.51)]).probs(np.log([0.1, 0.2, 0.3, 0.4])).round(3)
    array([0.   , 0.   , 0.429, 0.571])
    """

    kind: ClassVar[str] = "min_p"
    options: ClassVar[Mapping[str, str]] = {"min_p": "p"}
