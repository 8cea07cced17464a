"""Values of options, drawn for a row of n tokens and the tokens before it."""

from collections.abc import Callable
from typing import Any

import numpy as np

Draw = Callable[[np.random.Generator, int, list[int]], Any]


def between(low: float, high: float) -> Draw:
    """Return a number; none of the few on which float32 and exact sums part."""
    return lambda rng, n, history: float(rng.uniform(low, high))


def one_of(*values: Any) -> Draw:
    """Return one of some values, or what one of some draws gives."""

    def draw(rng: np.random.Generator, n: int, history: list[int]) -> Any:
        value = values[rng.integers(len(values))]
        return value(rng, n, history) if callable(value) else value

    return draw


def whole(low: int, high: int) -> Draw:
    """Return a whole number, below the vocabulary's size."""
    return lambda rng, n, history: int(rng.integers(low, min(high, n)))


def sequences(rng: np.random.Generator, history: list[int], longest: int) -> list[list[int]]:
    """Return different sequences, some of which begin as the history ends."""
    found = set()
    for length in rng.integers(1, longest + 1, rng.integers(1, 4)):
        begin = history[len(history) - length + 1 :] if rng.random() < 0.7 else [0, 1][: length - 1]
        found.add((*begin, int(rng.integers(0, 4))))
    return [list(tokens) for tokens in sorted(found)]


def biases(longest: int) -> Draw:
    """Return a bias for each of some sequences, as pairs that JSON can hold."""
    return lambda rng, n, history: [
        [tokens, float(rng.integers(-24, 24) / 4)] for tokens in sequences(rng, history, longest)
    ]


def bans(longest: int) -> Draw:
    """Return some sequences that must not end; they end in one of the first four tokens, so that others are left."""
    return lambda rng, n, history: sequences(rng, history, longest)
