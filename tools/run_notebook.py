"""Runs a notebook from its first cell to its last, showing on the terminal what the cells print, as they
print it.

    python tools/run_notebook.py NOTEBOOK [--in-place] [--html PAGE] [--quiet]

`--in-place` writes the outputs back: how the committed ones are made. What differs from run to run without
meaning anything (times, versions) is left out, so that a second run changes no byte. A cell that fails ends
the run and nothing is written. The page needs no network: no formula and no script is fetched.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from logitlab.explorer.export import write
from logitlab.explorer.notebook_page import VIEW, notebook_page
from logitlab.explorer.notebook_run import execute
from logitlab.explorer.twice import is_picture, without_name


class ShowingClient(NotebookClient):
    """Writes streams and texts to the terminal the moment the kernel sends them."""

    def output(self, outs, msg, display_id, cell_index):
        out = super().output(outs, msg, display_id, cell_index)
        content = msg["content"]
        text = content.get("text") or content.get("data", {}).get("text/plain", "")
        if text:
            print(text, end="" if text.endswith("\n") or "text" in content else "\n", flush=True)
        return out


def run(path, quiet=False):
    """Gives the executed notebook; its working directory is the notebook's folder."""
    notebook = nbformat.read(path, as_version=4)
    execute(notebook, Path(path), client=None if quiet else ShowingClient, timeout=600)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        merge_streams(cell)
    return notebook


def committed(notebook):
    """Gives the notebook as it is committed: without what another kernel, or no widget, makes an error of."""
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        drop_views(cell)
        if "live" in cell.metadata.get("tags", []):
            cell.outputs, cell.execution_count = [], None
    return notebook


def drop_views(cell):
    """A widget's view without its state is an error to a reader; the picture below it is not."""
    outputs = cell.get("outputs", [])
    pictures = [output for output in outputs if is_picture(output.get("data", {}))]
    for picture in pictures:
        picture.data["text/html"] = without_name(picture.data["text/html"])
    if pictures:
        cell.outputs = [output for output in outputs if VIEW not in output.get("data", {})]


def merge_streams(cell):
    """One output per run of one stream: where the kernel's buffer was flushed is chance."""
    merged = []
    for output in cell.get("outputs", []):
        before = merged[-1] if merged else {}
        if output.output_type == "stream" and before.get("name") == output.name:
            before.text += output.text
        else:
            merged.append(output)
    if "outputs" in cell:
        cell.outputs = merged


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebook", type=Path)
    parser.add_argument("--in-place", action="store_true")
    parser.add_argument("--html", type=Path)
    parser.add_argument("--quiet", action="store_true")
    arguments = parser.parse_args()
    try:
        notebook = run(arguments.notebook, arguments.quiet)
    except CellExecutionError as error:
        return f"{error}\n{arguments.notebook}: a cell failed (above); nothing was written"
    if arguments.html:
        write(notebook_page(notebook), arguments.html)
    if arguments.in_place:
        write(nbformat.writes(committed(notebook)) + "\n", arguments.notebook)


if __name__ == "__main__":
    sys.exit(main())
