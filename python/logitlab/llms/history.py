"""Which tokens stand before each token of an answer, as far as texts tell.

Penalties look at the last tokens, those of the prompt included. A server reports the answer's tokens, by their texts,
and none of the prompt's. So how often a token stands in the window is a range: from what is certain to what the texts
allow. A stretch of text whose tokens are not known allows every occurrence of the token's text in it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """Text of tokens that are not known one by one, at least `least` of them; None is text not known either."""

    text: str | None
    least: int = 0


class History:
    """The tokens before each token of an answer.

    Parameters
    ----------
    prompt : list of str or Stretch
        The prompt's tokens, or its text.
    answer : list of list of (str or Stretch)
        What each entry of the answer adds.
    last_n : int
        How many of the last tokens count; -1 is all.
    """

    def __init__(
        self,
        prompt: Sequence[str | Stretch],
        answer: Sequence[Sequence[str | Stretch]],
        last_n: int,
    ) -> None:
        self._items = list(prompt)
        self._ends = []
        for added in answer:
            self._ends.append(len(self._items))
            self._items += added
        self._last_n = math.inf if last_n < 0 else last_n

    def counts(self, entry: int, token: str, before: str | Stretch | None = None) -> tuple[float, float]:
        """How often `token` stands in the window before the last token of an entry: at least, and at most.

        `before` is what the entry itself has before its last token.
        """
        items = self._items[: self._ends[entry]] + ([] if before is None else [before])
        low: float = 0
        high: float = 0
        least, most = self._last_n, self._last_n  # how many tokens of the window are left
        for item in reversed(items):
            if most <= 0:
                break
            if isinstance(item, str):
                same = item == token
                high += same
                low += same and least > 0 and "\ufffd" not in token
                least, most = least - 1, most - 1
            else:
                high += min(_occurrences(item.text, token), most)
                least, most = -math.inf, most - item.least
        return low, min(high, self._last_n)

    def most(self, entry: int) -> float:
        """How many tokens the window before an entry can hold."""
        held = sum(
            1 if isinstance(item, str) else math.inf if item.text is None else len(item.text)
            for item in self._items[: self._ends[entry]]
        )
        return min(held, self._last_n)


def _occurrences(text: str | None, token: str) -> float:
    """How many tokens of this text can lie in the stretch; a part of a character can be anywhere."""
    if text is None or not token or "\ufffd" in token:
        return math.inf
    return text.count(token)
