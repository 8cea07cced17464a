"""EpsilonCutoff: a lower bound on the probability."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.steps.families import Cutoff


@dataclass(frozen=True, eq=False, repr=False)
class EpsilonCutoff(Cutoff):
    """Keep tokens with a probability of at least epsilon, and always the best min_keep.

    Rule: p_i >= epsilon, compared exactly on integer weights. 0 is off. From Hewitt, Manning and Liang 2022
    (arXiv:2210.15191). Threshold in a trace: epsilon.

    Parameters
    ----------
    epsilon : float or array_like of float
        In [0, 1].
    min_keep : int, optional
        Keep at least so many.
    ties : {"index", "keep"}, optional
        What happens, where fewer than min_keep reach the cutoff, to logits that equal the last of the best min_keep:
        the lowest tokens stay, or all of them (transformers).

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import EpsilonCutoff, Sampler
    >>> Sampler([EpsilonCutoff(0.25)]).probs(np.log([0.1, 0.2, 0.3, 0.4])).round(3)
    array([0.   , 0.   , 0.429, 0.571])
    """

    kind: ClassVar[str] = "epsilon_cutoff"
    options: ClassVar[Mapping[str, str]] = {"epsilon_cutoff": "epsilon"}
