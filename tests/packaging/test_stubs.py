"""The stubs of the C modules say what the modules are: every name, parameter and default."""

import subprocess
import sys


def test_stubs():
    command = [sys.executable, "-m", "mypy.stubtest", "--concise", "logitlab._kernels", "logitlab._http"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
