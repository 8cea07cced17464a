"""The rule of top_n_sigma."""

import math
from collections.abc import Callable

from logitlab.reference.candidates import Candidates
from logitlab.reference.shares import lanes


def top_n_sigma(left: Candidates, n: float) -> Candidates:
    """Keep logits within n standard deviations, of the population, from the largest (Tang et al., arXiv:2411.07641)."""
    if n == 0:
        return left
    count = float(len(left.tokens))

    def summed(term: Callable[[float], float]) -> float:
        return lanes((token, term(x)) for token, x in zip(left.tokens, left.logits, strict=True))

    mean = summed(lambda x: x - 0.0) / count
    deviation = math.sqrt(summed(lambda x: (x - mean) * (x - mean)) / count)
    bound = left.max - n * deviation
    return left.keep([i for i, x in enumerate(left.logits) if x >= bound])
