"""The rule of dynamic_temperature."""

import math

from logitlab.reference.candidates import Candidates
from logitlab.reference.exact import log
from logitlab.reference.powers import power
from logitlab.reference.shares import shares
from logitlab.reference.steps.temperature import temperature


def dynamic_temperature(
    left: Candidates, T: float = 1.0, range: float = 0.0, exponent: float = 1.0
) -> Candidates:
    """Divide by T - range to T + range, by (H / ln n)^exponent (kalomaze 2023)."""
    count = len(left.tokens)
    if range > 0 and count > 1 and not math.isinf(T):
        low, high = max(T - range, 0.0), T + range
        undecided = min(shares(left).entropy / log(float(count)).high, 1.0)
        part = power(undecided, exponent) if undecided > 0 else 0.0
        T = low + (high - low) * part if part > 0 else low
    return temperature(left, T)
