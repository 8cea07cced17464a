"""Lists of tokens and of sequences of tokens, as the kernels take them."""

from typing import Any

import numpy as np

Sequences = tuple[tuple[int, ...], ...]


def flat(sequences: Sequences) -> tuple[Any, Any]:
    """Return sequences one after the other, and their lengths."""
    tokens = [token for sequence in sequences for token in sequence]
    return np.array(tokens, np.int64), np.array([len(each) for each in sequences], np.float64)


def flat_biases(biases: tuple[tuple[tuple[int, ...], float], ...]) -> tuple[Any, Any]:
    """Return sequences one after the other, and for each its length and its bias."""
    tokens, _ = flat(tuple(sequence for sequence, _ in biases))
    numbers = [number for sequence, bias in biases for number in (len(sequence), bias)]
    return tokens, np.array(numbers, np.float64)


def brief(sequence: tuple[int, ...]) -> Any:
    """Return a sequence as a repr shows it: a single token as a number."""
    return sequence[0] if len(sequence) == 1 else sequence
