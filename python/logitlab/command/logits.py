"""Logits from a file or from standard input: NumPy's .npy, an .npz with one array, or numbers as text."""

import argparse
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np

from logitlab.messages import shown


def add_logits(parser: argparse.ArgumentParser) -> None:
    """Add the file, and which of its rows."""
    parser.add_argument(
        "logits", metavar="LOGITS", help="a .npy file, or numbers as text; - is standard input"
    )
    parser.add_argument("--row", type=int, metavar="I", help="only this row of several")


def read(arguments: argparse.Namespace) -> Any:
    """Return the array, or the row of it that was asked for.

    Raises
    ------
    OSError
        For a file that cannot be read.
    ValueError
        For one that holds no array of numbers, or has no such row.
    """
    name = arguments.logits
    array = _array("standard input" if name == "-" else name, _bytes(name))
    if arguments.row is None:
        return array
    rows = array.reshape(-1, array.shape[-1]) if array.ndim else array
    if not 0 <= arguments.row < len(rows):
        raise ValueError(
            f"--row must be in [0, {len(rows)}) for logits of shape {array.shape}, got {arguments.row}"
        )
    return rows[arguments.row]


def _bytes(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def _array(name: str, data: bytes) -> Any:
    try:
        if data.startswith((b"\x93NUMPY", b"PK")):
            loaded = np.load(io.BytesIO(data), allow_pickle=False)
            return _only(loaded) if isinstance(loaded, np.lib.npyio.NpzFile) else loaded
        text = data.decode().replace(",", " ")
        return np.loadtxt(io.StringIO(text), ndmin=1) if text.strip() else np.empty(0)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(f"{name} must be a .npy file or numbers as text, which it is not: {error}") from None


def _only(archive: Any) -> Any:
    if len(archive.files) != 1:
        raise ValueError(f"one array is needed, and it holds {len(archive.files)}: {shown(archive.files)}")
    return archive[archive.files[0]]
