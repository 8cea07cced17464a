"""The keys and values that fed tokens leave behind, and which of them a new prompt can use again.

The forward pass computes the same bits for a token whether it comes alone or with others, so whatever a
prompt has in common with the tokens of an earlier one need not be computed again.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import SupportsIndex

import numpy as np
from numpy.typing import NDArray

from logitlab._kernels import Session
from logitlab.llms.smol.gguf_file import Floats


class Cache:
    """A session of the network, the tokens that it has seen, and the logits after the last of them."""

    def __init__(self, session: Session, capacity: int) -> None:
        self.session = session
        self.capacity = capacity
        self.workers: SupportsIndex | None = None  # threads for those who have the cache now
        self.tokens: list[int] = []
        self._ids = np.empty(
            0, np.int64
        )  # the same as an array that grows ahead of them, filled up to _filled
        self._filled = 0
        self.logits: Floats | None = None  # None where they were not asked for
        self._start: tuple[int, Floats] | None = None  # those after the last prompt, and how long it was

    @property
    def history(self) -> NDArray[np.int64]:
        """The tokens as an array (read-only), in time that does not depend on how many there are.

        It holds only until the next token is fed.
        """
        if len(self._ids) < len(self.tokens):
            grown = np.empty(2 * len(self.tokens), np.int64)
            grown[: self._filled] = self._ids[: self._filled]
            self._ids = grown
        if self._filled < len(self.tokens):
            self._ids[self._filled : len(self.tokens)] = self.tokens[self._filled :]
            self._filled = len(self.tokens)
        view = self._ids[: self._filled]
        view.flags.writeable = False
        return view

    def remember(self) -> None:
        """Keep the logits of the prompt that was just read: another answer to it begins with them."""
        if self.logits is not None:
            self._start = len(self.tokens), self.logits

    def _known(self, count: int) -> Floats | None:
        """Return the logits after the first `count` tokens, where they are kept."""
        if count == len(self.tokens) and self.logits is not None:
            return self.logits
        return self._start[1] if self._start is not None and self._start[0] == count else None

    def usable(self, tokens: Sequence[int]) -> int:
        """How many leading `tokens` need not be fed again: all of them only where their logits are known."""
        limit = min(len(tokens), len(self.tokens))
        common = next((i for i in range(limit) if self.tokens[i] != tokens[i]), limit)
        known = common == len(tokens) and self._known(common) is not None
        return common if known else min(common, len(tokens) - 1)

    def cut(self, tokens: Sequence[int]) -> None:
        """Forget what the prompt `tokens` has no use for."""
        keep = self.usable(tokens)
        self.logits = self._known(keep) if keep == len(tokens) else None
        if self._start is not None and keep < self._start[0]:
            self._start = None
        del self.tokens[keep:]
        self._filled = min(self._filled, keep)


class Pool:
    """The caches of a model that no stream uses now, the latest last.

    Every stream has a cache of its own for as long as it runs, so that two streams read in turns do not push
    each other's tokens out; a finished one's is kept for the next prompt that starts alike.
    """

    def __init__(self, make: Callable[[int], Cache], kept: int = 2) -> None:
        self._make = make
        self._kept = kept
        self._idle: list[Cache] = []
        self._lock = Lock()

    @contextmanager
    def lend(
        self, tokens: Sequence[int], capacity: int, workers: SupportsIndex | None = None
    ) -> Iterator[Cache]:
        """Return the cache that has most of the prompt `tokens` and room for `capacity` of them."""
        cache = self._take(tokens, capacity)
        cache.workers = workers
        try:
            yield cache
        finally:
            with self._lock:
                self._idle = [*self._idle, cache][-self._kept :]

    def _take(self, tokens: Sequence[int], capacity: int) -> Cache:
        with self._lock:
            roomy = [cache for cache in self._idle if cache.capacity >= capacity]
            cache = max(roomy, key=lambda idle: idle.usable(tokens), default=None)
            if cache is not None and (cache.usable(tokens) or len(self._idle) >= self._kept):
                self._idle.remove(cache)
                cache.cut(tokens)
                return cache
        return self._make(capacity)
