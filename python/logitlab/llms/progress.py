"""Progress that is rewritten in place: a line on a terminal's standard error, a bar in a notebook.

A notebook shows whatever comes on standard error on pink, so there the bar is an output of the cell. Where nobody
looks, in a file or a pipe, nothing is written.
"""

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any


def megabytes(total: int) -> str:
    """Return a number of bytes in words."""
    return f"{total / 1e6:.0f} MB"


def somebody_looks() -> bool:
    """Whether standard error is a terminal, or this is a notebook."""
    return _in_notebook() or bool(getattr(sys.stderr, "isatty", bool)())


def _in_notebook() -> bool:
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


class Bar:
    """`bar.show(status, completed, total)`: at most ten times a second, and at every new status.

    Parameters
    ----------
    title : str
        Stands in front of every status.
    shown : bool
        Whether to show anything at all.
    amount : callable
        Says in words what `total` is.
    """

    def __init__(self, title: str, shown: bool = True, amount: Callable[[int], str] = megabytes) -> None:
        self._title = title
        self._shown = shown
        self._amount = amount
        self._status = ""
        self._next = 0.0
        self._width = 0
        self._output: Any = None  # of a notebook's cell

    def __enter__(self) -> "Bar":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._width and self._output is None:
            print(file=sys.stderr, flush=True)

    def show(self, status: str, completed: int | None = None, total: int | None = None) -> None:
        """Show how far it is, at most ten times a second."""
        now = time.monotonic()
        if not self._shown or (status == self._status and now < self._next and completed != total):
            return
        self._status, self._next = status, now + 0.1
        line = f"{self._title}: {status}"
        if total:
            share = (completed or 0) / total
            line += f" [{'#' * int(30 * share):<30}] {share:4.0%} of {self._amount(total)}"
        if _in_notebook():
            self._in_the_cell(line)
        else:
            print(f"\r{line:<{self._width}}", end="", file=sys.stderr, flush=True)
        self._width = len(line)

    def _in_the_cell(self, line: str) -> None:
        """As plain text: a saved notebook keeps the last line."""
        from IPython.display import display

        data = {"text/plain": line}
        if self._output is None:
            self._output = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._output.update(data, raw=True)
