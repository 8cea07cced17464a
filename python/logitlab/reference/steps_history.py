"""Steps that change the logits of some tokens: penalties, biases, bans; functions of what is left, as in steps.py."""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from logitlab.reference.candidates import Candidates
from logitlab.reference.shares import settled


def _changed(left: Candidates, change: Mapping[int, Callable[[float], float]]) -> Candidates:
    """Change the logits of tokens that are left; finite ones stay finite, -inf takes a token out."""
    left = settled(left)
    most = left.format.largest

    def value(token: int, x: float) -> float:
        y = change[token](x) if token in change else x
        return left.format.rounded(max(-most, min(y, most))) if math.isfinite(y) else y

    logits = {t: value(t, x) for t, x in zip(left.tokens, left.logits, strict=True)}
    kept = tuple(t for t in left.tokens if logits[t] > -math.inf)
    return replace(left, tokens=kept, logits=tuple(logits[t] for t in kept))


def _less(amount: float) -> Callable[[float], float]:
    return lambda z: z - amount


def _ban(left: Candidates, tokens: Sequence[int]) -> Candidates:
    return _changed(left, {token: lambda x: -math.inf for token in tokens})


def window(history: Sequence[int], last_n: int = -1) -> Sequence[int]:
    """The last tokens of a history; -1 is all.

    >>> window([1, 2, 3], 2), window([1, 2, 3], 0), window([1, 2, 3])
    ([2, 3], [], [1, 2, 3])
    """
    return history if last_n < 0 else history[max(len(history) - last_n, 0) :]


def repetition_penalty(
    left: Candidates, history: Sequence[int], penalty: float, last_n: int = -1
) -> Candidates:
    """z / penalty where z > 0, else z * penalty, once for each token seen (Keskar et al., arXiv:1909.05858)."""
    seen = set(window(history, last_n))
    if penalty == 1 or not seen:
        return left
    return _changed(left, dict.fromkeys(seen, lambda z: z / penalty if z > 0 else z * penalty))


def presence_penalty(
    left: Candidates, history: Sequence[int], penalty: float, last_n: int = -1
) -> Candidates:
    """z - penalty, once for each token that occurred (OpenAI's API)."""
    seen = set(window(history, last_n))
    return _changed(left, dict.fromkeys(seen, _less(penalty))) if penalty and seen else left


def frequency_penalty(
    left: Candidates, history: Sequence[int], penalty: float, last_n: int = -1
) -> Candidates:
    """z - penalty for each time that a token occurred (OpenAI's API)."""
    times = Counter(window(history, last_n))
    if not penalty or not times:
        return left
    return _changed(left, {t: _less(float(n) * penalty) for t, n in times.items()})


def _ends_with(tokens: Sequence[int], end: Sequence[int]) -> bool:
    return len(end) <= len(tokens) and list(tokens[len(tokens) - len(end) :]) == list(end)


def dry(
    left: Candidates,
    history: Sequence[int],
    multiplier: float,
    base: float = 1.75,
    allowed_length: int = 2,
    last_n: int = -1,
    breakers: Sequence[Sequence[int]] = (),
) -> Candidates:
    """z - multiplier * base^(L - allowed) where a token would continue a repetition of L tokens (p-e-w 2024).

    L is the longest end of the window that re-occurs just before an earlier copy of the token; it does not reach over
    the latest breaker, of which the longest counts. A breaker of one token is never penalised.
    """
    tokens = list(window(history, last_n))
    n, limit = len(tokens), len(tokens)
    for start in range(n - 1, -1, -1):
        here = [len(b) for b in breakers if tokens[start : start + len(b)] == list(b)]
        if here:
            limit = n - start - max(here)
            break
    longest: dict[int, int] = {}
    for place in range(1, n):
        length = 0
        while length < min(place, limit) and tokens[place - 1 - length] == tokens[n - 1 - length]:
            length += 1
        token = tokens[place]
        if length >= allowed_length and [token] not in [list(b) for b in breakers]:
            longest[token] = max(longest.get(token, 0), length)
    if not multiplier or not longest:
        return left

    def penalty(length: int) -> float:
        product = 1.0
        for _ in range(length - allowed_length):
            product = min(product * base, 2.0**127)
        return multiplier * product

    return _changed(left, {t: _less(penalty(length)) for t, length in longest.items()})


def no_repeat_ngram(left: Candidates, history: Sequence[int], n: int) -> Candidates:
    """Ban what would complete n tokens that the history already has (Paulus et al. 2017, arXiv:1705.04304)."""
    if n == 0 or n > len(history):
        return left
    places = range(len(history) - n + 1)
    return _ban(left, [history[i + n - 1] for i in places if _ends_with(history, history[i : i + n - 1])])


def logit_bias(
    left: Candidates, history: Sequence[int], bias: Sequence[tuple[Sequence[int], float]]
) -> Candidates:
    """z + bias for the last token of each sequence whose others end the history; -inf bans (OpenAI's API)."""
    left = settled(left)
    for tokens, number in bias:
        if _ends_with(history, tokens[:-1]):
            left = _changed(left, {tokens[-1]: _less(-number)})
    return left


def ban_tokens(left: Candidates, history: Sequence[int], tokens: Sequence[Sequence[int]]) -> Candidates:
    """Remove the last token of each sequence whose others end the history."""
    return _ban(left, [each[-1] for each in tokens if _ends_with(history, each[:-1])])


def min_new_tokens(left: Candidates, generated: int, n: int, eos: Sequence[int]) -> Candidates:
    """Ban the tokens that end a text until n are written."""
    return _ban(left, eos) if generated < n else left
