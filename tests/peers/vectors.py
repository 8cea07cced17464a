"""What is kept in tests/vectors of an engine: rows, options, and what its own code keeps of them, with its version.

tools/make_peer_vectors.py writes it, and a test compares.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from peers.rows import GENERATED, Library, Request, history_of, row_of, theirs

VECTORS = Path(__file__).parents[1] / "vectors"
ASKED = ("transformers", "mlx_lm", "vllm")


def library(name: str) -> Library:
    """Return one that is asked."""
    found: Library = import_module(f"peers.ask_{name}").LIBRARY
    return found


def _of_row(asked: Library, logits: np.ndarray, seed: int, requests: list[Request]) -> dict[str, Any]:
    history = history_of(logits, seed)
    cases = [
        {
            "options": request,
            "kept": np.flatnonzero(theirs(asked, logits, history, GENERATED, request)[0]).tolist(),
        }
        for request in requests
    ]
    return {"logits": logits.tolist(), "history": history, "generated": GENERATED, "cases": cases}


def contents(asked: Library) -> str:
    """Return the file's text."""
    rows = [_of_row(asked, row_of(seed), seed, asked.requests) for seed in range(12)]
    rows += [_of_row(asked, row_of(seed, step=0.5), seed, asked.requests_with_ties) for seed in range(12, 18)]
    head = json.dumps({"versions": asked.versions, "defaults": asked.defaults})
    lines = ",\n".join(json.dumps(row).replace('{"options"', '\n  {"options"') for row in rows)
    return f'{head[:-1]}, "rows": [\n{lines}\n]}}\n'
