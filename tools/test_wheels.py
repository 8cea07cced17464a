"""Runs the wheels of dist/ where readers are: fresh environments without a compiler, and another processor.

    python tools/test_wheels.py [--jobs N] [ROW...]     ROW: 3.11 to 3.15, aarch64, reader; all without

Every supported Python gets the x86-64 wheel with its oldest and newest NumPy, and runs the functions' and the sampler's
tests, the tutorial's four logits among them. The aarch64 wheel runs them under qemu with Debian's Python. The row
`reader` installs the wheel with its extra `notebook` and runs the tutorial in Jupyter's kernel, as somebody who owns
nothing but a folder. The tests come from the sdist, and no row has anything of this tree on its path.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import test_pythons
from matrix import ROOT, Failed, close, counts, empty, run
from test_pythons import UV, VERSIONS, Missing, interpreter, numpy_of, packages
from wheels import DIST

WORK = test_pythons.WORK / "wheels"  # what a root of Debian unstable sees
NOWHERE = "/nonexistent"  # the PATH of what must not find a compiler
TESTS = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/functions", "tests/sampling"]
# where every instruction is emulated: what its values depend on, and neither threads nor memory
UNDER_QEMU = [
    *("-m", "pytest", "-q", "-p", "no:cacheprovider", "--timeout=0"),
    *("tests/functions", "tests/sampling/test_same_bits.py"),
    *(f"--ignore=tests/functions/test_{name}.py" for name in ("threads", "memory", "float_mode", "accuracy")),
    *("-k", "not real_logits"),
]  # fmt: skip
PATIENCE = 180  # seconds that a reader waits for the tutorial


def built(pattern: str) -> Path:
    found = sorted(DIST.glob(pattern))
    if len(found) != 1:
        raise Missing(f"dist/ must have one {pattern}, got {len(found)}: make wheel")
    return found[0]


def tests(folder: Path) -> Path:
    """The sdist's tests without its sources: nothing there can be imported by mistake."""
    with tarfile.open(built("*.tar.gz")) as archive:
        archive.extractall(empty(folder), filter="data")
    tree = next(path for path in folder.iterdir() if path.is_dir())
    shutil.rmtree(tree / "python")
    return tree


def installed(wheel: Path, folder: Path, version: str, log: Path) -> Path:
    """The wheel where only a Python of this version may have it: its tags are compared."""
    machine = "aarch64" if "aarch64" in wheel.name else "x86_64"
    fits = ["--python-version", version, "--python-platform", f"{machine}-manylinux_2_28"]
    where = ["--target", empty(folder), "--python", sys.executable]
    run(
        [
            *UV,
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            "--only-binary",
            ":all:",
            *fits,
            *where,
            wheel,
        ],
        log,
    )
    return folder


def python_row(version: str, which: str) -> str:
    """The functions' tests on one Python with its oldest or newest NumPy."""
    folder = empty(WORK / f"{version}-{which}")
    log, where = folder / "log", interpreter(version)
    tree, site = tests(folder / "sdist"), packages(version, which)
    own = installed(built("*manylinux*x86_64.whl"), folder / "installed", version, log)
    inside = ["env", "-C", tree, f"PATH={NOWHERE}", f"PYTHONPATH={own}:{site}", "CC=no-compiler"]
    python = [shutil.which(where.command[0]) or f"/usr/bin/{where.command[0]}"]
    said = run([*where.enter, *inside, *python, *TESTS], log, env=plain_environment())
    return f"NumPy {numpy_of(site)}: {counts(said)}"


def plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("LOGITLAB_", "PYTHON"))}


def aarch64_row() -> str:
    """The aarch64 wheel under qemu, with the Python and the packages that make test-targets fetches."""
    root, site = (ROOT / "build/targets/aarch64" / name for name in ("root", "site"))
    if not shutil.which("qemu-aarch64"):
        raise Missing("qemu-aarch64 is not installed")
    folder = empty(WORK / "aarch64")
    log = folder / "log"
    run([ROOT / "tools/test_targets.sh", "packages"], log)
    program = next(path for path in sorted(root.glob("usr/bin/python3.*")) if path.name.count("-") == 0)
    own = installed(
        built("*manylinux*aarch64.whl"), folder / "installed", program.name.removeprefix("python"), log
    )
    python = ["qemu-aarch64", "-L", root, program]
    environment = plain_environment() | {
        "PYTHONHOME": str(root / "usr"),
        "PYTHONPATH": f"{own}:{site}",
        "OPENBLAS_NUM_THREADS": "1",
        "HYPOTHESIS_MAX_EXAMPLES": "10",
    }
    where = (
        "import logitlab, platform; print(platform.machine(), logitlab.targets()['used'], logitlab.__file__)"
    )
    said = run([*python, "-c", where], log, env=environment)
    if not said.startswith(f"aarch64 neon {own}"):
        raise Failed(f"the tests would run on {said.strip()}")
    return counts(run([*python, *UNDER_QEMU], log, env=environment, cwd=tests(folder / "sdist")))


def python_for(who: dict[str, object]) -> str:
    """A Python with venv that somebody else can start: this one may lie in root's home."""
    for python in filter(
        None, (sys._base_executable, shutil.which("python3", path="/usr/bin:/usr/local/bin"))
    ):
        command = [python, "-c", "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))"]
        try:
            if subprocess.run(command, capture_output=True, check=False, **who).returncode == 0:
                return python
        except OSError:
            continue
    raise Missing("a Python 3.11 or newer with venv that another user than root may start")


def reader_row() -> str:
    """From a wheel file to the executed tutorial, without a compiler and without root."""
    folder = empty(WORK / "reader")
    log, wheel, venv = folder / "log", built("*manylinux*x86_64.whl"), folder / "a venv"
    shutil.copy(ROOT / "locks/tutorial.lock", folder)
    for name in ("tools", "notebooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    model = next((Path.home() / ".cache/logitlab/models").glob("*.gguf"), None)
    if model is None:
        raise Missing("the built-in model is not here yet: make tutorial fetches it")
    shutil.copy(model, folder)
    environment = {"HOME": str(folder), "PATH": NOWHERE, "LOGITLAB_CONNECT": "builtin"}
    environment |= {"LOGITLAB_MODEL": str(folder / model.name)}
    who: dict[str, object] = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    if who:
        shutil.chown(folder, 65534, 65534)
    python, began = python_for(who), time.monotonic()

    def step(*command: object) -> str:
        return run(command, log, env=environment, cwd=folder, **who)

    step(python, "-m", "venv", venv)
    pip = [
        venv / "bin/python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--only-binary",
        ":all:",
    ]
    step(*pip, "--require-hashes", "--no-compile", "-r", folder / "tutorial.lock")
    step(*pip, "--no-index", f"{wheel}[notebook]")
    took = time.monotonic() - began
    page = folder / "tutorial.html"
    step(
        venv / "bin/python",
        "tools/run_notebook.py",
        "notebooks/01-temperature-and-top-k.ipynb",
        "--quiet",
        "--html",
        page,
    )
    step(venv / "bin/jupyter", "lab", "--version")
    whole = time.monotonic() - began
    if "0.08714432" not in page.read_text(encoding="utf-8"):
        raise Failed("the page does not have the tutorial's numbers")
    if whole > PATIENCE:
        raise Failed(
            f"a reader must have the tutorial within {PATIENCE} s, got {whole:.0f} s ({took:.0f} s of them pip)"
        )
    return f"the tutorial is executed after {whole:.0f} s, {took:.0f} s of them pip"


def rows_of(names: list[str]) -> list[tuple[str, str]]:
    both = [(version, which) for version in VERSIONS for which in ("oldest", "newest")]
    every = [*both, ("aarch64", "qemu"), ("reader", "no root")]
    return [row for row in every if not names or row[0] in names]


def line(row: tuple[str, str]) -> list[str]:
    name, how = row
    try:
        outcome = {"aarch64": aarch64_row, "reader": reader_row}.get(name, lambda: python_row(name, how))()
    except (Missing, FileNotFoundError) as missing:
        outcome = f"not run: {missing}"
    except Failed as failed:
        outcome = f"FAILED: {failed}"
    print(name, how, outcome, sep="  ", flush=True)
    return [name, how, outcome]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(VERSIONS)}, aarch64, reader")
    arguments = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    rows = rows_of(arguments.rows)
    if any(VERSIONS.get(name) == "Debian" for name, _ in rows):
        test_pythons.WORK.mkdir(parents=True, exist_ok=True)
        test_pythons.make_debian(test_pythons.WORK / "debian.log")
    for name, how in rows:
        if name in VERSIONS:
            packages(name, how)  # one after the other: rows share them
    with ThreadPoolExecutor(arguments.jobs) as pool:
        cells = list(pool.map(line, rows))
    return close(["Python", "with", "outcome"], cells)


if __name__ == "__main__":
    sys.exit(main())
