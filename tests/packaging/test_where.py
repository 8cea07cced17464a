"""The installed wheel works wherever a reader puts it: nothing is written, and nobody needs a home or to own a file."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from .conftest import clean_environment

WORK = """
import io, sys
import numpy as np
import logitlab as ll
logits = np.array([0.2, 0.3, 0.1, 0.4])
assert ll.softargmax(logits, T=0.1).round(3).tolist() == [0.087, 0.237, 0.032, 0.644]
assert ll.sample(logits, rng=0) == ll.reference.sample(logits.tolist(), uniform=np.random.default_rng(0).random())
assert "4 -> 2 tokens" in repr(ll.Sampler(top_k=2).trace(logits))
from logitlab.llms import Ollama
from logitlab.command.main import main
assert main(["info"]) == 0
print("in", ll.__file__)
"""
AS_NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}
PACKAGES = os.path.dirname(os.path.dirname(np.__file__))


def read_only(folder):
    """A command that sees the folder on a read-only file system; without root, a folder that nobody may write to."""
    if os.geteuid() == 0:
        return ["unshare", "--mount", "sh", "-c", 'mount --bind -o ro "$0" "$0" && exec "$@"', str(folder)]
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode & ~0o222)
    return []


def worktree(folder, tmp_path):
    """The package in a worktree of git, in which Python starts."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    commands = [["init", "-q", "clone"], ["-C", "clone", "commit", "-q", "--allow-empty", "-m", "a"]]
    for words in [*commands, ["-C", "clone", "worktree", "add", "-q", "../tree"]]:
        subprocess.run(["git", *identity, *words], cwd=tmp_path, check=True)
    shutil.copytree(folder / "logitlab", tmp_path / "tree" / "logitlab")
    return tmp_path / "tree"


def python_of_nobody():
    """A Python of this version that somebody who owns nothing can start: this one may lie in root's home."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in filter(None, (sys.executable, shutil.which(version, path="/usr/bin:/usr/local/bin"))):
        try:
            subprocess.run([python, "-c", ""], check=True, **AS_NOBODY)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    return pytest.skip(f"not on this machine: a {version} that another user than root may start")


@pytest.fixture
def public_folder():
    """One that everybody may read: pytest's own are for one user."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


def moved(folder, place):
    shutil.copytree(folder / "logitlab", place / "logitlab")
    return place


@pytest.mark.parametrize(
    "case", ["read-only", "no HOME", "owns nothing", "umask 077", "a path  with 'blanks'", "worktree"]
)
def test_it_works_there(installed, tmp_path, public_folder, case):
    """One place after the other; the process may not write into it."""
    before, more, folder, cwd, python = [], {}, installed, os.sep, sys.executable
    environment = clean_environment(PYTHONDONTWRITEBYTECODE="", OLLAMA_HOST="127.0.0.1:1")
    if case == "read-only":
        folder = moved(installed, tmp_path)
        before = read_only(folder)
    elif case == "no HOME":
        for name in ("HOME", "USER", "LOGNAME", "XDG_CACHE_HOME", "TMPDIR"):
            environment.pop(name, None)
    elif case == "owns nothing":
        if os.geteuid() != 0:
            pytest.skip("not on this machine: only root becomes somebody else")
        folder = moved(installed, public_folder)
        python, more = python_of_nobody(), AS_NOBODY
        environment |= {"HOME": "/nonexistent"}
    elif case == "umask 077":
        more = {"umask": 0o077}
        environment |= {"HOME": str(tmp_path)}
    elif case == "worktree":
        folder = cwd = worktree(installed, tmp_path)
    else:
        folder = moved(installed, tmp_path / case)
    command = [*before, python, "-c", WORK]
    environment |= {"PYTHONPATH": f"{folder}:{PACKAGES}"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, **more
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"in {folder}/logitlab/__init__.py"
