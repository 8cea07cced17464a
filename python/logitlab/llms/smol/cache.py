"""The keys and values that fed tokens leave behind, and which of them a new prompt can use again.

Two ways of feeding give the same numbers but for their last bits, as BLAS adds in another order when a matrix
has one row: a prompt is fed in blocks of BLOCK tokens, drawn tokens one by one. A cache therefore remembers
how many of its tokens came as a prompt and gives back only what a fresh cache would hold to the last bit: an
answer does not depend on what was asked before.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

import numpy as np

from logitlab.llms.smol.gguf_file import Floats

BLOCK = 32  # so few that a short prompt wastes little, so many that reading the weights is paid once for all


class Cache:
    """Keys and values of one sequence of tokens: float32 [layers, heads, tokens, size of a head].

    The arrays grow by doubling and are always a whole number of blocks long.
    """

    def __init__(self, layers: int, heads: int, size: int) -> None:
        self.keys: Floats = np.zeros((layers, heads, BLOCK, size), np.float32)
        self.values: Floats = np.zeros_like(self.keys)
        self.tokens: list[int] = []
        self.prompt = 0  # how many of the tokens were fed in blocks
        self.logits: Floats | None = None  # after the last token of the prompt, when that is known

    def reserve(self, count: int) -> None:
        """Make room for `count` tokens."""
        while self.keys.shape[2] < count:
            self.keys = np.concatenate([self.keys, np.zeros_like(self.keys)], axis=2)
        while self.values.shape[2] < count:
            self.values = np.concatenate([self.values, np.zeros_like(self.values)], axis=2)

    def usable(self, tokens: Sequence[int]) -> int:
        """How many leading `tokens` are here as a fresh cache would hold them: whole blocks of a prompt, or
        all of a prompt whose logits are known."""
        limit = min(len(tokens), self.prompt)
        common = next((i for i in range(limit) if self.tokens[i] != tokens[i]), limit)
        if common == len(tokens) == self.prompt and self.logits is not None:
            return common
        return min(common, len(tokens) - 1) // BLOCK * BLOCK

    def cut(self, tokens: Sequence[int]) -> None:
        """Forget what is not usable for the prompt `tokens`."""
        keep = self.usable(tokens)
        if keep < len(tokens):
            self.logits = None
        self.prompt = keep
        del self.tokens[keep:]


class Pool:
    """The caches of a model that no stream uses now, the latest last.

    Every stream has a cache of its own for as long as it runs, so that two streams read in turns do not push
    each other's tokens out; a finished one's is kept for the next prompt that starts alike.
    """

    def __init__(self, layers: int, heads: int, size: int, kept: int = 2) -> None:
        self._shape = (layers, heads, size)
        self._kept = kept
        self._idle: list[Cache] = []
        self._lock = Lock()

    @contextmanager
    def lend(self, tokens: Sequence[int]) -> Iterator[Cache]:
        """The cache that has most of the prompt `tokens`, cut to what can be used."""
        cache = self._take(tokens)
        try:
            yield cache
        finally:
            with self._lock:
                self._idle = [*self._idle, cache][-self._kept :]

    def _take(self, tokens: Sequence[int]) -> Cache:
        with self._lock:
            cache = max(self._idle, key=lambda idle: idle.usable(tokens), default=None)
            if cache is None or (not cache.usable(tokens) and len(self._idle) < self._kept):
                cache = Cache(*self._shape)
            else:
                self._idle.remove(cache)
        cache.cut(tokens)
        return cache
