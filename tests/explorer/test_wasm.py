"""The committed WebAssembly is what the committed sources give, and asks nothing of the page."""

import importlib.util
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "python" / "logitlab" / "explorer" / "static"
MODULES = ["kernels-f32.wasm", "kernels-f64.wasm"]


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    if importlib.util.find_spec("ziglang") is None:
        pytest.skip(
            "the compiler is not installed: pip install ziglang, at the version that pyproject.toml pins"
        )
    folder = tmp_path_factory.mktemp("wasm")
    runpy.run_path(str(ROOT / "csrc" / "wasm" / "build.py"))["build"](folder)
    return folder


@pytest.mark.parametrize("name", MODULES)
def test_committed_bytes(rebuilt, name):
    assert (rebuilt / name).read_bytes() == (STATIC / name).read_bytes(), (
        "run `make wasm` and commit the modules"
    )


def sections(data):
    """kind -> bytes of each section of a module."""
    assert data[:8] == b"\0asm\1\0\0\0"
    found, at = {}, 8
    while at < len(data):
        kind, size, shift, at = data[at], 0, 0, at + 1
        while True:
            byte, at = data[at], at + 1
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        found[kind], at = data[at : at + size], at + size
    return found


@pytest.mark.parametrize("name", MODULES)
def test_nothing_is_imported(name):
    """No import section: no libc, no clock, no random source of the page."""
    assert 2 not in sections((STATIC / name).read_bytes())


@pytest.mark.parametrize("name", MODULES)
def test_tens_of_kilobytes(name):
    assert len((STATIC / name).read_bytes()) < 64_000
