"""TopA: a bound that falls with the square of the best probability."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import Number, number
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class TopA(Step):
    """Keep tokens of at least a times the square of the best probability.

    Rule: p_i >= a p_max^2: strict where the model is sure, open where it is not. 0 keeps all. By BlinkDL (2022), as in
    KoboldAI. Threshold in a trace: the bound, a probability.

    Parameters
    ----------
    a : float or array_like of float
        In [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import Sampler, TopA
    >>> Sampler([TopA(1.0)]).probs(np.log([0.1, 0.2, 0.3, 0.4])).round(3)
    array([0.   , 0.222, 0.333, 0.444])
    """

    kind: ClassVar[str] = "top_a"
    options: ClassVar[Mapping[str, str]] = {"top_a": "a"}

    a: Number = number()
