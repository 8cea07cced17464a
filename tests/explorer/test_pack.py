"""The page that travels is what the committed sources give."""

import importlib.util
import runpy
import sys
from pathlib import Path

import pytest

from logitlab.explorer.pack import STATIC

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def packer():
    if sys.version_info >= (3, 15):
        pytest.skip(
            "not on this machine: minify-go has no wheel for Python 3.15 (make PYTHON=python3.14 test)"
        )
    for tool in ("minify", "zopfli"):
        if importlib.util.find_spec(tool) is None:
            pytest.skip(
                f"{tool} is not installed: the versions that pyproject.toml pins are in locks/developer.lock"
            )
    return runpy.run_path(str(ROOT / "tools" / "pack_explorer.py"))


@pytest.mark.parametrize("name", ["parameters.js", "page-f32.txt", "page-f64.txt", "page-loader.js"])
def test_committed_text(packer, tmp_path, name):
    packer["pack"](tmp_path)
    assert (tmp_path / name).read_text() == (STATIC / name).read_text(), (
        "run `make wasm` and commit the pages"
    )


def test_two_modules_may_not_declare_one_name(packer, monkeypatch, tmp_path):
    """Joined into one module the later would hide the earlier."""
    (tmp_path / "explorer.js").write_text(
        'import { a } from "./a.js";\nconst same = a;\nexport default same;\n'
    )
    (tmp_path / "a.js").write_text("function same() {}\nexport const a = same;\n")
    monkeypatch.setitem(packer["joined"].__globals__, "STATIC", tmp_path)
    with pytest.raises(ValueError, match="same"):
        packer["joined"]()
