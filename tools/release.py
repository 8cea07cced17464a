"""Follows docs/release.md up to its last step, tags nothing and publishes nothing.

    python tools/release.py [--quick]

Runs in the environment of locks/wheel.lock. It checks what a machine can check: one version everywhere, no tag of it, a
changelog, a clean tree, the files built twice, the repository's conventions. What only people can do is printed at the
end. With --quick nothing is built.
"""

import argparse
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from matrix import ROOT, Failed, run

PEOPLE = (
    "the address in [project.urls] is where this repository is, and the index trusts its workflow",
    ".ci/run and the longer commands of step 4 are green; make bench was run on the README's machine",
    "git tag -s, the push, and the release on GitHub, which publishes",
)


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def found(pattern: str, name: str) -> str:
    match = re.search(pattern, read(name), re.MULTILINE)
    if match is None:
        raise Failed(f"{name} must have a line like {pattern}")
    return match[1]


def version() -> str:
    """The version, which three files tell."""
    told = {
        "pyproject.toml": tomllib.loads(read("pyproject.toml"))["project"]["version"],
        "python/logitlab/__init__.py": found(r'^__version__ = "(.+)"$', "python/logitlab/__init__.py"),
        "CITATION.cff": found(r"^version: (.+)$", "CITATION.cff"),
    }
    if len(set(told.values())) > 1:
        raise Failed(f"the version must be the same everywhere, got {told}")
    return told["pyproject.toml"]


def git(*words: str) -> str:
    return subprocess.run(
        ["git", *words], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def check_changelog(number: str) -> None:
    heading = found(r"^## (.*)$", "CHANGELOG.md")
    if not heading.startswith(f"{number}, "):
        raise Failed(f"CHANGELOG.md must begin with {number}, got {heading!r}")
    if "not yet released" in heading:
        print(f"   to do: the date of {number} in CHANGELOG.md")


def check_tree(number: str) -> None:
    if git("tag", "--list", f"v{number}"):
        raise Failed(f"v{number} must be a new tag, and it is there already")
    if changed := git("status", "--porcelain"):
        raise Failed(f"the tree must be clean, got {changed.splitlines()[0].strip()}")


def check_conventions(log: Path) -> None:
    said = run([Path(sys.executable).parent / "repo-review", ROOT, "--format", "json"], log, cwd=ROOT)
    if '"result": false' in said:
        raise Failed(f"sp-repo-review has something to say (see {log})")


def step(number: int, what: str) -> None:
    print(f"{number}. {what}", flush=True)


def dry_run(quick: bool) -> None:
    number, log = version(), ROOT / "build/release.log"
    log.parent.mkdir(exist_ok=True)
    step(2, f"the version is {number} everywhere, and no tag has it")
    check_tree(number)
    step(3, "the changelog begins with it")
    check_changelog(number)
    if not quick:
        step(6, "the files, built twice")
        run([sys.executable, ROOT / "tools/wheels.py", "--twice"], log)
        for path in sorted((ROOT / "dist").iterdir()):
            print(f"   {path.name}")
    step(7, "the repository's conventions")
    check_conventions(log)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="build nothing")
    try:
        dry_run(parser.parse_args().quick)
    except Failed as failed:
        print(f"logitlab: {failed}", file=sys.stderr)
        return 1
    print("Nothing was tagged or published. For people:", *PEOPLE, sep="\n - ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
