"""axe finds nothing on the pages that logitlab writes, light and dark: an exported explorer, the tutorial."""

from pathlib import Path

import nbformat
import pytest
from notebooks.test_page import page_of, saved, shown

from .conftest import RULES, Axe

TUTORIAL = Path(__file__).parents[2] / "notebooks" / "01-temperature-and-top-k.ipynb"


def exported(explorer, folder):
    return explorer.export(folder / "lesson.html", title="The next token")


def tutorial(explorer, folder):
    """What `make tutorial` writes: the notebook as it is committed, its last explorer alive in a frame."""
    notebook, cell = nbformat.read(TUTORIAL, as_version=4), shown(explorer)
    notebook.cells[-1] = cell
    notebook.metadata = saved(explorer, cell).metadata
    page = folder / "tutorial.html"
    page.write_text(page_of.notebook_page(notebook), encoding="utf-8")
    return page


def found(frame):
    """What axe finds in one document: rule -> where; a frame in it is looked at by itself."""
    response = Axe().run(frame, options=RULES | {"iframes": False}).response
    assert len(response["passes"]) > 20
    return {entry["id"]: [node["target"] for node in entry["nodes"]] for entry in response["violations"]}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("write", [exported, tutorial], ids=lambda write: write.__name__)
def test_axe_finds_nothing_on_a_page(new_page, vocabulary, tmp_path, write, scheme):
    explorer = vocabulary(temperature=0.8, top_k=40, top_p=0.9, seed=3)
    explorer.draws, explorer.selected = 100, 70
    page = new_page(color_scheme=scheme, viewport={"width": 1280, "height": 720})
    page.goto(write(explorer, tmp_path).as_uri())
    frames = page.frames
    assert len(frames) == (2 if write is tutorial else 1)
    frames[-1].locator(".ll-contours path").first.wait_for(state="attached")
    frames[-1].locator(".ll-engines tbody tr").first.wait_for()
    frames[-1].locator(f".ll-explorer[data-theme={scheme}]").wait_for()
    assert [found(frame) for frame in frames] == [{}] * len(frames)
