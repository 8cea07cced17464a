"""The explorer: temperature, top_k, top_p and min_p on a real distribution, in a notebook or in one HTML file.

Importing this package needs no extra; using the `Explorer` needs `pip install "logitlab[explorer]"`.
"""

from typing import TYPE_CHECKING

from logitlab.lazy import names

if TYPE_CHECKING:
    from logitlab.explorer.widget import Explorer

__all__ = ["Explorer"]

if not TYPE_CHECKING:  # a checker would take any name that a module's __getattr__ might answer for
    __getattr__, __dir__ = names(globals(), {"Explorer": f"{__name__}.widget"})
