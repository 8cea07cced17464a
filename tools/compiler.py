"""What every C file of logitlab is compiled and linked with, whatever the user's own flags are.

The same bits from every build need IEEE arithmetic, one operation at a time. CFLAGS of a user or of a distribution may
ask for something else (-ffast-math, -Ofast, -march=native, -flto), and on a link line some of them change the
floating-point mode of the whole process (crtfastmath.o). The compiler obeys the last word, so these flags come after
the user's. A compiler knows only some of them and is asked about each one; csrc/kernels/ieee.h stops a build in which
one that is needed had no effect.
"""

import os
import shlex
import shutil
import subprocess
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

IEEE = [
    "-Wno-overriding-t-option",  # to override is what these are for (clang before and since 19)
    "-Wno-overriding-option",
    "-fno-fast-math",
    "-fno-unsafe-math-optimizations",
    "-fno-associative-math",
    "-fno-reciprocal-math",
    "-fno-finite-math-only",
    "-fsigned-zeros",
    "-fno-rounding-math",
    "-fno-signaling-nans",
    "-fno-single-precision-constant",
    "-fno-approx-func",
    "-fdenormal-fp-math=ieee",
    "-ffp-eval-method=source",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=off",  # after those above: some of them set it as well
]
# The objects of one target must not meet those of another in a linker that optimises.
ONE_BY_ONE = ["-fno-lto"]
# On x86: the vector registers and no x87, and no startup code that flushes subnormal numbers (GCC 14 and newer).
X86 = ["-mfpmath=sse", "-mno-daz-ftz"]
# GCC 12 miscompiles some loops when it adds vectors of its own to ours; either half can be switched on alone.
NO_OTHER_VECTORS = ["-fno-tree-vectorize", "-fno-tree-loop-vectorize", "-fno-tree-slp-vectorize"]
# Of all these, what counts on a link line; -O2 is there for -Ofast.
LINKED = ["-O2", "-fno-fast-math", "-fno-unsafe-math-optimizations", "-mno-daz-ftz", "-fno-lto"]

PROGRAM = "#include <stdlib.h>\nint logitlab_probe(void) { return EXIT_SUCCESS; }\n"
INSTALL = (
    "Debian and Ubuntu: apt-get install gcc libc6-dev python3-dev; Fedora: dnf install gcc python3-devel; "
    "macOS: xcode-select --install"
)


class Compiler:
    """The C compiler that setuptools will call, without the user's CFLAGS."""

    def __init__(self, command: str | None = None) -> None:
        self.command = shlex.split(command or os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")

    def compiles(self, *flags: str, program: str = PROGRAM) -> bool:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "probe.c")
            source.write_text(program)
            command = [*self.command, *flags, "-c", str(source), "-o", str(Path(folder, "probe.o"))]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0

    @cached_property
    def _strict(self) -> list[str]:
        """What makes the warning about an unknown flag an error, unless CC itself warns."""
        return ["-Werror"] if self.compiles("-Werror") else []

    def known(self, flags: list[str]) -> list[str]:
        """Those of the flags that this compiler knows, in their order."""
        strict = self._strict
        with ThreadPoolExecutor(2) as pool:
            known = pool.map(lambda flag: self.compiles(*strict, flag), flags)
            return [flag for flag, yes in zip(flags, known, strict=True) if yes]

    def first_known(self, *choices: str) -> list[str]:
        return self.known(list(choices))[:1]

    def lacks(self) -> str | None:
        """What is missing for a build, in one sentence, or None."""
        name, include = self.command[0], sysconfig.get_path("include")
        if shutil.which(name) is None:
            return f"logitlab is compiled here, which needs a C compiler, and there is no {name}. {INSTALL}"
        if not self.compiles():
            return (
                f"logitlab is compiled here, and {shlex.join(self.command)} cannot compile a program that includes "
                f"stdlib.h: the C library's headers may be missing. {INSTALL}"
            )
        if not Path(include, "Python.h").exists():
            return f"logitlab is compiled here, which needs Python's headers, and {include} has no Python.h. {INSTALL}"
        return None
