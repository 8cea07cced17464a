"""The stubs of the C modules say what the modules are: every name, parameter and default."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["logitlab._kernels", "logitlab._http"])
def test_stubs(module):
    command = [sys.executable, "-m", "mypy.stubtest", "--concise", module]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
