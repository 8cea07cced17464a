"""PLess: a bound without a parameter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from logitlab.sampling.parameters import flag
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class PLess(Step):
    """Keep tokens whose probability is at least the collision probability, the sum of p^2.

    Rule: p_i >= sum of p_j^2, compared exactly on integer weights. It has no parameter. From arXiv:2509.23234 (2025),
    as in llama.cpp. Threshold in a trace: the sum, a probability.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import PLess, Sampler
    >>> Sampler([PLess()]).probs(np.log([0.1, 0.15, 0.2, 0.25, 0.3])).round(3)
    array([0.   , 0.   , 0.   , 0.455, 0.545])
    """

    kind: ClassVar[str] = "p_less"
    options: ClassVar[Mapping[str, str]] = {"p_less": "on"}

    on: Any = flag(True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.on:
            raise ValueError("p_less must be True, got False: leave it out for no p_less")
