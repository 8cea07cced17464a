"""DynamicTemperature: a temperature that follows the entropy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import Number, number
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class DynamicTemperature(Step):
    """Choose the temperature from the entropy of the row.

    Rule: T' = low + (high - low) (H / ln n)^exponent with low = max(0, T - range), high = T + range, H the entropy in
    nats and n the number of remaining tokens; then z' = z / T'. A range of 0, or one token left, is
    a plain temperature. By kalomaze (2023), as llama.cpp's dynatemp. Threshold in a trace: T'.

    Parameters
    ----------
    temperature : float or array_like of float, optional
        The middle, at least 0.
    range : float or array_like of float, optional
        How far T' may lie from it, at least 0.
    exponent : float or array_like of float, optional
        Above 0; larger keeps more rows cool.

    Examples
    --------
    >>> from logitlab.sampling import DynamicTemperature, Sampler
    >>> trace = Sampler([DynamicTemperature(1.0, range=0.5)]).trace([0.0, 0.0, 0.0])
    >>> trace.temperature.tolist()
    [1.0, 1.5]
    """

    kind: ClassVar[str] = "dynamic_temperature"
    options: ClassVar[Mapping[str, str]] = {"dynatemp_range": "range", "dynatemp_exponent": "exponent"}
    takes: ClassVar[Mapping[str, str]] = {"temperature": "temperature"}

    temperature: Number = number(1.0)
    range: Number = number(0.0)
    exponent: Number = number(1.0)
