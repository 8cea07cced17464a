import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE = (".venv*", "build", "dist", "*.egg-info", "__pycache__", "*.so", ".*_cache", ".hypothesis", ".ipynb_*")
HOSTILE = "-Ofast" + " -march=native" * (platform.machine() in ("x86_64", "AMD64"))
LEFT_OUT = shutil.ignore_patterns(".git", *MADE)


def clean_environment(**more):
    """Without what a developer's shell says to the build or to Python's import."""
    forbidden = ("LOGITLAB_", "PYTHON", "CFLAGS", "LDFLAGS")
    return {name: value for name, value in os.environ.items() if not name.startswith(forbidden)} | more


def call_python(*arguments, cwd, **environment):
    command, environment = [sys.executable, *map(str, arguments)], clean_environment(**environment)
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def call():
    """Runs this environment's Python in another folder and gives what it prints."""
    return call_python


def build(kind, source, destination, **environment):
    destination.mkdir()
    code = f"from setuptools import build_meta; build_meta.build_{kind}({str(destination)!r})"
    call_python("-c", code, cwd=source, **environment)
    (made,) = destination.iterdir()
    return made


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """Makes something in a folder once for all processes of this run: whoever comes second waits, and finds it."""
    mine = tmp_path_factory.getbasetemp()
    shared = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine

    def make(name, how):
        folder = shared / f"packaging-{name}"
        with open(shared / f"packaging-{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (shared / f"packaging-{name}.ready").exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                how(folder)
                (shared / f"packaging-{name}.ready").touch()
        return folder

    return make


@pytest.fixture(scope="session")
def sdist(once):
    def make(folder):
        shutil.copytree(ROOT, folder / "tree", ignore=LEFT_OUT)
        build("sdist", folder / "tree", folder / "out")

    (made,) = (once("sdist", make) / "out").iterdir()
    return made


@pytest.fixture(scope="session")
def unpacked(sdist, once):
    def make(folder):
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")

    (tree,) = once("unpacked", make).iterdir()
    return tree


@pytest.fixture(scope="session")
def wheel(unpacked, once):
    """The wheel of the sdist, without isolation. Longer than 20 s: every kernel, for every target.

    It is built with flags that a user may have and that must not matter: what the other tests build has none."""

    def make(folder):
        build("wheel", unpacked, folder / "out", CFLAGS=HOSTILE, LDFLAGS="-ffast-math")

    (made,) = (once("wheel", make) / "out").iterdir()
    return made


@pytest.fixture(scope="session")
def installed(wheel, once):
    """A folder with the wheel in it, far from the source tree."""

    def make(folder):
        install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder, wheel]
        call_python(*install, cwd=folder)

    return once("installed", make)
