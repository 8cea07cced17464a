"""A user's or a distribution's compiler flags change no bit and leave the process's floating-point mode alone.

The wheel of these tests is built with hostile flags (see conftest.py); `make test-flags` goes through many more.
"""

import json
import os
import platform
import re
import runpy
import shlex
import subprocess
from pathlib import Path

import pytest
from functions.battery import BATTERY, MODE
from sampling.battery import BATTERY as SAMPLER_BATTERY

ROOT = Path(__file__).parents[2]
Compiler = runpy.run_path(str(ROOT / "tools/compiler.py"))["Compiler"]
PUBLISHED = json.loads((ROOT / "tests/vectors/draws.json").read_text())
KERNELS = ROOT / "csrc/kernels"
CC = shlex.split(os.environ.get("CC", "cc"))


@pytest.mark.parametrize(
    ("program", "published"), [(BATTERY, "battery"), (SAMPLER_BATTERY, "sampler_battery")]
)
def test_the_bits_are_the_published_ones(installed, call, tmp_path, program, published):
    said = call("-c", program, cwd=tmp_path, PYTHONPATH=str(installed))
    assert said.split()[1] == PUBLISHED[published]


def test_importing_leaves_the_mode_alone(installed, call, tmp_path):
    said = json.loads(call("-c", MODE, cwd=tmp_path, PYTHONPATH=str(installed)))
    assert said["file"].startswith(str(installed))
    assert said["after"] == said["before"]


def checks(*flags, target="generic"):
    """The compiler's verdict on the kernels."""
    command = [
        *CC,
        "-std=c11",
        f"-DLL_TARGET={target}",
        "-DLL_REAL=f",
        *flags,
        "-fsyntax-only",
        str(KERNELS / "kernels.c"),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "flags",
    [
        ["-ffast-math"],
        ["-Ofast"],
        ["-funsafe-math-optimizations"],
        ["-ffinite-math-only"],
        ["-freciprocal-math"],
        ["-fno-signed-zeros"],
        ["-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math"],
        ["-fsingle-precision-constant"],
        ["-mfpmath=387"],
    ],
    ids=" ".join,
)
def test_a_build_that_cannot_keep_the_arithmetic_stops(flags):
    if not Compiler().known(flags):
        pytest.skip(f"not on this machine: {CC[-1]} does not know {flags[0]}")
    done = checks(*flags)
    assert done.returncode != 0
    assert re.search(r"IEEE 754|must be doubles|their own precision", done.stderr), done.stderr


def test_the_plain_arithmetic_does_not_stop():
    done = checks()
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "flags", [["-march=native"], ["-march=x86-64-v3"], ["-march=x86-64-v4"], ["-mavx512f"]], ids=" ".join
)
@pytest.mark.parametrize("target", ["generic", "baseline"])
def test_a_target_is_what_its_name_says_whatever_the_compiler_may_use(target, flags):
    if platform.machine() not in ("x86_64", "AMD64"):
        pytest.skip("not on this machine: these are processors of the x86 family")
    done = checks(*flags, target=target)
    assert done.returncode == 0, done.stderr


def test_the_kernels_ask_for_their_target_and_not_for_the_compilers_options():
    asked = re.compile(r"__(?:AVX|SSE|FMA|F16C|POPCNT|BMI|ARM_FEATURE)\w*")
    found = {path.name: asked.findall(path.read_text()) for path in KERNELS.rglob("*.[chi]*")}
    assert {name: names for name, names in found.items() if names} == {}


def fake(folder, refused):
    """A compiler that is this machine's, but for what it refuses."""
    path = folder / "cc"
    path.write_text(
        f'#!/bin/sh\ncase " $* " in {refused}) echo "unknown flag" >&2; exit 1;; esac\nexec {shlex.join(CC)} "$@"\n'
    )
    path.chmod(0o755)
    return Compiler(str(path))


def test_a_flag_that_the_compiler_refuses_is_left_out(tmp_path):
    cc = fake(tmp_path, '*" -march=x86-64 "*|*"-fno-rounding-math"*')
    assert cc.known(["-fno-fast-math", "-fno-rounding-math", "-O2"]) == ["-fno-fast-math", "-O2"]
    assert cc.first_known("-march=x86-64", "-O1") == ["-O1"]
    assert cc.first_known("-march=x86-64") == []


def test_a_compiler_that_always_warns_is_still_asked(tmp_path):
    cc = fake(tmp_path, '*"-Werror"*')
    assert cc.known(["-fno-fast-math"]) == ["-fno-fast-math"]


@pytest.mark.parametrize(
    ("refused", "fact"),
    [("*stdlib*", "stdlib.h"), ('*" -c "*', "stdlib.h")],
    ids=["headers", "nothing compiles"],
)
def test_a_compiler_that_compiles_nothing_is_named(tmp_path, refused, fact):
    lacks = fake(tmp_path, refused if "-c" in refused else '*"-c"*').lacks()
    assert fact in lacks
    assert str(tmp_path) in lacks
    assert "apt-get install" in lacks


def test_a_missing_compiler_is_named():
    lacks = Compiler("no-such-compiler -O2").lacks()
    assert "no-such-compiler" in lacks
    assert "apt-get install" in lacks


def test_this_machines_compiler_lacks_nothing():
    assert Compiler().lacks() is None
