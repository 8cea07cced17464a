"""Every target gives the published bits for every step: one program, hashed in a process of each target."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import logitlab as ll

from .battery import BATTERY

PUBLISHED = json.loads((Path(__file__).parents[1] / "vectors" / "draws.json").read_text())["sampler_battery"]


@pytest.mark.parametrize("target", ll.targets()["usable"])
def test_every_step(target):
    command = [sys.executable, "-c", BATTERY]
    done = subprocess.run(
        command, env=os.environ | {"LOGITLAB_TARGET": target}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [target, PUBLISHED]
