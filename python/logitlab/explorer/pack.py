"""The page's files in one compressed piece, as a notebook saves it and an exported page carries it."""

import gzip
import json
import re
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

STATIC: Traversable = files("logitlab.explorer") / "static"
_IMPORT = re.compile(r'from "\./([\w-]+\.js)"')


def _in_order(name: str, done: list[str]) -> list[str]:
    """`name` after everything that it imports, each once."""
    for other in _IMPORT.findall((STATIC / name).read_text(encoding="utf-8")):
        _in_order(other, done)
    if name not in done:
        done.append(name)
    return done


def _squeezed(text: str) -> str:
    """Without the comments and the indentation that only a reader of the source wants."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("//", "/*", "*/", "* ")))


@cache
def pack(double: bool) -> bytes:
    """The modules in an order in which each finds what it imports, the stylesheet, the kernels for the row.

    gzip of: the length of a table (4 bytes, little-endian), the table of names and lengths as JSON, the files.
    """
    names = _in_order("explorer.js", [])
    content = {name: _squeezed((STATIC / name).read_text(encoding="utf-8")).encode() for name in names}
    content["explorer.css"] = (STATIC / "explorer.css").read_bytes()
    content["kernels.wasm"] = (STATIC / f"kernels-{'f64' if double else 'f32'}.wasm").read_bytes()
    table = json.dumps([[name, len(data)] for name, data in content.items()]).encode()
    return gzip.compress(len(table).to_bytes(4, "little") + table + b"".join(content.values()), 9, mtime=0)


def loader() -> str:
    """The ES module that unpacks it."""
    return _squeezed((STATIC / "loader.js").read_text(encoding="utf-8"))
