"""What chance alone does to a count: the exact binomial distribution, for the figure. The twin of static/chance.js."""

import math

SIDE = 0.025  # of the mass, on either side


def counts_of(n: int, p: float) -> tuple[int, int, float]:
    """Return the middle 95 % of the counts of n draws at probability p.

    No more than 2.5 % lie below the first number, no more than 2.5 % above the second; the third is the probability of
    what lies beyond either. As the counts are whole, it is below 5 %.

    Examples
    --------
    >>> low, high, outside = counts_of(100, 0.1)
    >>> low, high, round(outside, 3)
    (5, 16, 0.044)
    """
    if p <= 0.0 or p >= 1.0:
        return round(n * p), round(n * p), 0.0
    first, weights = _weights(n, p)
    total = math.fsum(weights)
    low, below, high, above = 0, 0.0, len(weights) - 1, 0.0
    while below + weights[low] < SIDE * total:
        below += weights[low]
        low += 1
    while above + weights[high] <= SIDE * total:
        above += weights[high]
        high -= 1
    return first + low, first + high, (below + above) / total


def _weights(n: int, p: float) -> tuple[int, list[float]]:
    """Return the least count that is likely at all, and what it and those after it weigh beside the likeliest."""
    mode = min(n, math.floor((n + 1) * p))
    down, up = list[float](), [1.0]
    k, w = mode, 1.0
    while k > 0 and w > 1e-18:
        w *= k * (1 - p) / ((n - k + 1) * p)
        down.append(w)
        k -= 1
    k, w = mode, 1.0
    while k < n and w > 1e-18:
        w *= (n - k) * p / ((k + 1) * (1 - p))
        up.append(w)
        k += 1
    return mode - len(down), [*reversed(down), *up]
