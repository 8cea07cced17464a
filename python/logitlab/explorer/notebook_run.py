"""Running a notebook's cells, in a kernel that nobody else on this machine can reach."""

import tempfile
from pathlib import Path
from typing import Any

from logitlab.extras import need


def execute(notebook: Any, path: Path, *, client: Any = None, timeout: float | None = None) -> None:
    """Run all cells of a notebook; their outputs are put into it.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The notebook, of format 4.
    path : Path
        Where it lies: the cells run in its folder.
    client : type, optional
        A class derived from nbclient.NotebookClient; by default that class.
    timeout : float, optional
        Seconds that a cell may take; without it there is no limit.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        If a cell fails.
    ModuleNotFoundError
        Without the extra ``notebook``.
    """
    client = client or need("nbclient", "notebook").NotebookClient
    config = need("traitlets.config", "notebook").Config
    with (
        tempfile.TemporaryDirectory() as sockets
    ):  # in place of ports that anybody on this machine could open
        client(
            notebook,
            timeout=timeout,
            record_timing=False,
            kernel_name="python3",  # the environment's own, whatever a reader's front end wrote into the file
            config=config(KernelManager={"transport": "ipc", "ip": f"{sockets}/kernel"}),
            resources={"metadata": {"path": str(path.resolve().parent)}},
        ).execute()
