"""Writes tests/vectors/ENGINE.json: rows, options, and what the engine's own code keeps of them, with its version.

    python tools/make_peer_vectors.py

It needs the peers, and `make test-peers` runs it first; `make test` reads what it wrote, and needs none of them. The
same versions write the same bytes.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from peers.vectors import ASKED, VECTORS, contents, library


def main() -> None:
    """Write the files."""
    for asked in map(library, ASKED):
        path = VECTORS / f"{asked.engine}.json"
        path.write_text(contents(asked), encoding="utf-8")
        versions = ", ".join(f"{name} {version}" for name, version in asked.versions.items())
        print(f"tests/vectors/{path.name}: {versions}")


if __name__ == "__main__":
    main()
