"""How a test runs a notebook, which is how `make tutorial` does, and what its cells show."""

import copy
import runpy
from pathlib import Path
from types import SimpleNamespace

import nbformat

RUNNER = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[2] / "tools" / "run_notebook.py")))


def printed(notebook, piece):
    """What the one code cell that contains `piece` prints."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and piece in cell.source]
    assert len(cells) == 1, f"{len(cells)} cells contain {piece!r}"
    return "".join(output.text for output in cells[0].outputs if output.output_type == "stream")


def texts(notebook):
    """The source of each code cell with every text that it shows, tables as HTML too."""
    return [(cell.source, [*map(_text, cell.outputs)]) for cell in notebook.cells if cell.cell_type == "code"]


def _text(output):
    if output.output_type == "stream":
        return {output.name: output.text}
    return {mime: data for mime, data in output.get("data", {}).items() if mime.startswith("text/")}


def assert_committed(executed, path):
    """A reader sees what the author saw: every text of a notebook comes out again as it is committed."""
    again = RUNNER.committed(copy.deepcopy(executed))
    committed = nbformat.read(path, as_version=4)
    assert [cell.source for cell in committed.cells] == [cell.source for cell in again.cells]
    for before, now in zip(texts(committed), texts(again), strict=True):
        assert now == before
    assert sum(len(outputs) for _, outputs in texts(committed)) >= 5
