"""Importing changes no floating-point mode; one that somebody else has set changes no bit and stays set afterwards."""

import ctypes
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys

import numpy as np
import pytest

import logitlab as ll

from .battery import MODE

FTZ_DAZ_UP = 0x8040 | 0x4000  # flush to zero, denormals are zero, round up


@pytest.fixture
def control(tmp_path):
    """get and set of the control register, compiled here (MXCSR: x86-64 only)."""
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("not on this machine: MXCSR is a register of x86")
    compiler = shlex.split(os.environ.get("CC", "cc"))
    if not shutil.which(compiler[0]):
        pytest.skip(f"a C compiler, {compiler[0]}, is not installed")
    source, library = tmp_path / "mode.c", tmp_path / "mode.so"
    source.write_text(
        "#include <xmmintrin.h>\nunsigned get(void) { return _mm_getcsr(); }\nvoid set(unsigned v) { _mm_setcsr(v); }\n"
    )
    subprocess.run([*compiler, "-shared", "-fPIC", "-o", library, source], check=True)
    return ctypes.CDLL(str(library))


def test_the_mode_changes_no_bit_and_survives(control):
    rng = np.random.default_rng(0)
    rows = [(rng.standard_normal(3000) * 20).astype(d) for d in (np.float16, np.float32, np.float64)]
    rows += [
        np.array([0, -16, -17], np.float16),
        np.array([1e-310, 0.0, -1e-310]),
        np.array([1e-40, 0], np.float32),
    ]

    def everything():
        out = []
        for x in rows:
            out += [
                ll.softargmax(x, 0.3),
                ll.log_softargmax(x, 1e-3),
                ll.logsumexp(x, 0.3),
                ll.token_logprobs(x, len(x) - 1, 1e-3),
                ll.top_k(x, 20),
                ll.sample(x, rng=0, size=20, top_p=0.7),
            ]
        return [a.tobytes() for a in out]

    expected, found = everything(), control.get()
    control.set(found | FTZ_DAZ_UP)
    try:
        result, after = everything(), control.get()
    finally:
        control.set(found)
    assert result == expected
    assert after & FTZ_DAZ_UP == FTZ_DAZ_UP


def test_importing_leaves_the_mode_alone():
    done = subprocess.run([sys.executable, "-c", MODE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["after"] == said["before"]
    assert said["before"] == [(2.2e-308 / 4).hex(), (1 / 3).hex(), (-1 / 3).hex(), (5e-324).hex()]
