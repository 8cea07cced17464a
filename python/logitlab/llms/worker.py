"""A stream that is read in a thread of its own, for callers that have an event loop.

Each step of the stream runs in one worker thread, only while somebody awaits it: nothing is computed ahead,
and between two steps no thread is busy. A task that is cancelled gets its CancelledError at once; the step
under way is cancelled by the `Cancel`, ends as soon as it looks, and the stream is closed in its own thread.
"""

import asyncio
import contextlib
import threading
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Cancel:
    """A flag that one thread sets and another asks for by calling it."""

    __slots__ = ("_event",)

    def __init__(self) -> None:
        self._event = threading.Event()

    def __call__(self) -> bool:
        """Return whether it is set."""
        return self._event.is_set()

    def set(self) -> None:
        """Cancel."""
        self._event.set()


class AsyncStream(Generic[T]):
    """An asynchronous iterator over a plain one.

    Awaiting it gives itself, so both ways of writing work:

    `async for r in llm.astream_complete(p)` and, as in LlamaIndex, `async for r in await
    llm.astream_complete(p)`.
    """

    def __init__(self, stream: Generator[T, None, None], cancel: Cancel) -> None:
        self._stream = stream
        self._cancel = cancel
        self._worker: ThreadPoolExecutor | None = None
        self._ended = False

    def __aiter__(self) -> "AsyncStream[T]":
        return self

    def __await__(self) -> Generator[Any, None, "AsyncStream[T]"]:
        yield from ()  # it never waits
        return self

    async def __anext__(self) -> T:
        if self._ended:
            raise StopAsyncIteration
        self._worker = self._worker or ThreadPoolExecutor(1, "logitlab-stream")
        try:
            item = await asyncio.get_running_loop().run_in_executor(self._worker, next, self._stream, None)
        except BaseException:
            self._end()
            raise
        if item is None:
            self._end()
            raise StopAsyncIteration
        return item

    async def aclose(self) -> None:
        """End the stream before its end."""
        self._end()

    def __del__(self) -> None:
        self._end()

    def _end(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._cancel.set()
        if self._worker is None:
            return self._stream.close()
        with contextlib.suppress(RuntimeError):  # the interpreter is shutting down and takes no more work
            self._worker.submit(self._stream.close)
        self._worker.shutdown(wait=False)
