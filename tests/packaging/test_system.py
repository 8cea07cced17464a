"""What `make` asks of this system before it does anything: a Python, a C compiler, each said in one sentence."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SYSTEM = ROOT / "tools/system.sh"
VERSIONS = [f"python3.{minor}" for minor in range(11, 16)]


def ask(purpose, **environment):
    environment = os.environ | {"LOGITLAB_NO_INSTALL": "1"} | environment
    return subprocess.run(
        ["/bin/sh", SYSTEM, purpose], env=environment, capture_output=True, text=True, check=False
    )


def python_at(path):
    """This Python under another path."""
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys._base_executable)} "$@"\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("name", ["plain", "a dir", "a  dir", "two*", "it's", "$HOME", 'a"b', "größer"])
def test_python_may_be_at_any_path(tmp_path, name):
    python = python_at(tmp_path / name / "python3")
    done = ask("build", PYTHON=str(python))
    assert (done.returncode, done.stdout) == (0, f"{python}\n"), done.stderr


@pytest.mark.parametrize("name", VERSIONS)
def test_every_python_that_is_supported_is_found(tmp_path, name):
    """Also where `python3` is missing or too old."""
    python = python_at(tmp_path / "bin" / name)
    old = tmp_path / "bin" / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for other in VERSIONS:
        if other != name:
            (python.parent / other).symlink_to(old)
    done = ask("build", PATH=f"{python.parent}:{os.environ['PATH']}")
    assert (done.returncode, done.stdout) == (0, f"{python}\n"), done.stderr


@pytest.mark.parametrize("name", ["no-such-python", "/no such/python3"])
def test_a_python_that_is_none_is_named(name):
    done = ask("build", PYTHON=name)
    assert done.returncode != 0
    assert f"PYTHON={name}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("purpose", ["build", "client"])
@pytest.mark.parametrize("before", ["env", "env LOGITLAB=1"])
def test_the_compiler_may_be_several_words(purpose, before):
    plain, wrapped = ask(purpose), ask(purpose, CC=f"{before} {os.environ.get('CC', 'cc')}")
    assert (wrapped.returncode, wrapped.stderr) == (plain.returncode, plain.stderr)


@pytest.mark.parametrize("compiler", ["no-such-compiler", "no-such-compiler -O2", "false"])
def test_a_compiler_that_is_none_is_said(compiler):
    done = ask("build", CC=compiler)
    assert done.returncode != 0
    assert "a C compiler" in done.stderr
