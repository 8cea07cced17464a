"""Numbers as the sum of two doubles, and the logarithm: what a row needs once, without fused operations.

The same operations in the same order as csrc/kernels/exact.h, so that a threshold has the same bits in both.
"""

import struct
from typing import NamedTuple


class Two(NamedTuple):
    """The unevaluated sum high + low, with low no larger than half a last place of high."""

    high: float
    low: float


LOG2_E = Two(float.fromhex("0x1.71547652b82fep+0"), float.fromhex("0x1.777d0ffda0d24p-56"))
LN_2 = Two(float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56"))


def two_sum(a: float, b: float) -> Two:
    """Return a + b, exactly (Knuth)."""
    s = a + b
    bb = s - a
    return Two(s, (a - (s - bb)) + (b - bb))


def fast_two_sum(a: float, b: float) -> Two:
    """Return a + b, exactly, where a is the larger (Dekker)."""
    s = a + b
    return Two(s, b - (s - a))


def two_product(a: float, b: float) -> Two:
    """Return a * b, exactly (Dekker, with Veltkamp's splitting)."""
    p = a * b
    ta, tb = a * 134217729.0, b * 134217729.0
    ah, bh = ta - (ta - a), tb - (tb - b)
    al, bl = a - ah, b - bh
    return Two(p, ((ah * bh - p) + ah * bl + al * bh) + al * bl)


def add(a: Two, b: Two) -> Two:
    """Return a + b."""
    s = two_sum(a.high, b.high)
    return fast_two_sum(s.high, s.low + (a.low + b.low))


def scale(a: Two, b: float) -> Two:
    """Return a * b."""
    p = two_product(a.high, b)
    return fast_two_sum(p.high, p.low + a.low * b)


def divide(a: Two, b: float) -> Two:
    """Return a / b."""
    q = a.high / b
    p = two_product(q, b)
    rest = ((a.high - p.high) - p.low) + a.low
    return fast_two_sum(q, rest / b)


def log(x: float) -> Two:
    """ln(x) of a positive, normal x: x = 2^e m, ln m = 2 artanh((m - 1) / (m + 1))."""
    bits = struct.unpack("<q", struct.pack("<d", x))[0]
    e = ((bits + 0x00095F619980C433) >> 52) - 1023
    m = struct.unpack("<d", struct.pack("<q", bits - (e << 52)))[0]
    f, g = m - 1.0, m + 1.0
    s = divide(Two(f, 0.0), g)
    s = fast_two_sum(s.high, s.low - s.high * ((m - g) + 1.0) / g)  # m + 1 was rounded
    z = s.high * s.high
    p = 1 / 25
    for odd in range(23, 1, -2):
        p = 1 / odd + z * p
    log_m = fast_two_sum(2.0 * s.high, 2.0 * (s.low + s.high * z * p))
    return add(scale(LN_2, float(e)), log_m)
