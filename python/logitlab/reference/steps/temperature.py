"""The rule of temperature."""

import math
from dataclasses import replace

from logitlab.reference.candidates import Candidates
from logitlab.reference.steps.top_k import top_k


def temperature(left: Candidates, T: float) -> Candidates:
    """Divide the logits by T, when weights are taken; 0 keeps the first maximum, inf makes all alike.

    A T whose reciprocal is not a normal number is applied at once, to the distance from the maximum.
    """
    total = left.temperature * T
    if total == 0:
        return top_k(left, 1)
    if left.format.least_temperature <= total <= left.format.largest_temperature:
        return replace(left, temperature=total)

    def argument(x: float) -> float:
        if x == left.max or total == math.inf:
            return 0.0
        return max((x - left.max) / total, -1e4)

    return replace(left, logits=tuple(left.format.rounded(argument(x)) for x in left.logits), temperature=1.0)
