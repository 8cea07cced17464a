"""How a test runs a notebook, which is how `make tutorial` does, and what one of its cells prints."""

import runpy
from pathlib import Path
from types import SimpleNamespace

RUNNER = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[2] / "tools" / "run_notebook.py")))


def printed(notebook, piece):
    """What the one code cell that contains `piece` prints."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and piece in cell.source]
    assert len(cells) == 1, f"{len(cells)} cells contain {piece!r}"
    return "".join(output.text for output in cells[0].outputs if output.output_type == "stream")
