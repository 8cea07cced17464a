"""Writes tests/vectors/ENGINE.json: rows, options, and what the engine's own code keeps of them, with its version.

    python tests/peers/make_vectors.py

It needs the peers, and `make test-peers` runs it first; `make test` reads what it wrote, and needs none of them. The
same versions write the same bytes.
"""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

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


def main() -> None:
    """Write the files."""
    for asked in map(library, ASKED):
        path = VECTORS / f"{asked.engine}.json"
        path.write_text(contents(asked), encoding="utf-8")
        versions = ", ".join(f"{name} {version}" for name, version in asked.versions.items())
        print(f"tests/vectors/{path.name}: {versions}")


if __name__ == "__main__":
    main()
