"""The rule of the draw, in integers.

Each candidate's weight becomes the integer q = rint(w * 2^s). One double of the generator, taken as the integer
u = double * 2^53, gives the first token, in token order, whose running sum of q exceeds floor(u * total / 2^53).
There is always one, and it never has q = 0, because that quotient is smaller than the total.
"""

import numbers
from collections.abc import Sequence

from logitlab.messages import shown
from logitlab.reference.weights import Scale, weight


def shift(n: int) -> int:
    """s, so that the sum of n weights fits 63 bits: min(44, 62 - ceil(log2 n)).

    >>> shift(49_152), shift(1 << 20)
    (44, 42)
    """
    return min(44, 62 - (n - 1).bit_length())


def integers(logits: Sequence[float], scale: Scale, n: int) -> list[int]:
    """Return q of each logit, in a row of n tokens (Python's round goes to even in the middle, as rint does)."""
    return [round(weight(x, scale, shift(n))) for x in logits]


def _in_the_interval(uniform: object) -> float:
    if isinstance(uniform, numbers.Real) and 0 <= float(uniform) < 1:
        return float(uniform)
    raise ValueError(f"uniform must be a number in [0, 1), got {shown(uniform)}")


def draw(q: Sequence[int], uniform: float) -> int:
    """Return the position whose running sum is the first to exceed floor(u * total / 2^53).

    >>> draw([1, 0, 3], 0.0), draw([1, 0, 3], 0.25), draw([1, 0, 3], 1 - 2**-53)
    (0, 2, 2)
    """
    target = int(_in_the_interval(uniform) * 2**53) * sum(q) >> 53
    running = 0
    for position, weight_ in enumerate(q):
        running += weight_
        if running > target:
            return position
    raise ValueError("q must have a positive total")
