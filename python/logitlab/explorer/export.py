"""One HTML file that still moves: the widget's own files and its state, and a model that no kernel answers.

Nothing is fetched: scripts and kernels are in the page, as they are in a notebook. What only Python can do (to go on
with the text, to search the whole vocabulary) is not offered.
"""

import base64
import html
import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from logitlab.explorer.pack import STATIC, loader
from logitlab.explorer.picture import table
from logitlab.explorer.screen import Screen


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _state(values: Mapping[str, Any]) -> str:
    """Return the widget's state as JSON that can stand in a script element; bytes as base64."""
    plain = {name: value for name, value in values.items() if not isinstance(value, bytes)}
    plain["_source"] = plain["_source"] | {
        "follow": False,
        "lines": _standing_alone(plain["_source"]["lines"]),
    }
    buffers = {name: _base64(value) for name, value in values.items() if isinstance(value, bytes)}
    text = json.dumps(
        {"state": plain, "buffers": buffers, "loader": _base64(loader().encode())}, allow_nan=False
    )
    return text.replace("<", "\\u003c")


def _standing_alone(lines: list[str]) -> list[str]:
    return [
        "logits = ...  # the row of this page" if line == "logits = explorer.logits" else line
        for line in lines
    ]


def standing_page(title: str, picture: str, state: Mapping[str, Any]) -> str:
    """Return the page: its title, what stands there until it moves (HTML), and the widget's state."""
    page = (STATIC / "page.html").read_text(encoding="utf-8")
    parts = {
        "@TITLE@": html.escape(title),
        "@PICTURE@": picture.replace(
            "Run this cell to move the sliders.", "This page needs JavaScript to move."
        ),
        "@STATE@": _state(state),
    }
    return re.sub("@[A-Z]+@", lambda mark: parts[mark[0]], page)


def export(screen: Screen, state: Mapping[str, Any], path: Path, title: str | None) -> Path:
    """Write the page of a screen to `path`."""
    return write(standing_page(title or screen.prompt or "Temperature and top_k", table(screen), state), path)


def write(page: str, path: Path) -> Path:
    """Write a page beside its place and move it there, so that nothing half-written is ever found."""
    unfinished = path.parent / f"{secrets.token_hex(8)}.part"
    try:
        with open(unfinished, "x", encoding="utf-8") as file:  # its mode is that of any new file
            file.write(page)
        os.replace(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return path
