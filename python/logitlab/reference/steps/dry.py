"""The rule of dry."""

from collections.abc import Sequence

from logitlab.reference.candidates import Candidates
from logitlab.reference.changes import changed, less
from logitlab.reference.histories import window


def dry(
    left: Candidates,
    history: Sequence[int],
    multiplier: float,
    base: float = 1.75,
    allowed_length: int = 2,
    last_n: int = -1,
    breakers: Sequence[Sequence[int]] = (),
) -> Candidates:
    """Subtract multiplier * base^(L - allowed) where a token would continue a repetition of L tokens (p-e-w 2024).

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

    return changed(left, {t: less(penalty(length)) for t, length in longest.items()})
