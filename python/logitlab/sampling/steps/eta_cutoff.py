"""EtaCutoff: a lower bound on the probability that falls with the entropy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.steps.families import Cutoff


@dataclass(frozen=True, eq=False, repr=False)
class EtaCutoff(Cutoff):
    """Keep tokens above a probability threshold that falls as the entropy rises.

    Rule: p_i >= min(epsilon, sqrt(epsilon) exp(-H)), H in nats. 0 is off. From Hewitt, Manning and Liang 2022
    (arXiv:2210.15191). Threshold in a trace: the cutoff.

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
    >>> from logitlab.sampling import EtaCutoff, Sampler
    >>> Sampler([EtaCutoff(0.0625)]).probs(np.log([0.01, 0.04, 0.9, 0.05]))
    array([0., 0., 1., 0.])
    """

    kind: ClassVar[str] = "eta_cutoff"
    options: ClassVar[Mapping[str, str]] = {"eta_cutoff": "epsilon"}
