"""exp and powers in plain doubles: the same operations in the same order as csrc/kernels/exact.h."""

import math

from logitlab.reference.exact import LOG2_E, log, scale

# 2^f on [-1/2, 1/2], the highest power first; the constant term is 1
_POLYNOMIAL = tuple(
    float.fromhex(coefficient)
    for coefficient in (
        "0x1.c2c55ba8cebb1p-36",
        "0x1.ea03392b42c3dp-32",
        "0x1.e4d077c5e16d5p-28",
        "0x1.b524dbf4bf9e7p-24",
        "0x1.62c021dd76a48p-20",
        "0x1.ffcbfc7592b2ep-17",
        "0x1.430912f885d68p-13",
        "0x1.5d87fe78a23ebp-10",
        "0x1.3b2ab6fba4e15p-7",
        "0x1.c6b08d704a0d0p-5",
        "0x1.ebfbdff82c58fp-3",
        "0x1.62e42fefa39efp-1",
    )
)


def exp(x: float) -> float:
    """exp(x); 0 below 2^-1022 and inf above 2^1024.

    >>> exp(0.0), exp(-1000.0)
    (1.0, 0.0)
    """
    if math.isnan(x):
        return x
    if x <= -709.0:
        return 0.0
    if x > 709.7:
        return math.inf
    argument = scale(LOG2_E, x)
    k = (argument.high + float.fromhex("0x1.8p52")) - float.fromhex("0x1.8p52")
    f = (argument.high - k) + argument.low
    y = _POLYNOMIAL[0]
    for coefficient in _POLYNOMIAL[1:]:
        y = y * f + coefficient
    return math.ldexp(1.0 + y * f, int(k))


def power(x: float, y: float) -> float:
    """x^y of a positive x.

    >>> round(power(2.0, 3.0), 12)
    8.0
    """
    logarithm = log(x)
    return exp(logarithm.high * y + logarithm.low * y)
