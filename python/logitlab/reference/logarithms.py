"""The logarithms of a row's distribution, with the bits of the C functions: its sums have a fixed order.

A sum of floats depends on its order, so it has one here that vectors of every width can follow: sixteen lanes, added
by halves. Rows in single precision are added in doubles; rows of doubles in two doubles each, rounding errors included.
"""

import math
from collections.abc import Sequence

from logitlab.reference.exact import LN_2, Two, add, divide, fast_two_sum, log, scale
from logitlab.reference.floats import DOUBLE, Format
from logitlab.reference.weights import Scale, weight_and_error

_LANES = 16
_BLOCK = 64
_FACTOR = {"single": 100, "double": 500}  # weights carry this power of 2, so that none is subnormal


def _folded(lanes: list[Two]) -> Two:
    for half in (8, 4, 2, 1):
        for i in range(half):
            lanes[i] = add(lanes[i], lanes[i + half])
    return lanes[0]


def _sum_of_singles(weights: Sequence[float]) -> Two:
    lanes = [0.0] * _LANES
    padded = [*weights, *[0.0] * (-len(weights) % _BLOCK)]
    for at in range(0, len(padded), _BLOCK):
        block = padded[at : at + _BLOCK]
        for j in range(_LANES):
            lanes[j] += (block[j] + block[j + 16]) + (block[j + 32] + block[j + 48])
    for half in (8, 4, 2, 1):
        for j in range(half):
            lanes[j] += lanes[j + half]
    return Two(lanes[0], 0.0)


def _sum_of_doubles(weights: Sequence[tuple[float, float]]) -> Two:
    lanes = [Two(0.0, 0.0)] * _LANES
    for i, (weight, error) in enumerate(weights):
        high, low = lanes[i % _LANES]
        total = high + weight
        came = total - high
        lanes[i % _LANES] = Two(total, low + (((high - (total - came)) + (weight - came)) + error))
    return _folded([fast_two_sum(*lane) for lane in lanes])


def _log_sum(row: Sequence[float], common: Scale) -> Two:
    """Return ln of the sum of exp(x / T), minus what is subtracted from every logit over T."""
    factor = _FACTOR[common.format.name]
    pairs = [weight_and_error(x, common, factor) for x in row]
    total = _sum_of_doubles(pairs) if common.format is DOUBLE else _sum_of_singles([w for w, _ in pairs])
    log_total = add(log(total.high), Two(total.low / total.high, 0.0))
    return add(scale(LN_2, float(common.integer - factor)), log_total)


def _checked(T: float, format: Format) -> float:
    if T in (0, math.inf) or format.least_temperature <= T <= format.largest_temperature:
        return float(T)
    bounds = f"[{format.least_temperature}, {format.largest_temperature}]"
    raise ValueError(f"T must be 0, inf or in {bounds}, got {T}")


def logsumexp(row: Sequence[float], T: float = 1.0, format: Format = DOUBLE) -> float:
    """Return the logarithm of the sum of exp(x / T) over a row.

    It is shift / T + (I ln 2 + ln S) with what `weight` subtracts and divides by; at T = 0 the limit from above.

    Examples
    --------
    >>> logsumexp([0.0, 0.0]), logsumexp([1000.0, -1000.0], T=10.0)
    (0.6931471805599453, 100.0)
    """
    _checked(T, format)
    if any(map(math.isnan, row)):
        return math.nan
    largest = max(row)
    if math.isinf(largest):
        return largest
    if T == 0 and largest:
        return math.copysign(math.inf, largest)
    if T in (0, math.inf):
        counted = sum(x == 0 if T == 0 else x > -math.inf for x in row)
        return format.rounded(log(float(counted)).high)
    common = Scale(format, largest, T)
    return format.rounded(common.subtracted / T + _log_sum(row, common).high)


def token_logprob(row: Sequence[float], token: int, T: float = 1.0, format: Format = DOUBLE) -> float:
    """Return the log-probability of one token of a row: x / T minus `logsumexp`, never above 0.

    Examples
    --------
    >>> token_logprob([0.2, 0.3, 0.1, 0.4], 3)
    -1.2425355294551625
    """
    _checked(T, format)
    largest = max(row)
    if any(map(math.isnan, row)) or largest == -math.inf:
        return math.nan
    if T in (0, math.inf) or largest == math.inf:
        alike = [
            i for i, x in enumerate(row) if (x > -math.inf if T and largest < math.inf else x == largest)
        ]
        alike = alike[:1] if T == 0 else alike
        return format.rounded(log(1.0 / len(alike)).high) if token in alike else -math.inf
    common = Scale(format, largest, T)
    x, total, inverse = row[token] - common.subtracted, _log_sum(row, common), divide(Two(1.0, 0.0), T)
    p = x * inverse.high
    low = 0.0
    if p >= -(2.0**60) and p * p >= 2.0**-900 and format is DOUBLE:
        low = format.fused(x, inverse.high, -p) + x * inverse.low
    y = (p - total.high) + (low - total.low) if format is DOUBLE else p - total.high
    return format.rounded(min(y, 0.0))
