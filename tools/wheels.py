"""Builds what a release consists of, the sdist and from it one wheel for each platform, into dist/, and checks it.

    python tools/wheels.py [--twice] [PLATFORM...]

Every wheel is built here: zig, a wheel of the group `wheel`, is a C compiler for all of these systems. The Linux
wheels ask for glibc 2.28. Those for macOS are built and not run by us. With --twice everything is built again in
another folder, and must be the same bytes. SOURCE_DATE_EPOCH dates the files; not set, it is the time of the last
commit.
"""

import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from matrix import ROOT, Failed, empty, run

WORK = ROOT / "build/wheels"
DIST = ROOT / "dist"
MOST = 2_000_000  # bytes of a wheel
BUILD = "import sys; from setuptools import build_meta as b; b.build_{}(sys.argv[1]{})"


@dataclass(frozen=True)
class Platform:
    """A platform's name in a wheel, and as zig and setup.py call it."""

    tag: str
    target: str
    machine: str


PLATFORMS = {
    "linux-x86_64": Platform("manylinux_2_28_x86_64", "x86_64-linux-gnu.2.28", "x86_64"),
    "linux-aarch64": Platform("manylinux_2_28_aarch64", "aarch64-linux-gnu.2.28", "aarch64"),
    "macos-arm64": Platform("macosx_13_0_arm64", "aarch64-macos.13.0", "aarch64"),
    "macos-x86_64": Platform("macosx_13_0_x86_64", "x86_64-macos.13.0", "x86_64"),
}


def last_commit() -> str:
    """When the sources were last changed, in seconds; now, where they are no clone."""
    command = ["git", "log", "-1", "--format=%ct"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return str(int(time.time()))
    return done.stdout.strip() or str(int(time.time()))


def clean_environment() -> dict[str, str]:
    """Without what a developer's shell says to the build."""
    forbidden = ("LOGITLAB_", "PYTHON", "CFLAGS", "LDFLAGS", "CC")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(forbidden)}
    return {"SOURCE_DATE_EPOCH": last_commit()} | kept


def build(kind: str, source: Path, destination: Path, log: Path, more: str = "", **environment: str) -> Path:
    """Call setuptools as a frontend does, without isolation; return the file that it made."""
    made = empty(destination)
    code = BUILD.format(kind, more)
    run([sys.executable, "-c", code, made], log, cwd=source, env=clean_environment() | environment)
    return next(made.iterdir())


def headers(folder: Path) -> Path:
    """Python's headers for any machine; those of this one are configured for it, as NumPy's are."""
    include = Path(sysconfig.get_path("include"))
    shutil.copytree(include, empty(folder), dirs_exist_ok=True)
    own = Path(
        sysconfig.get_config_h_filename()
    ).read_text()  # on Debian it is elsewhere, for this machine alone
    (folder / "pyconfig.h").write_text(own)
    return folder


def headers_of_macos(folder: Path) -> Path:
    """The one header that NumPy's include where they were configured on Linux, and that macOS has elsewhere."""
    (headers(folder) / "endian.h").write_text("#include <machine/endian.h>\n")
    return folder


def wheel(name: str, sdist: Path, work: Path) -> Path:
    """The wheel for a platform, from the sdist."""
    platform, folder = PLATFORMS[name], empty(work / name)
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    tree = next(path for path in folder.iterdir() if path.is_dir())
    macos = "macos" in platform.target
    include = (headers_of_macos if macos else headers)(folder / "include")
    zig = f"{sys.executable} -m ziglang cc -target {platform.target}"
    settings = f", {{'--build-option': '--plat-name={platform.tag}'}}"
    return build(
        "wheel",
        tree,
        folder / "out",
        folder / "log",
        settings,
        CC=zig,
        LDSHARED=f"{zig} -shared -s" + " -undefined dynamic_lookup" * macos,
        CFLAGS=shlex.quote(f"-I{include}"),
        LOGITLAB_BUILD_MACHINE=platform.machine,
        ZIG_GLOBAL_CACHE_DIR=str(WORK / "zig"),
        ZIG_LOCAL_CACHE_DIR=str(WORK / "zig"),
    )


def make(names: list[str], work: Path) -> Iterator[Path]:
    """The sdist, and the wheels that were built from it."""
    empty(work)
    sdist = build("sdist", ROOT, work / "sdist", work / "sdist.log")
    yield sdist
    for name in names:
        yield wheel(name, sdist, work)


def check(paths: list[Path], log: Path) -> None:
    """Ask everybody who has an opinion on what an index takes and a system runs."""
    tool = Path(sys.executable).parent
    wheels = [path for path in paths if path.suffix == ".whl"]
    run([tool / "twine", "check", "--strict", *paths], log)
    for path in wheels:
        if path.stat().st_size > MOST:
            raise Failed(f"{path.name} must have at most {MOST} bytes, got {path.stat().st_size}")
        run([tool / "check-wheel-contents", path], log)
        run([tool / "abi3audit", "--strict", "--report", path], log)
        if "manylinux" in path.name:
            said = run([tool / "auditwheel", "show", path], log)
            if "manylinux_2_28" not in said and "manylinux_2_17" not in said:
                raise Failed(f"auditwheel does not take {path.name} for manylinux_2_28 (see {log})")


def show(path: Path) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    state = "built, not run by us" if "macosx" in path.name else ""
    print(
        f"{path.name:55} {path.stat().st_size / 1e6:5.2f} MB  sha256:{digest[:16]}  {state}".rstrip(),
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--twice", action="store_true", help="build twice, and compare the bytes")
    parser.add_argument(
        "platforms", nargs="*", metavar="PLATFORM", help=f"of {', '.join(PLATFORMS)}; all without"
    )
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.platforms) - set(PLATFORMS)):
        parser.error(f"a platform must be one of {', '.join(PLATFORMS)}, got {unknown[0]}")
    names = arguments.platforms or list(PLATFORMS)
    os.umask(0o022)  # the files' modes are part of a wheel
    try:
        made = []
        empty(DIST)
        for path in make(names, WORK / "first"):
            made.append(Path(shutil.copy(path, DIST)))
            show(made[-1])
        check(made, WORK / "checks.log")
        print("twine, check-wheel-contents, abi3audit and auditwheel accept them")
        if arguments.twice:
            for path, again in zip(made, make(names, WORK / "and once more"), strict=True):
                if path.read_bytes() != again.read_bytes():
                    raise Failed(f"{path.name} is not the same bytes when it is built again: {again}")
            print("the same bytes when built again in another folder")
    except Failed as failed:
        print(f"logitlab: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
