"""The tree is the architecture: no circle among the imports of Python or the includes of C, and one direction."""

import re
from pathlib import Path

import pytest
from import_graph import c_includes, circle, modules_of, python_imports

ROOT = Path(__file__).parents[1]
MODULES = modules_of(ROOT / "python" / "logitlab", "logitlab")
PYTHON = python_imports(ROOT / "python" / "logitlab", "logitlab")
C = c_includes(ROOT / "csrc")


def reached(graph, start):
    """Everything that what begins with `start` imports, and what that imports."""
    seen, left = set(), [name for name in graph if (name + "/").startswith(start)]
    while left:
        name = left.pop()
        if name not in seen:
            seen.add(name)
            left += graph.get(name, ())
    return seen


def test_no_module_imports_itself_by_way_of_others():
    assert not circle(PYTHON)


def test_no_c_file_includes_itself_by_way_of_others():
    assert not circle(C)


def test_the_graphs_are_those_of_the_whole_tree():
    assert len(PYTHON) > 100
    assert len(C) > 100
    assert "logitlab.sampling.trace" in PYTHON["logitlab.sampling.sampler"]
    assert "kernels/kernels.h" in C["numpy/api.h"]


# who may know whom: a package's modules reach nothing that begins with these
NEVER = {
    "logitlab.reference": ("logitlab.sampling", "logitlab.llms", "logitlab.explorer"),
    "logitlab.sampling": ("logitlab.llms", "logitlab.explorer"),
    "logitlab.sampling.trace": ("logitlab.sampling.sampler", "logitlab.sampling.compare"),
    "logitlab.sampling.steps": ("logitlab.sampling.trace", "logitlab.sampling.sampler"),
    "logitlab.llms": ("logitlab.explorer",),
    "logitlab.lazy": ("logitlab.",),
    "logitlab.extras": ("logitlab.",),
}


@pytest.mark.parametrize("package", NEVER)
def test_data_flows_one_way(package):
    own = reached(PYTHON, package)
    assert package in own
    assert not [name for name in own if name.startswith(NEVER[package]) and name != package]


def test_explorer_is_reached_by_nothing():
    """It stands at the end of the flow: what it shows does not depend on it. Only the command line starts it."""
    others = [name for name in PYTHON if not name.startswith(("logitlab.explorer", "logitlab.command"))]
    assert not [n for name in others for n in PYTHON[name] if n.startswith("logitlab.explorer")]


def test_the_command_line_is_reached_by_nothing():
    others = [name for name in PYTHON if not name.startswith(("logitlab.command", "logitlab.__main__"))]
    assert not [n for name in others for n in PYTHON[name] if n.startswith("logitlab.command")]


def test_extras_are_loaded_by_one_function():
    users = {name for name, imported in PYTHON.items() if "logitlab.extras" in imported}
    assert {"logitlab.explorer.widget", "logitlab.llms.smol.folder", "logitlab.sampling.trace"} <= users
    sources = {name: path.read_text(encoding="utf-8") for name, path in MODULES.items()}
    assert [name for name, text in sources.items() if re.search(r"^def need\b", text, re.M)] == [
        "logitlab.extras"
    ]


def system(folder):
    """The system headers that a folder's files include, directly or through others."""
    return {name[1:-1] for name in reached(C, folder) if name.startswith("<")}


def test_only_csrc_numpy_knows_numpy():
    for folder in (path.name for path in (ROOT / "csrc").iterdir() if path.is_dir()):
        headers = system(folder + "/")
        assert any(name.startswith("numpy/") for name in headers) == (folder == "numpy"), folder
        assert ("Python.h" in headers) == (folder in ("numpy", "http")), folder


def test_the_kernels_and_the_model_are_freestanding():
    allowed = {"stddef.h", "stdint.h", "arm_neon.h", "emmintrin.h", "immintrin.h", "xmmintrin.h"}
    for folder in ("kernels/", "model/"):
        assert system(folder) <= allowed
    outside = [n for n in reached(C, "kernels/") if not n.startswith(("kernels/", "<"))]
    assert not outside


def test_only_csrc_http_knows_curl():
    assert not [name for folder in C for name in C[folder] if name.startswith("<curl")]
    knowing = {name for name, included in C.items() if "http/libcurl.h" in included}
    assert knowing
    assert all(name.startswith("http/") for name in knowing)


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize(
    "line",
    [
        "import made.b",
        "from made import b",
        "from made.b import x",
        "from .b import x",
        "from . import b",
        "def late():\n    from made.b import x",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from made.b import x",
        "if 1:\n    import os, made.b as other",
    ],
)
def test_a_circle_of_python_is_found(tmp_path, line):
    files = {
        "__init__.py": "",
        "a.py": line + "\n",
        "b.py": "import made.c\n",
        "c.py": "from made.a import y\n",
    }
    graph = python_imports(write(tmp_path, files), "made")
    assert circle(graph) == ["made.a", "made.b", "made.c", "made.a"]


def test_the_front_of_a_package_repeats_its_lazy_names_for_checkers(tmp_path):
    front = "import typing\nif typing.TYPE_CHECKING:\n    from made.a import x\n"
    files = {"__init__.py": front, "a.py": "from made import version\n"}
    assert not circle(python_imports(write(tmp_path, files), "made"))
    eager = {"__init__.py": "from made.a import x\n", "a.py": "from made import version\n"}
    assert circle(python_imports(write(tmp_path, eager), "made")) == ["made", "made.a", "made"]


def test_an_import_of_nothing_is_found(tmp_path):
    files = {"__init__.py": "", "a.py": "from made.gone.away import x\n"}
    with pytest.raises(AssertionError, match=r"made\.gone\.away"):
        python_imports(write(tmp_path, files), "made")


def test_a_circle_of_c_is_found(tmp_path):
    files = {
        "a/x.h": '#include "y.h"\n#include <math.h>\n',
        "a/y.h": '#  include "b/z.inc"\n',
        "b/z.inc": '#include "../a/x.h"\n',
    }
    graph = c_includes(write(tmp_path, files))
    assert circle(graph) == ["a/x.h", "a/y.h", "b/z.inc", "a/x.h"]
    assert graph["a/x.h"] == {"a/y.h", "<math.h>"}
    (tmp_path / "b/z.inc").write_text(
        '#ifndef A_X_H\n#  include "../a/x.h"\n#endif\n'
    )  # where it is read alone
    assert not circle(c_includes(tmp_path))
