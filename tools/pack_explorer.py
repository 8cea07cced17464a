"""Packs the explorer's page: `python tools/pack_explorer.py [FOLDER]`, a part of `make wasm`.

A notebook is saved with this page, so it is as small as it can honestly be: the modules joined into one, spaces and
names shortened by a minifier, everything compressed by zopfli, and the bytes written as text of our own, for a notebook
writes bytes as base64: 8 % more. The tools are pinned, so that the same sources give the same text; it is committed,
and a test compares.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

import minify
import zopfli.zlib

STATIC = Path(__file__).parents[1] / "python" / "logitlab" / "explorer" / "static"
LETTERS = "".join(
    chr(c) for c in range(33, 127) if chr(c) not in '"<\\'
)  # what JSON or HTML would spell longer
DECLARED = re.compile(r"^(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)
STYLE = re.compile(r'^@import url\("([\w-]+\.css)"\);$', re.MULTILINE)
IMPORT = re.compile(r'^import .* from "\./([\w-]+\.js)";\n', re.MULTILINE)


def parameters() -> str:
    """The module parameters.js: the controls, and the names of what is live both ways, as Python has them."""
    from logitlab.explorer.controls import CONTROLS
    from logitlab.explorer.state import TRAITS
    from logitlab.explorer.widget import Explorer

    state = [name for name in Explorer.class_own_traits(sync=True) if name[0] != "_" and name not in CONTROLS]
    rows = {name: control.page() for name, control in CONTROLS.items()}
    traits = Explorer.class_own_traits()
    checks = {
        name: {key: value for key, value in traits[trait].page().items() if value not in (None, False)}
        for name, trait in TRAITS.items()
        if name not in CONTROLS
    }
    return (
        "// Made by `make wasm` from explorer/controls.py and the traits of explorer/widget.py.\n"
        f"export const PARAMETERS = {json.dumps(rows, indent=2)};\n"
        f"export const STATE = [...Object.keys(PARAMETERS), ...{json.dumps(sorted(state))}];\n"
        f"export const CHECKS = {json.dumps(checks, indent=2)};\n"
    )


def source(name: str) -> str:
    return parameters() if name == "parameters.js" else (STATIC / name).read_text(encoding="utf-8")


def in_order(name: str, done: list[str]) -> list[str]:
    """`name` after everything that it imports, each once."""
    for other in IMPORT.findall(source(name)):
        in_order(other, done)
    if name not in done:
        done.append(name)
    return done


def joined() -> str:
    """The modules as one, which is what they mean as long as no two of them declare one name."""
    sources = [source(name) for name in in_order("explorer.js", [])]
    text = "".join(EXPORT.sub("", IMPORT.sub("", source)) for source in sources)
    twice = [name for name, count in Counter(DECLARED.findall(text)).items() if count > 1]
    if twice:
        raise ValueError(f"two modules declare {', '.join(twice)}: choose other names")
    return text


def minified(javascript: str) -> bytes:
    return minify.string("text/javascript", javascript).encode()


def style() -> bytes:
    names = STYLE.findall((STATIC / "explorer.css").read_text(encoding="utf-8"))
    joined = "".join((STATIC / name).read_text(encoding="utf-8") for name in names)
    return minify.string("text/css", joined).encode()


def as_text(data: bytes) -> str:
    """The number of bytes, a space, 13 bits in every two of the 91 letters; loader.js reads it."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 13)
    digits = [divmod(int(bits[i : i + 13], 2), len(LETTERS)) for i in range(0, len(bits), 13)]
    return f"{len(data)} " + "".join(LETTERS[high] + LETTERS[low] for high, low in digits)


def pack(folder: Path) -> None:
    """Writes the parameters, the loader, and for each dtype: the lengths of script and style, these, the kernels."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "parameters.js").write_text(parameters(), encoding="ascii")
    (folder / "page-loader.js").write_bytes(minified((STATIC / "loader.js").read_text(encoding="utf-8")))
    page = minified(joined()), style()
    head = b"".join(len(part).to_bytes(4, "little") for part in page)
    for dtype in ("f32", "f64"):
        kernels = (STATIC / f"kernels-{dtype}.wasm").read_bytes()
        packed = zopfli.zlib.compress(head + b"".join(page) + kernels, numiterations=100)
        (folder / f"page-{dtype}.txt").write_text(as_text(packed), encoding="ascii")


if __name__ == "__main__":
    pack(Path(sys.argv[1]) if len(sys.argv) > 1 else STATIC)
