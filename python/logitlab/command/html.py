"""Write a notebook as one HTML page: formulas, plots, and each Explorer alive in it, without a network.

The page shows the outputs that the file has. An Explorer moves where its state was saved with the notebook, as
JupyterLab does for it, or with --run.
"""

import argparse
from pathlib import Path
from typing import Any

from logitlab.extras import need

SUMMARY = "a notebook as one page, its explorers alive"
USAGE = "NOTEBOOK [-o PAGE] [--run]"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_argument("notebook", type=Path, metavar="NOTEBOOK", help="an .ipynb file")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="PAGE",
        help="the HTML file (next to the notebook, with its name)",
    )
    parser.add_argument(
        "--run", dest="first", action="store_true", help="run all cells first; the notebook stays as it is"
    )
    parser.add_argument("--title", help="the page's title (the first heading)")


def run(given: argparse.Namespace) -> None:
    """Write the page, and print where it is."""
    from logitlab.explorer.export import write
    from logitlab.explorer.notebook_page import notebook_page

    notebook = read(given.notebook)
    if given.first:
        run_cells(notebook, given.notebook)
    target = given.output or given.notebook.with_suffix(".html")
    print(write(notebook_page(notebook, given.title), target))


def read(path: Path) -> Any:
    """Return the notebook in the file, in nbformat's fourth version."""
    nbformat = need("nbformat", "notebook")
    try:
        text = path.read_text(encoding="utf-8")
        return nbformat.reads(text, as_version=4)
    except OSError:
        raise
    except Exception as error:  # of many kinds: what is no text, no JSON, no notebook
        raise ValueError(f"{path} must be a Jupyter notebook (.ipynb): {error}") from None


def run_cells(notebook: Any, path: Path) -> None:
    """Run the cells in a kernel of this Python; the first that fails is the error."""
    from logitlab.explorer.notebook_run import execute

    failed = need("nbclient.exceptions", "notebook").CellExecutionError
    try:
        execute(notebook, path)
    except failed as error:
        raise ValueError(
            f"a cell of {path} failed, so no page was written: {error.ename}: {error.evalue}"
        ) from None
