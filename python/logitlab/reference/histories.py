"""What the steps that look back ask about the tokens so far."""

from collections.abc import Sequence


def window(history: Sequence[int], last_n: int = -1) -> Sequence[int]:
    """Return the last tokens of a history; -1 is all.

    >>> window([1, 2, 3], 2), window([1, 2, 3], 0), window([1, 2, 3])
    ([2, 3], [], [1, 2, 3])
    """
    return history if last_n < 0 else history[max(len(history) - last_n, 0) :]


def ends_with(tokens: Sequence[int], end: Sequence[int]) -> bool:
    """Whether tokens end with others."""
    return len(end) <= len(tokens) and list(tokens[len(tokens) - len(end) :]) == list(end)
