"""The weight of a logit: 2^(x * log2(e) / T - I), near 1 for the largest.

x * log2(e) / T is taken by fused operations with the constant in two parts, so that nothing is lost by rounding the
argument; I is the integer next to the maximum's argument. See docs/arithmetic.md.
"""

from dataclasses import dataclass
from functools import cached_property

from logitlab.reference.exact import LOG2_E, divide
from logitlab.reference.floats import Format


@dataclass(frozen=True)
class Scale:
    """What the weights of one row have in common: its maximum and the temperature, as the arithmetic needs them."""

    format: Format
    max: float
    temperature: float

    @cached_property
    def constants(self) -> tuple[float, float]:
        """log2(e) / T in two parts of the format."""
        if self.format.name == "double":
            return divide(LOG2_E, self.temperature)
        c = LOG2_E.high / self.temperature
        high = self.format.rounded(c)
        return high, self.format.rounded(c - high)

    @cached_property
    def subtracted(self) -> float:
        """The maximum where its argument is too large to be held beside the others', else 0."""
        c = LOG2_E.high / self.temperature if self.format.name == "single" else self.constants[0]
        return self.max if abs(self.max * c) > self.format.largest_product else 0.0

    @cached_property
    def integer(self) -> int:
        """I: the integer next to the maximum's argument."""
        f = self.format
        argument = f.rounded(f.rounded(self.max - self.subtracted) * self.constants[0])
        return int(f.rounded(f.rounded(argument + f.magic) - f.magic))

    def floor(self, factor: int) -> float:
        """Return the logit below which every weight is held: none of them shows."""
        f = self.format
        return f.rounded((self.max - self.subtracted) - (factor + f.depth) / self.constants[0])


def _last_step(x: float, scale: Scale, factor: int) -> tuple[float, float, float, float]:
    """Return y, fraction, the last coefficient and a power of 2: the weight is (y * fraction + coefficient) * power."""
    f = scale.format
    high, low = scale.constants
    x = max(f.rounded(x - scale.subtracted), scale.floor(factor))
    magic = f.magic + (factor - scale.integer + f.bias)
    k = f.rounded(f.fused(x, high, magic) - magic)
    fraction = f.fused(x, low, f.fused(x, high, -k))
    *coefficients, last = f.polynomial
    y = coefficients[0]
    for coefficient in coefficients[1:]:
        y = f.fused(y, fraction, coefficient)
    return y, fraction, last, 2.0 ** (k + factor - scale.integer)


def weight(x: float, scale: Scale, factor: int = 0) -> float:
    """Return the weight of x, times 2^factor.

    >>> from logitlab.reference import DOUBLE
    >>> weight(0.0, Scale(DOUBLE, max=0.0, temperature=1.0))
    1.0
    """
    y, fraction, last, power = _last_step(x, scale, factor)
    return scale.format.fused(y, fraction, last) * power


def weight_and_error(x: float, scale: Scale, factor: int = 0) -> tuple[float, float]:
    """Return the weight of x, times 2^factor, and what its last rounding lost."""
    y, fraction, last, power = _last_step(x, scale, factor)
    fused = scale.format.fused
    whole = fused(y, fraction, last)
    return whole * power, fused(y, fraction, last - whole) * power
