"""TopNSigma: a bound in standard deviations of the logits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import Number, number
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class TopNSigma(Step):
    """Keep logits within n standard deviations of the largest.

    Rule: z >= z_max - n std(z), the population's deviation over the remaining tokens (-inf does not count); a
    temperature before or after makes no difference. 0 is off. From Tang et al. 2024 (arXiv:2411.07641). Threshold in a
    trace: the bound, a logit.

    Parameters
    ----------
    n : float or array_like of float
        At least 0.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import Sampler, TopNSigma
    >>> Sampler([TopNSigma(1.0)]).probs(np.log([0.1, 0.2, 0.3, 0.4])).round(3)
    array([0.   , 0.   , 0.429, 0.571])
    """

    kind: ClassVar[str] = "top_n_sigma"
    options: ClassVar[Mapping[str, str]] = {"top_n_sigma": "n"}

    n: Number = number()
