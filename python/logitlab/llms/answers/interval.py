"""How sure a share is that was counted: the Wilson score interval."""

import math

_Z = 1.959963984540054  # the normal distribution has 95 % within so many standard deviations


def wilson(count: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of the probability of something that came `count` times in `n` independent draws.

    Unlike the interval p +- 1.96 s, it stays in [0, 1] and is of use for counts of 0 and of n.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927).

    Examples
    --------
    >>> low, high = wilson(8, 10)
    >>> round(low, 4), round(high, 4)
    (0.4902, 0.9433)
    >>> wilson(0, 20)[0], round(wilson(0, 20)[1], 4)
    (0.0, 0.1611)
    """
    p, squared = count / n, _Z * _Z
    middle = (p + squared / (2 * n)) / (1 + squared / n)
    half = _Z * math.sqrt(p * (1 - p) / n + squared / (4 * n * n)) / (1 + squared / n)
    low = 0.0 if count == 0 else max(0.0, middle - half)
    return low, 1.0 if count == n else min(1.0, middle + half)
