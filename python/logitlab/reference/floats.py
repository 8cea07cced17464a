"""Floating-point arithmetic, one rounding at a time.

A Python float is an IEEE double, so double precision is Python's own; single precision is a double rounded after every
operation (for one addition, subtraction, multiplication or division that is exact, because a double has more than twice
the bits). A fused multiply-add is computed exactly, as a fraction, and rounded once.
"""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction


def to_single(x: float) -> float:
    """Round a double to the nearest single, to even in the middle."""
    return float(struct.unpack("<f", struct.pack("<f", x))[0])


def next_single(x: float, steps: int) -> float:
    """Return the single that is so many steps up or down from a finite, positive or negative one."""
    bits = struct.unpack("<i", struct.pack("<f", x))[0]
    return float(struct.unpack("<f", struct.pack("<i", bits + (steps if x > 0 else -steps)))[0])


def fused_double(a: float, b: float, c: float) -> float:
    """Return a * b + c, rounded once to double: the quotient of two Python ints is correctly rounded."""
    return float(Fraction(a) * Fraction(b) + Fraction(c))


def fused_single(a: float, b: float, c: float) -> float:
    """Return a * b + c, rounded once to single.

    Rounding to double first could land exactly in the middle of two singles; then the exact value decides.
    """
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    near = to_single(float(exact))
    if near == 0 or math.isinf(near):
        return near
    neighbours = [next_single(near, -1), near, next_single(near, 1)]
    return min(neighbours, key=lambda x: (abs(Fraction(x) - exact), struct.pack("<f", x)[0] & 1))


@dataclass(frozen=True)
class Format:
    """A float format and the constants that the weights use in it."""

    name: str
    rounded: Callable[[float], float]
    fused: Callable[[float, float, float], float]
    magic: float  # adding it leaves an integer in the last bits
    bias: int  # what the power of 2 carries when it is made as the bits of a float
    largest_product: float  # beyond it the maximum is subtracted first
    depth: int
    polynomial: tuple[float, ...]  # 2^f, the highest power first
    least_temperature: float
    largest_temperature: float
    largest: float  # finite number


_hex = float.fromhex

SINGLE = Format(
    name="single",
    rounded=to_single,
    fused=fused_single,
    magic=_hex("0x1.8p23"),
    bias=0,
    largest_product=_hex("0x1p20"),
    depth=50,
    polynomial=tuple(
        map(
            _hex,
            [
                "0x1.4178p-13",
                "0x1.5f0952p-10",
                "0x1.3b2dd4p-7",
                "0x1.c6af7ap-5",
                "0x1.ebfbdcp-3",
                "0x1.62e430p-1",
                "1.0",
            ],
        )
    ),
    least_temperature=_hex("0x1p-64"),
    largest_temperature=_hex("0x1p64"),
    largest=_hex("0x1.fffffep127"),
)

DOUBLE = Format(
    name="double",
    rounded=float,
    fused=fused_double,
    magic=_hex("0x1.8p52"),
    bias=1023,
    largest_product=_hex("0x1p40"),
    depth=580,
    polynomial=tuple(
        map(
            _hex,
            [
                "0x1.e7a9c2a4df95cp-32",
                "0x1.e6214f976464bp-28",
                "0x1.b526792bbba7ap-24",
                "0x1.62bfc392bb64fp-20",
                "0x1.ffcbfba732b79p-17",
                "0x1.43091310d1950p-13",
                "0x1.5d87fe78cf4fcp-10",
                "0x1.3b2ab6fb9f3b9p-7",
                "0x1.c6b08d7049fcfp-5",
                "0x1.ebfbdff82c5adp-3",
                "0x1.62e42fefa39efp-1",
                "1.0",
            ],
        )
    ),
    least_temperature=_hex("0x1p-500"),
    largest_temperature=_hex("0x1p500"),
    largest=_hex("0x1.fffffffffffffp1023"),
)
