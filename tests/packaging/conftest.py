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
def sdist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sdist")
    shutil.copytree(ROOT, folder / "tree", ignore=LEFT_OUT)
    return build("sdist", folder / "tree", folder / "out")


@pytest.fixture(scope="session")
def unpacked(sdist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (tree,) = folder.iterdir()
    return tree


@pytest.fixture(scope="session")
def wheel(unpacked):
    """The wheel of the sdist, without isolation. Longer than 20 s: every kernel, for every target.

    It is built with flags that a user may have and that must not matter: what the other tests build has none."""
    return build("wheel", unpacked, unpacked.parent / "wheels", CFLAGS=HOSTILE, LDFLAGS="-ffast-math")


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory):
    """A folder with the wheel in it, far from the source tree."""
    folder = tmp_path_factory.mktemp("installed")
    call_python(
        "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder, wheel, cwd=folder
    )
    return folder
