"""The README: short, for somebody who sees the project for the first time, and its lines run from a wheel to a plot."""

import re

from .conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def test_it_is_short_and_says_what_it_is():
    assert len(README.splitlines()) <= 120
    first = README.split("\n\n")[1]
    assert re.match(r"[^.]*softmax[^.]*\.", first)
    assert len(re.findall(r"\.(?=\s|$)", first)) == 2
    assert README.index("![") < README.index("## ")


def test_it_has_the_two_commands_and_one_example_for_each_reader():
    assert re.findall(r"^## (.*)$", README, re.MULTILINE)[:5] == [
        "Install",
        "In a script",
        "In a notebook",
        "In a class",
        "Two commands",
    ]
    assert re.findall(r"^    (make tutorial|make test) ", README, re.MULTILINE) == [
        "make tutorial",
        "make test",
    ]
    assert len(BLOCKS) == 3


def test_its_install_lines_name_what_make_wheel_makes(wheel):
    version, python = wheel.name.split("-")[1:3]
    named = re.findall(r"pip install (?:\./)?(logitlab-[^ ]+\.whl)", README)
    assert named
    assert {name.split("-")[1] for name in named} == {version}
    assert {name.split("-")[2] for name in named} == {python}
    assert "pip install logitlab\n" not in README  # which works after the first release


def test_its_lines_run_from_the_wheel_to_a_first_plot(installed, call, tmp_path):
    """In an empty folder, without a server and without the model."""
    nowhere = {"OLLAMA_HOST": "127.0.0.1:1", "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    code = "\n".join(BLOCKS) + "\nprint(ll.__file__)"
    said = call("-c", code, cwd=tmp_path, PYTHONPATH=str(installed), MPLBACKEND="agg", **nowhere)
    output = re.search(r"^```output\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[1]
    assert said == f"{output}{installed}/logitlab/__init__.py\n"
    assert (tmp_path / "first.png").read_bytes().startswith(b"\x89PNG")
    assert "</html>" in (tmp_path / "lesson.html").read_text(encoding="utf-8")
    assert not list(tmp_path.rglob("*.gguf"))
