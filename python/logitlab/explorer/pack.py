"""What travels to the page, and is saved in the notebook: small, because a notebook holds it once per explorer.

Scripts, stylesheet and kernels are one file, made by tools/pack_explorer.py and committed as the kernels are. A row's
bytes stand in planes, the first bytes of all logits together: signs and exponents repeat, so a sixth of it goes.
"""

import json
import zlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import numpy as np
from numpy.typing import NDArray

STATIC: Traversable = files("logitlab.explorer") / "static"


@cache
def page_files(double: bool) -> str:
    """Return the page for a row of float32 or float64, as text."""
    return (STATIC / f"page-{'f64' if double else 'f32'}.txt").read_text(encoding="ascii")


@cache
def loader() -> str:
    """Return the ES module that unpacks it."""
    return (STATIC / "page-loader.js").read_text(encoding="utf-8")


def packed_row(row: NDArray[np.floating], texts: list[str]) -> bytes:
    """Return zlib of: the number of logits (uint32), their bytes in planes, the texts of the best as JSON."""
    planes = row.view(np.uint8).reshape(len(row), row.itemsize).T
    named = json.dumps(texts, ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )  # of bytes that are no text
    return zlib.compress(len(row).to_bytes(4, "little") + planes.tobytes() + named)
