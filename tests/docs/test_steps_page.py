"""The page of steps is what `make docs` makes of the classes' docstrings, and other pages lead to it."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
MADE = runpy.run_path(str(ROOT / "tools" / "steps_page.py"))
STEPS = [(step, MADE["parts"](step)) for step in MADE["registry"].values()]


def test_the_page_is_made_of_the_docstrings():
    page = (ROOT / "docs" / "steps.md").read_text(encoding="utf-8")
    assert page == MADE["page"](), "run `make docs` and commit docs/steps.md"
    assert "(steps.md)" in (ROOT / "docs" / "sampling.md").read_text(encoding="utf-8")


def test_each_step_says_what_it_does_and_by_which_rule():
    for step, (first, rest) in STEPS:
        assert first.endswith(".")
        assert "|" not in first, f"{step.__name__}: it would end a cell of the table"
        assert len(rest) > 60, step.__name__
        assert "---" not in rest, f"{step.__name__}: a section of the docstring is in the page"
