"""The lesson runs from its first cell to its last, and what the teacher's page says of it is what it prints."""

import re
from pathlib import Path

import nbformat
import pytest

from .running import RUNNER, printed

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "03-the-explorer.ipynb"
PAGE = (ROOT / "docs" / "teacher.md").read_text()


@pytest.fixture(scope="module")
def executed(built_in):
    pytest.importorskip("anywidget", reason="anywidget is not installed")
    return RUNNER.run(NOTEBOOK, quiet=True)


def test_the_numbers_of_the_teachers_page(executed):
    tail = printed(executed, "to reach 90 %")
    alone, rest = re.findall(r"([\d.]+) %", tail)[:2]
    assert f"{rest} % against {alone} %" in PAGE
    kept = set(re.findall(r"keeps +(\d+) tokens", printed(executed, "keeps {kept")))
    assert "{}, {} or {} tokens are left".format(*sorted(kept)) in PAGE


def test_what_every_run_shows(executed):
    table = printed(executed, 'effective choices")').splitlines()[1:]
    assert len({re.search(r"'.*'", line)[0] for line in table}) == 1  # the argmax does not move
    few = printed(executed, "worth.append").splitlines()[2]
    assert all(float(x) <= 3 for x in re.findall(r"[\d.]+", few.removeprefix("top_k 3")))
    assert set(re.findall(r"with top_p off (\d+)", printed(executed, "keeps {kept"))) == {"40"}


def test_the_committed_outputs_can_be_read_without_running():
    """A picture, and no widget view that would be an error without its state."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    shown = [output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    assert len(shown) == 2
    for data in shown:
        assert "<table>" in data["text/html"]
        assert "application/vnd.jupyter.widget-view+json" not in data
