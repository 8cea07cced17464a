"""Temperature: the logits divided by T."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import Number, number
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class Temperature(Step):
    """Divide the logits by T: below 1 sharper, above 1 flatter.

    Rule: z' = z / T. T = 0 keeps the first maximum alone (the greedy choice); T = inf makes the remaining tokens
    equally likely. Temperatures of several steps multiply. From Ackley, Hinton and Sejnowski 1985.

    Parameters
    ----------
    temperature : float or array_like of float
        At least 0.

    Examples
    --------
    >>> from logitlab.sampling import Sampler, Temperature
    >>> Sampler([Temperature(0.5)]).probs([0.0, 1.0]).round(3)
    array([0.119, 0.881])
    """

    kind: ClassVar[str] = "temperature"
    options: ClassVar[Mapping[str, str]] = {"temperature": "temperature"}

    temperature: Number = number()
