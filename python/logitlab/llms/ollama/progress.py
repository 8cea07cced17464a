"""A line of progress on standard error, rewritten in place."""

import sys
import time
from types import TracebackType


class Bar:
    """`bar.show(status, completed, total)`: at most ten times a second, and at every new status."""

    def __init__(self, title: str, shown: bool = True) -> None:
        self._title = title
        self._shown = shown
        self._status = ""
        self._next = 0.0
        self._width = 0

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._width:
            print(file=sys.stderr, flush=True)

    def show(self, status: str, completed: int | None = None, total: int | None = None) -> None:
        now = time.monotonic()
        if not self._shown or (status == self._status and now < self._next and completed != total):
            return
        self._status, self._next = status, now + 0.1
        line = f"{self._title}: {status}"
        if total:
            share = (completed or 0) / total
            line += f" [{'#' * int(30 * share):<30}] {share:4.0%} of {total / 1e6:.0f} MB"
        print(f"\r{line:<{self._width}}", end="", file=sys.stderr, flush=True)
        self._width = len(line)
