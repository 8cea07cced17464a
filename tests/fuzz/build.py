"""Builds a fuzzer with clang, under two sanitizers; the program's name says which.

python tests/fuzz/build.py FOLDER/kernels     every x86-64 target, with setup.py's own flags
python tests/fuzz/build.py FOLDER/lines       what frames the lines of a server
python tests/fuzz/build.py FOLDER/model       the built-in model's pass, on weights of any bytes
"""

import runpy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SANITIZE = [
    "-g",
    "-O2",
    "-fsanitize=address,undefined",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
]
PLAIN = ["-std=c11", "-D_GNU_SOURCE"]
NO_MODEL = ("avx512",)  # it runs the pass of avx2


@cache
def flags():
    """What setup.py compiles each target with."""
    sys.argv = ["setup.py", "--version"]  # says the version, builds nothing
    setup = runpy.run_path("setup.py")
    cc = setup["compiler"].Compiler("clang")
    kernel_flags = [*setup["arithmetic_flags"](cc), *setup["kernel_flags"](cc)]
    return kernel_flags, setup["TARGETS"]


def compile_one(task):
    source, made, options = task
    subprocess.run(["clang", "-c", source, "-o", made, "-Icsrc", *options], cwd=ROOT, check=True)
    return made


def for_each_target(program, source, skipped, **macros):
    """A source of the kernels or of the model for each target, as setup.py compiles it."""
    kernel_flags, targets = flags()
    stem = "-".join([Path(source).stem, *macros.values()])
    return [
        (
            source,
            program.with_suffix(f".{name}-{stem}.o"),
            [
                "-std=c11",
                *kernel_flags,
                *only,
                *(f"-D{macro}={value}" for macro, value in macros.items()),
                f"-DLL_TARGET={name}",
            ],
        )
        for name, only in targets.items()
        if name not in skipped
    ]


def plain(program, *sources):
    return [(source, program.with_suffix(f".{Path(source).stem}.o"), PLAIN) for source in sources]


def kernels(program):
    """What is compiled for the kernels' fuzzer, as (source, object, options)."""
    both = [
        task
        for arithmetic in "fd"
        for task in for_each_target(program, "csrc/kernels/kernels.c", (), LL_REAL=arithmetic)
    ]
    others = plain(
        program, "csrc/kernels/pcg64.c", "csrc/kernels/select_integers.c", "tests/fuzz/fuzz_kernels.c"
    )
    return both + others


def model(program):
    """The same for the model's fuzzer: the passes, and the kernels of floats, which they call."""
    floats = for_each_target(program, "csrc/kernels/kernels.c", NO_MODEL, LL_REAL="f")
    passes = for_each_target(program, "csrc/model/forward.c", NO_MODEL)
    return floats + passes + plain(program, "csrc/model/session.c", "tests/fuzz/fuzz_model.c")


def lines(program):
    """The same for the fuzzer of lines, whose memory runs out when the fuzzer says so."""
    return [
        ("csrc/http/lines.c", program.with_suffix(".framing.o"), [*PLAIN, "-Drealloc=fuzz_realloc"]),
        ("tests/fuzz/fuzz_lines.c", program.with_suffix(".fuzz_lines.o"), PLAIN),
    ]


def main(program):
    program.parent.mkdir(parents=True, exist_ok=True)
    tasks = {"kernels": kernels, "lines": lines, "model": model}[program.name](program)
    fuzzed = [
        (source, made, [*options, *SANITIZE, "-fsanitize=fuzzer-no-link"]) for source, made, options in tasks
    ]
    with ThreadPoolExecutor(2) as pool:
        objects = list(pool.map(compile_one, fuzzed))
    subprocess.run(
        ["clang", *SANITIZE, "-fsanitize=fuzzer", *objects, "-lm", "-o", program], cwd=ROOT, check=True
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
