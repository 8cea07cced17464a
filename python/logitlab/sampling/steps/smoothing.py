"""Smoothing: a curve in place of a temperature."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import Number, number
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class Smoothing(Step):
    """Let logits fall off from the largest with the square of their distance ("quadratic sampling").

    Rule: z' = z_max - k f d^2 + s f d^3 with d = z - z_max, k = (3 - curve) / 2, s = (curve - 1) / 2: near the best
    flatter, far from it steeper. Factor 0 is off. By kalomaze (2024), as in text-generation-webui.

    Parameters
    ----------
    factor : float or array_like of float
        At least 0.
    curve : float or array_like of float, optional
        In [1, 3]; 1 is the parabola.

    Examples
    --------
    >>> from logitlab.sampling import Sampler, Smoothing
    >>> Sampler([Smoothing(1.0)]).probs([2.0, 1.5, -1.0]).round(3)
    array([0.562, 0.438, 0.   ])
    """

    kind: ClassVar[str] = "smoothing"
    options: ClassVar[Mapping[str, str]] = {"smoothing_factor": "factor", "smoothing_curve": "curve"}

    factor: Number = number()
    curve: Number = number(1.0)
