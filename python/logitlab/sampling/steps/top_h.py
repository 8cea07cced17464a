"""TopH: the best tokens up to a fraction of the entropy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import Number, number
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class TopH(Step):
    """Keep the best tokens until they use up a fraction of the entropy.

    Rule: of the best `considered` tokens, renormalised, with H their entropy: keep the best while the running sum of
    -p ln p is at most h H; the first is always kept. From Potraghloo et al. 2025 (arXiv:2509.02510), as transformers
    has it. Threshold in a trace: h H, in nats.

    Parameters
    ----------
    h : float or array_like of float
        In (0, 1].
    considered : int, optional
        How many of the best are considered.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import Sampler, TopH
    >>> Sampler([TopH(0.4)]).probs(np.log([0.75, 0.25]))
    array([1., 0.])
    """

    kind: ClassVar[str] = "top_h"
    options: ClassVar[Mapping[str, str]] = {"top_h": "h"}

    h: Number = number()
    considered: int = number(100)
