"""Lists the extensions; everything else is in pyproject.toml.

The kernels are one translation unit (csrc/kernels/kernels.c) compiled once per CPU target and arithmetic, and linked
into one extension, which chooses a target at import. No flag here depends on the building machine's CPU, and
tools/compiler.py has those that take back what a user's flags would change.
"""

import os
import platform
import sys
import sysconfig
import tomllib
from concurrent.futures import ThreadPoolExecutor
from glob import glob
from itertools import product
from pathlib import Path

import numpy
from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist
from setuptools.modified import newer_group

# a PEP 517 build has no folder of ours on the path
sys.path.insert(0, str(Path(__file__).resolve().parent / "tools"))
import compiler
import publish

X86 = {
    "baseline": [],
    "avx2": ["-mavx2", "-mfma", "-mf16c", "-mpopcnt"],
    "avx512": ["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mfma", "-mf16c", "-mpopcnt",
               "-mprefer-vector-width=512"],
}  # fmt: skip
# A block is 16 or 32 of its vectors: unrolled, the loops over them would be a third of the code of the slowest target.
GENERIC = ["--param=max-completely-peel-times=8"]
MACHINE = {"AMD64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
MACHINE = os.environ.get("LOGITLAB_BUILD_MACHINE", MACHINE)
TARGETS = {"generic": GENERIC} | {"x86_64": X86, "aarch64": {"neon": []}}.get(MACHINE, {})
if chosen := os.environ.get("LOGITLAB_BUILD_TARGETS"):  # "generic,avx2": a quicker build, for tests of it
    TARGETS = {name: flags for name, flags in TARGETS.items() if name in {"generic", *chosen.split(",")}}
ARITHMETICS = ["f", "d"]  # float and double: LL_REAL of csrc/kernels/real.h
NO_MODEL = {"avx512"}  # the model runs its AVX2 code there: integer dot products are exact in either
# -g0: the flags of Python itself ask for debugging symbols, which would be most of a wheel
FLAGS = ["-std=c11", "-O2", "-g0", "-fvisibility=hidden"]
LINK = []
if os.environ.get("LOGITLAB_DEVELOPER"):
    FLAGS += ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
if sanitize := os.environ.get("LOGITLAB_SANITIZE"):  # for example "address,undefined" or "thread"
    SANITIZE = [f"-fsanitize={sanitize}", "-fno-sanitize-recover=all", "-g", "-fno-omit-frame-pointer"]
    FLAGS += SANITIZE
    LINK += SANITIZE
LIMITED = [] if sysconfig.get_config_var("Py_GIL_DISABLED") else [("Py_LIMITED_API", "0x030B0000")]


def headers(folder):
    return ["setup.py", "tools/compiler.py", *sorted(glob(f"csrc/{folder}/**/*.[hci]*", recursive=True))]


def target_base(cc):
    """A target's starting point, in place of the -march of a user; GCC's and clang's spelling, then zig's.

    To GCC and clang the last word on a feature counts. To zig -mno-sse3 also forbids the AVX2 that comes after it.
    """
    if MACHINE != "x86_64":
        return []
    march = cc.first_known("-march=x86-64", "-march=x86_64")
    last_word_counts = cc.compiles("-mno-sse3", "-mavx2", program="int avx2(void) { return __AVX2__; }\n")
    return [*march, "-mno-sse3"] if last_word_counts else march


def arithmetic_flags(cc):
    """What every file needs, last on its command line."""
    return cc.known([*compiler.IEEE, *compiler.ONE_BY_ONE, *(compiler.X86 if MACHINE == "x86_64" else [])])


def kernel_flags(cc):
    """What the kernels need beside it, for every target."""
    return ["-ffreestanding", *cc.known(compiler.NO_OTHER_VECTORS), *target_base(cc)]


def stop_without_compiler():
    if lacks := compiler.Compiler().lacks():
        sys.exit(lacks)


class Build(build):
    """Says that there is no compiler before it copies anything."""

    def run(self):
        stop_without_compiler()
        super().run()


class BuildExt(build_ext):
    """Compiles the kernels for each target in float and in double, two at a time, for the linker."""

    def run(self):
        stop_without_compiler()
        super().run()

    def build_extension(self, ext):
        stale = newer_group([*ext.sources, *ext.depends], self.get_ext_fullpath(ext.name), "newer")
        if stale or self.force:
            self.add_flags(ext)
        if ext.name == "logitlab._kernels" and (stale or self.force):
            with ThreadPoolExecutor(2) as pool:
                kernels = pool.map(self.compile_kernels, product(TARGETS, ARITHMETICS))
                model = pool.map(self.compile_model, [name for name in TARGETS if name not in NO_MODEL])
                ext.extra_objects = [*kernels, *model]
        super().build_extension(ext)

    def add_flags(self, ext):
        """Adds the flags that depend on the compiler, after everything that the user asked for."""
        cc = compiler.Compiler()
        self.arithmetic, self.kernels = arithmetic_flags(cc), kernel_flags(cc)
        self.own = {name: cc.known(flags) for name, flags in TARGETS.items()}  # clang has no --param
        ext.extra_compile_args = [*FLAGS, *self.arithmetic]
        linked = [flag for flag in compiler.LINKED if flag in ("-O2", *self.arithmetic)]
        ext.extra_link_args = [*linked, *ext.extra_link_args]

    def compile_kernels(self, unit):
        target, arithmetic = unit
        macros = [("LL_TARGET", target), ("LL_REAL", arithmetic)]
        return self.compile_unit("csrc/kernels/kernels.c", Path(target, arithmetic), target, macros)

    def compile_model(self, target):
        return self.compile_unit("csrc/model/forward.c", Path(target), target, [("LL_TARGET", target)])

    def compile_unit(self, source, folder, target, macros):
        return self.compiler.compile(
            [source],
            str(Path(self.build_temp, folder)),
            macros=macros,
            include_dirs=["csrc"],
            extra_postargs=[*FLAGS, *self.arithmetic, "-O3", *self.kernels, *self.own[target]],
            depends=[*headers("kernels"), *headers("model")],
        )[0]


class Sdist(sdist):
    """The same bytes from the same sources, whenever and by whom it is made."""

    def make_archive(self, base_name, format, root_dir=None, base_dir=None, owner=None, group=None):
        if format != "gztar":
            return super().make_archive(base_name, format, root_dir, base_dir, owner, group)
        path = Path(f"{base_name}.tar.gz")
        path.parent.mkdir(parents=True, exist_ok=True)
        publish.write_archive(Path(root_dir or ".", base_dir), path)
        return str(path)


class BdistWheel(bdist_wheel):
    """One wheel for every CPython from 3.11 on, but for free-threaded builds: no limited API there yet."""

    def finalize_options(self):
        self.py_limited_api = "cp311" if LIMITED else None
        super().finalize_options()


KERNELS = Extension(
    "logitlab._kernels",
    sources=[
        *sorted(glob("csrc/numpy/*.c")),
        "csrc/kernels/pcg64.c",
        "csrc/kernels/select_integers.c",
        "csrc/model/session.c",
    ],
    depends=headers("numpy") + headers("kernels") + headers("model"),
    include_dirs=[numpy.get_include(), "csrc"],
    define_macros=[
        *LIMITED,
        ("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"),
        ("NPY_TARGET_VERSION", "NPY_2_0_API_VERSION"),
        *[(f"LL_HAVE_{name.upper()}", "1") for name in TARGETS],
    ],
    extra_link_args=[*LINK, "-pthread"],
    py_limited_api=bool(LIMITED),
)

# libcurl is opened at run time: nothing to link but dlopen itself, and nothing of curl to find.
HTTP = Extension(
    "logitlab._http",
    sources=sorted(glob("csrc/http/*.c")),
    depends=headers("http"),
    define_macros=LIMITED,
    extra_link_args=[*LINK, "-ldl", "-pthread"],
    py_limited_api=bool(LIMITED),
)

COMMANDS = {"build": Build, "build_ext": BuildExt, "sdist": Sdist, "bdist_wheel": BdistWheel}
PROJECT = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
README = publish.index_page(Path("README.md").read_text(encoding="utf-8"), *publish.addresses(PROJECT))
setup(
    ext_modules=[KERNELS, HTTP],
    cmdclass=COMMANDS,
    long_description=README,
    long_description_content_type="text/markdown",
)
