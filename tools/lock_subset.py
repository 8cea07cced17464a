"""Prints the part of locks/developer.lock that some packages need, with its hashes.

    python tools/lock_subset.py NAME...

What a package needs is read from what is installed here, so this runs in the environment that the lock made.
"""

import re
import sys
from importlib.metadata import requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LOCK = Path(__file__).parents[1] / "locks" / "developer.lock"


def entries():
    """{name: its lines} of the lock; a package may have a version for each of several Pythons."""
    found = {}
    for part in re.split(r"\n(?=\S)", LOCK.read_text(encoding="utf-8").rstrip("\n")):
        found.setdefault(canonicalize_name(part.partition("==")[0]), []).append(part)
    return {name: "\n".join(parts) for name, parts in found.items()}


def with_needed(names):
    """The names and all that they need on a system like this one, extras left out."""
    found, waiting = set(), [canonicalize_name(name) for name in names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            needed = [Requirement(line) for line in requires(name) or ()]
            here = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
            waiting += [canonicalize_name(one.name) for one in here]
    return found


if __name__ == "__main__":
    locked = entries()
    print("\n".join(locked[name] for name in sorted(with_needed(sys.argv[1:]))))
