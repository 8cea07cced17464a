"""Builds on every supported Python, and runs the functions' and the sampler's tests with its oldest and newest NumPy.

    python tools/test_pythons.py [--jobs N] [VERSION...]

Each Python gets two builds from the sdist, with developer flags and the newest NumPy's headers, which are those that
`pip install` takes: one by GCC, run with the oldest NumPy that has a wheel for this Python (and with the pandas and
ml_dtypes of its time), and one by clang, run with the newest. Pythons 3.11 to 3.13 are this machine's, with its
compilers; the newest Pythons, GCC and clang come from a root of Debian unstable, which root on Debian can make
(tools/debian_root.sh). `ccache` is used where it is.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lock_subset import entries, with_needed
from matrix import ROOT, Failed, close, counts, empty, run

WORK = ROOT / "build/pythons"
DEBIAN = ROOT / "build/debian-unstable"
VERSIONS = {"3.11": "here", "3.12": "here", "3.13": "here", "3.14": "Debian", "3.15": "Debian"}
COMPILERS = {"here": ("gcc", "clang"), "Debian": ("gcc-16", "clang-21")}
TESTS = ["setuptools", "pytest", "pytest-timeout", "hypothesis", "mpmath"]
ARRAYS = [
    "numpy>=2",
    "pandas>=2.2.2",
    "ml-dtypes>=0.5",
]  # the first pandas for NumPy 2, and the first ml_dtypes
UV = [sys.executable, "-m", "uv", "pip"]
WHEEL = "import sys; from setuptools import build_meta; build_meta.build_wheel(sys.argv[1])"


@dataclass(frozen=True)
class Row:
    """One build and its run."""

    version: str
    compiler: str
    numpy: str  # "newest" or "oldest", which it runs with

    @property
    def folder(self) -> Path:
        return WORK / f"{self.version}-{self.numpy}"


@dataclass(frozen=True)
class Interpreter:
    """A Python and the words that run a command where it is; None where it is not to be had."""

    command: list[str]
    enter: list[str]


class Missing(Exception):
    """What a row needs and this machine has not."""


def numbers(python: str) -> str | None:
    """The version of a Python such as "3.12", or None when it does not run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def candidates(version: str) -> Iterator[str]:
    yield sys._base_executable
    if found := shutil.which(f"python{version}"):
        yield found
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python"), reverse=True))


def interpreter(version: str) -> Interpreter:
    if VERSIONS[version] == "Debian":
        if not (DEBIAN / ".ready").exists():
            raise Missing(f"Python {version}: {DEBIAN} is not there, which root on Debian makes")
        return Interpreter(
            [f"python{version}"], [str(ROOT / "tools/debian_root.sh"), "run", str(DEBIAN), str(WORK)]
        )
    for python in candidates(version):
        if numbers(python) == version:
            return Interpreter([python], [])
    raise Missing(f"Python {version} is neither on the PATH nor in pyenv")


def compiler(name: str, where: str) -> str:
    if where == "here" and not shutil.which(name):
        raise Missing(f"{name} is not installed")
    cached = where == "Debian" or shutil.which("ccache")
    return f"ccache {name}" if cached else name


def make_debian(log: Path) -> None:
    """The root, where this machine can make one; a row says when it cannot."""
    if os.geteuid() == 0 and shutil.which("debootstrap"):
        run([ROOT / "tools/debian_root.sh", "make", DEBIAN], log)


def packages(version: str, which: str) -> Path:
    """A folder with the tests' packages of the lock and the oldest or newest NumPy, installed once for this Python."""
    folder = WORK / f"packages-{version}-{which}"
    site, log = folder / "site", folder / "log"
    if not (folder / ".ready").exists():
        empty(folder)
        (folder / "arrays.in").write_text("\n".join(ARRAYS))
        resolution = "lowest-direct" if which == "oldest" else "highest"
        wheels = ["--only-binary", ":all:", "--python-version", version]
        compiled = ["--generate-hashes", "--no-emit-index-url", "--resolution", resolution]
        run(
            [
                *UV,
                "compile",
                "--quiet",
                *wheels,
                *compiled,
                folder / "arrays.in",
                "-o",
                folder / "arrays.lock",
            ],
            log,
        )
        locked = entries()
        (folder / "tests.lock").write_text(
            "\n".join(locked[name] for name in sorted(with_needed(TESTS))) + "\n"
        )
        locks = ["-r", folder / "arrays.lock", "-r", folder / "tests.lock"]
        install = ["--no-deps", "--require-hashes", "--target", site, *wheels]
        run([*UV, "install", "--quiet", "--python", sys.executable, *install, *locks], log)
        (folder / ".ready").touch()
    return site


def numpy_of(site: Path) -> str:
    return next(site.glob("numpy-*.dist-info")).name.removeprefix("numpy-").removesuffix(".dist-info")


def sdist() -> Path:
    folder = empty(WORK / "sdist")
    code = WHEEL.replace("build_wheel", "build_sdist")
    run([sys.executable, "-c", code, folder], WORK / "sdist.log", cwd=ROOT)
    return next(folder.glob("*.tar.gz"))


def build_and_test(row: Row, source: Path) -> str:
    where, log = interpreter(row.version), empty(row.folder) / "log"
    with tarfile.open(source) as archive:
        archive.extractall(row.folder, filter="data")
    tree = next(path for path in row.folder.iterdir() if path.is_dir())
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LOGITLAB_", "PYTHON"))
    }
    environment |= {"CCACHE_DIR": str(WORK / "ccache"), "CCACHE_NOHASHDIR": "1", "CCACHE_BASEDIR": str(WORK)}
    environment |= {"CC": compiler(row.compiler, VERSIONS[row.version]), "LOGITLAB_DEVELOPER": "1"}

    def python(*arguments: object, path: list[Path]) -> str:
        inside = ["env", "-C", tree, f"PYTHONPATH={':'.join(map(str, path))}", *where.command]
        return run([*where.enter, *inside, *arguments], log, env=environment)

    python("-c", WHEEL, row.folder, path=[packages(row.version, "newest")])
    installed = row.folder / "installed"
    python("-m", "zipfile", "-e", next(row.folder.glob("*.whl")), installed, path=[])
    site = packages(row.version, row.numpy)
    tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/functions", "tests/sampling"]
    said = python("-c", "import logitlab; print(logitlab.__file__)", path=[installed, site])
    if not said.startswith(str(installed)):
        raise Failed(f"the tests would run on {said.strip()}")
    return counts(python(*tests, path=[installed, site]))


def line(row: Row, source: Path) -> list[str]:
    try:
        outcome = build_and_test(row, source)
    except Missing as missing:
        outcome = f"not run: {missing}"
    except Failed as failed:
        outcome = f"FAILED: {failed}"
    ready = WORK / f"packages-{row.version}-{row.numpy}"
    used = numpy_of(ready / "site") if (ready / ".ready").exists() else row.numpy
    cells = [f"Python {row.version}", f"NumPy {used}", row.compiler, outcome]
    print(*cells, sep="  ", flush=True)
    return cells


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument(
        "versions", nargs="*", metavar="VERSION", help=f"of {', '.join(VERSIONS)}; all without"
    )
    arguments = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    versions = arguments.versions or list(VERSIONS)
    if any(VERSIONS[version] == "Debian" for version in versions):
        make_debian(WORK / "debian.log")
    rows = []
    for version in versions:
        gcc, clang = COMPILERS[VERSIONS[version]]
        rows += [Row(version, gcc, "oldest"), Row(version, clang, "newest")]
        for which in ("oldest", "newest"):
            packages(version, which)
    source = sdist()
    first = {row.compiler: row for row in reversed(rows)}
    rows.sort(
        key=lambda row: row is not first[row.compiler]
    )  # these fill each compiler's cache for the others
    with ThreadPoolExecutor(arguments.jobs) as pool:
        cells = list(pool.map(lambda row: line(row, source), rows))
    cells.sort()
    print()
    return close(["Python", "NumPy", "compiler", "outcome"], cells)


if __name__ == "__main__":
    sys.exit(main())
