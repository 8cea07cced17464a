"""The rule of smoothing."""

from dataclasses import replace

from logitlab.reference.candidates import Candidates
from logitlab.reference.shares import settled


def smoothing(left: Candidates, factor: float, curve: float = 1.0) -> Candidates:
    """z_max - k f d^2 + s f d^3 with d = z - z_max, k = (3 - curve) / 2, s = (curve - 1) / 2 (kalomaze 2024)."""
    if factor == 0:
        return left
    left = settled(left)
    most, k, s = left.format.largest, (3.0 - curve) / 2.0 * factor, (curve - 1.0) / 2.0 * factor
    distances = [x - left.max for x in left.logits]
    logits = (max(left.max - k * (d * d) + s * (d * d * d), -most) for d in distances)
    return replace(left, logits=tuple(left.format.rounded(z) for z in logits))
