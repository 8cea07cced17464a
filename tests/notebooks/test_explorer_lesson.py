"""The lesson runs from its first cell to its last, and what the teacher's page says of it is what it prints."""

import re
from pathlib import Path

import nbformat
import pytest

from .running import RUNNER, assert_committed, printed

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
    assert "{}, {} or {} tokens remain".format(*sorted(kept)) in PAGE


def test_what_every_run_shows(executed):
    table = printed(executed, 'effective choices")').splitlines()[1:]
    assert len({re.search(r"'.*'", line)[0] for line in table}) == 1  # the argmax does not move
    few = printed(executed, "choices.append").splitlines()[2]
    assert all(float(x) <= 3 for x in re.findall(r"[\d.]+", few.removeprefix("top_k 3")))
    assert set(re.findall(r"with top_p off (\d+)", printed(executed, "keeps {kept"))) == {"40"}


CHECKS = [
    "to reach 90 %",
    "for T in (0.1, 0.5",
    "trace = explorer.sampler",
    "choices.append",
    "expected {",
    "with top_p off",
]


@pytest.fixture(scope="module")
def committed():
    return nbformat.read(NOTEBOOK, as_version=4)


def test_the_committed_outputs_can_be_read_without_running(committed):
    """A picture, and no widget view that would be an error without its state."""
    shown = [
        output.data for cell in committed.cells for output in cell.get("outputs", []) if "data" in output
    ]
    assert len(shown) == 1
    assert "<table>" in shown[0]["text/html"]
    assert "application/vnd.jupyter.widget-view+json" not in shown[0]


def test_no_answer_is_visible_before_it_is_asked_for(committed):
    """Of a notebook that was only opened, the first cell's output is seen, and the file's name at its end."""
    first, *others = [cell for cell in committed.cells if cell.cell_type == "code"]
    visible = [
        cell for cell in others if cell.outputs and not cell.metadata.get("jupyter", {}).get("outputs_hidden")
    ]
    assert "explorer = ll.Explorer(" in first.source
    assert ["export(" in cell.source for cell in visible] == [True]


def test_every_check_has_its_explorer_before_it_and_sets_what_it_assumes(committed):
    cells = [cell for cell in committed.cells if cell.source != "**Check:**"]
    for piece in CHECKS:
        (place,) = [i for i, cell in enumerate(cells) if piece in cell.source and cell.cell_type == "code"]
        assert re.fullmatch(r"at\(.*\)", cells[place - 1].source)
        reads = re.search(r"explorer\.(probs|sampler)", cells[place].source)
        if reads:
            assert "at(" in cells[place].source[: reads.start()]


def test_the_lesson_fits_its_45_minutes_with_slack(committed):
    titles = [cell.source.partition("\n")[0] for cell in committed.cells if cell.cell_type == "markdown"]
    text = "\n".join(cell.source for cell in committed.cells if cell.cell_type == "markdown")
    minutes = [int(n) for n in re.findall(r"^## .*\((\d+) minutes\)$", text, re.MULTILINE)]
    assert len(minutes) == 7, titles
    assert sum(minutes) <= 41
    assert "If there is time" in text


def test_a_run_from_the_top_leaves_the_explorer_at_its_start(executed):
    assert executed.cells[-1].source.splitlines()[3].startswith("path = at().export(")


def test_the_seed_on_the_screen_is_the_one_that_is_drawn_with(executed):
    source = next(cell.source for cell in executed.cells if "the same u at temperature 0.3" in cell.source)
    assert source.count("rng=explorer.seed") == 2
    assert not re.search(r"(rng|seed)=\d", source)


def test_the_committed_texts_come_out_again(executed):
    assert_committed(executed, NOTEBOOK)
