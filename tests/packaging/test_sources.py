"""Every file of the kernels parses alone, with csrc/compile_flags.txt, so that editors and their servers read it."""

import shutil
import subprocess
from pathlib import Path

import pytest

CSRC = Path(__file__).parents[2] / "csrc"
SOURCES = sorted(path for path in (CSRC / "kernels").rglob("*.*") if path.suffix in (".c", ".h", ".inc"))
COMPILER = shutil.which("clang") or shutil.which("cc")


def test_every_file_parses_alone():
    if COMPILER is None:
        pytest.skip("no C compiler was found: install gcc or clang")
    flags = (CSRC / "compile_flags.txt").read_text().split()
    names = [str(path.relative_to(CSRC)) for path in SOURCES]
    names = [
        name for name in names if "/vec/" not in name or name.endswith("/vec.h")
    ]  # which includes the others
    assert len(names) > 50
    wrong = {}
    for name in names:
        command = [COMPILER, "-fsyntax-only", "-w", *flags, name]
        done = subprocess.run(command, cwd=CSRC, capture_output=True, text=True, check=False)
        if done.returncode:
            wrong[name] = done.stderr[:500]
    assert not wrong
