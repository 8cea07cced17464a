"""What test_flags.py and test_pythons.py share: a step that may fail, and the table at the end.

A row that fails does not stop the others. What is not to be had here is a row as well; with LOGITLAB_REQUIRE_ALL set it
fails the run.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COUNTS = re.compile(r"^(?:\d+ \w+(?:, )?)+ in .*$", re.MULTILINE)


class Failed(Exception):
    """A step that went wrong; its text is one line of what it said."""


def run(command: Sequence[object], log: Path, **options) -> str:
    """The command's output, which `log` keeps; Failed with its last line when it fails."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, **options
    )
    said = done.stdout + done.stderr
    with log.open("a", encoding="utf-8") as file:
        file.write(f"$ {' '.join(map(str, command))}\n{said}\n")
    if done.returncode:
        errors = (
            [line for line in said.splitlines() if "error" in line.lower()]
            or said.splitlines()
            or ["nothing said"]
        )
        raise Failed(f"{(COUNTS.findall(said) or errors)[-1].strip()} (see {log})")
    return said


def counts(said: str) -> str:
    """pytest's closing line: how many tests passed, failed and were skipped."""
    found = COUNTS.findall(said)
    if not found or " passed" not in found[-1]:
        raise Failed("no test ran")
    return found[-1].strip("= ")


def empty(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def close(head: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Print the table, whose last column is the outcome; return the exit status."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head) - 1)]
    for row in [head, *rows]:
        print("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]))
    outcomes = [row[-1] for row in rows]
    failed = sum(outcome.startswith("FAILED") for outcome in outcomes)
    missing = sum(outcome.startswith("not run") for outcome in outcomes)
    print(f"{len(rows) - failed - missing} passed, {failed} failed, {missing} not run")
    if missing and os.environ.get("LOGITLAB_REQUIRE_ALL"):
        print("LOGITLAB_REQUIRE_ALL is set, so what was not run has failed")
        return 1
    return int(failed > 0)
