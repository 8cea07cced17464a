"""Every target gives the same bits for every step: one program, hashed in a process of each target that the CPU has."""

import os
import subprocess
import sys

import pytest

import logitlab as ll

from .battery import BATTERY


def _run(target):
    command = [sys.executable, "-c", BATTERY]
    done = subprocess.run(
        command, env=os.environ | {"LOGITLAB_TARGET": target}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    used, digest = done.stdout.split()
    assert used == target
    return digest


@pytest.fixture(scope="module")
def used_here():
    return _run(ll.targets()["used"])


@pytest.mark.parametrize("target", ll.targets()["usable"])
def test_every_step(target, used_here):
    assert _run(target) == used_here
