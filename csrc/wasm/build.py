"""Compiles the kernels to WebAssembly: `python csrc/wasm/build.py [FOLDER]`, `make wasm`.

The compiler is clang as the wheel `ziglang` carries it, pinned in pyproject.toml, so that the same sources give the
same bytes on every machine; the modules are committed, and a test compares. Installing logitlab needs none of this.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "python" / "logitlab" / "explorer" / "static"
MODULES = {"kernels-f32.wasm": "f", "kernels-f64.wasm": "d"}  # LL_REAL of csrc/kernels/real.h
FLAGS = [
    "--target=wasm32-freestanding", "-std=c11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function",
    "-flto", "-Os", "-Xclang", "-Oz",  # the wheel's driver turns -Oz into -Os, which gives a third more bytes
    "-msimd128", "-mbulk-memory", "-ffreestanding", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math",
    "-DLL_TARGET=generic", "-Icsrc", "-nostdlib", "-Wl,--no-entry", "-Wl,--strip-all",
]  # fmt: skip


def steps() -> str:
    """LL_STEPS_RUN of csrc/kernels/steps/steps.h: the steps of the explorer's controls."""
    from logitlab.explorer.controls import CONTROLS  # built by now, as `make wasm` sees to

    kinds = [control.kind for control in CONTROLS.values()]
    return "-DLL_STEPS_RUN(STEP)=" + "".join(f"STEP(LL_{kind.upper()},{kind})" for kind in kinds)


def build(folder: Path) -> None:
    """Writes the modules into `folder`; nothing of an earlier compilation is used."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        for name, arithmetic in MODULES.items():
            command = [
                sys.executable,
                "-m",
                "ziglang",
                "cc",
                *FLAGS,
                f"-DLL_REAL={arithmetic}",
                steps(),
                "csrc/wasm/exports.c",
            ]
            subprocess.run(
                [*command, "-o", str(folder.resolve() / name)],
                cwd=ROOT,
                check=True,
                env=os.environ | {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache},
            )


if __name__ == "__main__":
    build(Path(sys.argv[1]) if len(sys.argv) > 1 else STATIC)
