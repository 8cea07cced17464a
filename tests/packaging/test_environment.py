"""tools/environment.sh says in one sentence why packages could not be installed, and blames the network only for what
is the network's.
"""

import hashlib
import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make_wheel(folder, tag):
    """A wheel of a package `tiny` 1.0 with one module."""
    path = folder / f"tiny-1.0-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny.py", "")
        archive.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(
            "tiny-1.0.dist-info/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"
        )
        archive.writestr("tiny-1.0.dist-info/RECORD", "")
    return path


@pytest.fixture
def index(tmp_path):
    """A function that publishes files on a package index in a folder."""
    project = tmp_path / "index" / "tiny"
    project.mkdir(parents=True)

    def publish(*paths):
        links = "".join(f'<a href="{path.as_uri()}">{path.name}</a>' for path in paths)
        (project / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>")
        return (tmp_path / "index").as_uri()

    return publish


@pytest.fixture
def install(tmp_path):
    """Runs the script on a lock of `tiny`; what gets installed lands in a folder of the test's own."""
    (tmp_path / "venv/bin").mkdir(parents=True)
    python = tmp_path / "venv/bin/python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)

    def run(index, digest):
        lock = tmp_path / "one.lock"
        lock.write_text(f"tiny==1.0 \\\n    --hash=sha256:{digest}\n")
        mine = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
        mine |= {"PIP_INDEX_URL": index, "PIP_TARGET": str(tmp_path / "site"), "PIP_NO_CACHE_DIR": "1"}
        command = [ROOT / "tools/environment.sh", tmp_path / "venv", lock]
        return subprocess.run(command, env=mine, capture_output=True, text=True, check=False)

    return run


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_wheel_that_fits_is_installed(index, install, tmp_path):
    wheel = make_wheel(tmp_path, "py3-none-any")
    done = install(index(wheel), digest(wheel))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "site/tiny.py").exists()


def closing(done):
    assert done.returncode == 1
    return done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("published", ["for another Python", "for another system", "sources"])
def test_no_wheel_for_this_python(index, install, tmp_path, published):
    if published == "sources":
        path = tmp_path / "tiny-1.0.tar.gz"
        path.write_bytes(b"never opened")
    else:
        tag = "cp39-cp39-any" if published == "for another Python" else "py3-none-win_amd64"
        path = make_wheel(tmp_path, tag)
    said = closing(install(index(path), digest(path)))
    assert "tiny==1.0" in said
    assert f"Python {platform.python_version()}" in said
    assert "make PYTHON=" in said
    assert "network" not in said


def test_another_file_than_the_locked_one(index, install, tmp_path):
    said = closing(install(index(make_wheel(tmp_path, "py3-none-any")), "0" * 64))
    assert "not the one in the lock" in said
    assert "network" not in said


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/simple", "https://name.invalid/simple", "http://name.invalid/simple"]
)
def test_an_index_that_cannot_be_reached(install, address):
    said = closing(install(address, "0" * 64))
    assert "network" in said
    assert "wheel" not in said
