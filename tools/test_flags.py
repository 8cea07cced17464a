"""Builds the extensions with compiler flags that users and distributions have, and runs the tests of the bits on each.

    python tools/test_flags.py [--compiler CC]... [NAME...]

Each set of flags has a folder of its own. Of the CPU targets only `generic` and the best of this machine are built:
one emulates fused operations, the other has them. A compiler gets the flags of a set that it knows. The flags of the
build itself come last and take most of the others back, so many builds are the same machine code: it is tested once.
"""

import argparse
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from compiler import Compiler
from matrix import ROOT, Failed, close, counts, empty, run

import logitlab

X86 = "x86" in os.uname().machine
# name: CFLAGS, and what LDFLAGS has beside them
SETS = {
    "plain": ("", ""),
    "-ffast-math": ("-O3 -ffast-math", "-ffast-math"),
    "-Ofast": ("-Ofast", "-Ofast"),
    "parts of -ffast-math": (
        "-O3 -funsafe-math-optimizations -fassociative-math -freciprocal-math -ffinite-math-only -fno-signed-zeros "
        "-fapprox-func -ffp-contract=fast -fsingle-precision-constant",
        "-funsafe-math-optimizations",
    ),
    "only when linking": ("", "-Ofast -ffast-math -funsafe-math-optimizations -mdaz-ftz"),
    "-ffp-model=fast": ("-O3 -ffp-model=fast -fdenormal-fp-math=preserve-sign -mdaz-ftz", "-mdaz-ftz"),
    "stricter": ("-O2 -frounding-math -fsignaling-nans -ftrapping-math -fmath-errno", ""),
    "-O0, debug": ("-O0 -g3 -fno-builtin -fno-inline", "-g"),
    "other vectors": ("-O3 -ftree-loop-vectorize -ftree-slp-vectorize -funroll-loops", ""),
    "hardening": (
        "-g -O2 -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection "
        "-ftrivial-auto-var-init=zero -Wformat -Werror=format-security -fno-plt",
        "-Wl,-z,relro -Wl,-z,now -Wl,--as-needed",
    ),
    "-flto": ("-O3 -flto", "-flto"),
}
X86_SETS = {
    "-march=native": ("-O3 -march=native -mtune=native", ""),
    "-march=x86-64-v3": ("-O3 -march=x86-64-v3", ""),
    "-march=x86-64-v4": ("-O3 -march=x86-64-v4", ""),
    "everything at once": ("-Ofast -march=native -flto -mfpmath=387", "-Ofast -flto"),
    "less than a target": ("-O2 -mno-avx -mno-popcnt -mno-fma", ""),
}
# what a CPU must have to run such a build: the flags are its owner's word that it has
NEEDS = {"-march=x86-64-v3": "avx2", "-march=x86-64-v4": "avx512"}
TESTS = [
    "functions/test_same_bits.py",
    "functions/test_accuracy.py",
    "functions/test_special_values.py",
    "functions/test_float_mode.py",
    "functions/test_tutorial_numbers.py",
    "sampling/test_same_bits.py",
]


def known(cc: Compiler, flags: str) -> str:
    """The flags that the compiler knows. Those of the linker and the preprocessor are everybody's."""
    words = flags.split()
    compilers = cc.known([word for word in words if not word.startswith(("-Wl,", "-D"))])
    return " ".join(word for word in words if word in compilers or word.startswith(("-Wl,", "-D")))


def machine_code(extension: Path) -> bytes:
    """What a shared library does, without what tells how it was made."""
    stripped = extension.with_suffix(".stripped")
    sections = ["--remove-section=.comment", "--remove-section=.note.gnu.build-id"]
    subprocess.run(["objcopy", "--strip-all", *sections, extension, stripped], check=True)
    code = stripped.read_bytes()
    stripped.unlink()
    return code


def digest(site: Path) -> str:
    extensions = sorted((site / "logitlab").glob("*.so"))
    return hashlib.sha256(b"".join(map(machine_code, extensions))).hexdigest()


def build(cc: str, name: str, work: Path) -> Path:
    """The package with extensions of its own, in a folder."""
    cflags, ldflags = (known(Compiler(cc), flags) for flags in (SETS | X86_SETS)[name])
    empty(work)
    site, log = work / "site", work / "log"
    shutil.copytree(
        ROOT / "python/logitlab", site / "logitlab", ignore=shutil.ignore_patterns("*.so", "__pycache__")
    )
    targets = f"generic,{logitlab.targets()['usable'][0]}"
    environment = os.environ | {
        "CC": cc,
        "CFLAGS": cflags,
        "LDFLAGS": ldflags,
        "LOGITLAB_BUILD_TARGETS": targets,
    }
    command = [
        "setup.py",
        "--quiet",
        "build_ext",
        "--force",
        "--build-lib",
        site,
        "--build-temp",
        work / "temp",
    ]
    run([sys.executable, *command], log, cwd=ROOT, env=environment)
    return site


def test(site: Path) -> str:
    log = site.parent / "log"
    tests = [ROOT / "tests" / name for name in TESTS]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "not real_logits",
        *tests,
    ]
    where = run(
        [sys.executable, "-c", "import logitlab; print(logitlab.__file__)"],
        log,
        env=at(site),
        cwd=site.parent,
    )
    if not where.startswith(str(site)):
        raise Failed(f"the tests would run on {where.strip()}")
    return counts(run(command, log, cwd=ROOT, env=at(site)))


def try_set(cc: str, name: str, work: Path, passed: dict[str, str]) -> str:
    """The outcome of one set; `passed` maps the code of earlier ones to their names."""
    site = build(cc, name, work)
    usable = logitlab.targets()["usable"]
    if NEEDS.get(name, usable[0]) not in usable:
        return f"built, not run: this CPU has no {NEEDS[name]}"
    code = digest(site)
    if code in passed:
        return f"the same machine code as {passed[code]}"
    outcome = test(site)
    passed[code] = name
    return outcome


def at(site: Path) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(site)}


def version(cc: str) -> str:
    said = subprocess.run([*shlex.split(cc), "--version"], capture_output=True, text=True, check=True).stdout
    return said.splitlines()[0]


def compilers() -> list[str]:
    return [os.environ.get("CC", "cc"), *(["clang"] if shutil.which("clang") else [])]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--compiler", action="append", metavar="CC")
    parser.add_argument("names", nargs="*", metavar="NAME")
    arguments, dashed = parser.parse_known_args()  # most names begin with a dash
    every = [*SETS, *(X86_SETS if X86 else {})]
    names = [*arguments.names, *dashed] or every
    if unknown := [name for name in names if name not in every]:
        parser.error(f"a set must be one of {', '.join(every)}, got {unknown[0]}")
    rows = []
    for number, cc in enumerate(arguments.compiler or compilers()):
        passed: dict[str, str] = {}
        for index, name in enumerate(names):
            try:
                outcome = try_set(cc, name, ROOT / "build/flags" / f"{number}-{index}", passed)
            except Failed as failed:
                outcome = f"FAILED: {failed}"
            rows.append([version(cc), name, outcome])
            print(*rows[-1], sep="  ", flush=True)
    if not arguments.compiler and not shutil.which("clang"):
        rows.append(["clang", "all", "not run: clang is not installed"])
    print()
    return close(["compiler", "flags", "outcome"], rows)


if __name__ == "__main__":
    sys.exit(main())
