"""What the function tests share: a row of a real model's logits, and every target that this CPU runs."""

import os
import subprocess
import sys

import pytest
from needs import built_in

import logitlab


@pytest.fixture(scope="session")
def real_row():
    """49 152 float32 logits after "The capital of France is" of the built-in model."""
    return built_in().next_logits("The capital of France is")


@pytest.fixture(params=logitlab.targets()["usable"])
def on_target(request):
    """Runs a program on one target, in a process of its own (the target is chosen at import); gives its output."""

    def run(program, *arguments):
        environment = os.environ | {"LOGITLAB_TARGET": request.param}
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run.target = request.param
    return run
