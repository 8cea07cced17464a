"""A cache that cannot be written is one sentence that names the folder and the two variables, asked before anything is
installed; for the packed weights it costs memory and not the answer.

The processes here have no rights beyond those of their files' owner, also where the tests run as root.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from logitlab.llms.smol import folder as cache
from logitlab.llms.smol.find import find, present
from logitlab.llms.smol.source import SMOLLM2

ROOT = Path(__file__).parents[2]
OWN_RIGHTS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"] if os.geteuid() == 0 else []
# the last word of the shell's line, and what follows, run with these mounts
MOUNTS = (
    "mount -t tmpfs -o ro,size=1m none $1/fixed && mount -t tmpfs -o size=1m none $1/small && shift && exec "
)
MOUNTED = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), "sh", "-c"]


@dataclass(frozen=True)
class Home:
    """The variables of a process, relative to the test's folder, and the part of it that the sentence must name."""

    named: str
    variables: dict[str, str]
    unknown: bool = False  # the system has no entry for this user
    mounted: bool = False
    reason: str = "ermission denied"


HOMES = {
    "read-only home": Home("sealed/.cache", {"HOME": "sealed"}),
    "home below a read-only one": Home("sealed/nobody/.cache", {"HOME": "sealed/nobody"}),
    "home that may not be entered": Home("closed/.cache", {"HOME": "closed"}),
    "home is a file": Home("file/.cache", {"HOME": "file"}, reason="ot a directory"),
    "cache is a file": Home("file/logitlab", {"HOME": ".", "XDG_CACHE_HOME": "file"}, reason="ot a directory"),
    "read-only cache": Home("sealed/logitlab", {"HOME": ".", "XDG_CACHE_HOME": "sealed"}),
    "cache without a home": Home("sealed/logitlab", {"XDG_CACHE_HOME": "sealed"}, unknown=True),
    "relative cache": Home("sealed/.cache", {"HOME": "sealed", "XDG_CACHE_HOME": "=somewhere"}),
    "empty cache": Home("sealed/.cache", {"HOME": "sealed", "XDG_CACHE_HOME": "="}),
    "dangling link": Home("link/logitlab", {"HOME": ".", "XDG_CACHE_HOME": "link"}, reason=""),
    "models read-only": Home("made/logitlab/models", {"HOME": ".", "XDG_CACHE_HOME": "made"}),
    "models not to be read": Home("shut/logitlab/models", {"HOME": ".", "XDG_CACHE_HOME": "shut"}),
    "no home": Home("", {}, unknown=True, reason="home folder is unknown"),
    "relative home": Home("", {"HOME": "=here"}, unknown=True, reason="home folder is unknown"),
    "empty home": Home("", {"HOME": "="}, unknown=True, reason="home folder is unknown"),
    "read-only system": Home("fixed/logitlab", {"XDG_CACHE_HOME": "fixed"}, mounted=True, reason="ead-only"),
    "full disk": Home("small/.cache", {"HOME": "small"}, mounted=True, reason="191 MB"),
}  # fmt: skip


def variables(home, place):
    """The environment; a value with a leading "=" stands as it is, all others are paths in `place`."""
    return {
        name: value[1:] if value.startswith("=") else os.path.normpath(place / value)
        for name, value in home.variables.items()
    }


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = tmp_path_factory.mktemp("homes")
    for name in ("sealed", "closed", "fixed", "small", "made/logitlab/models", "shut/logitlab/models"):
        (place / name).mkdir(parents=True)
    (place / "file").touch()
    (place / "link").symlink_to(place / "nowhere/at/all")
    (place / "shut/logitlab/models" / SMOLLM2.filename).touch()
    modes = {"sealed": 0o555, "closed": 0, "made/logitlab/models": 0o555, "shut/logitlab/models": 0}
    for name, mode in modes.items():
        (place / name).chmod(mode)
    before = listing(place)
    yield place
    assert listing(place) == before  # nothing half-made stays behind
    for name in modes:
        (place / name).chmod(0o755)


def listing(place):
    return sorted(path for path in place.rglob("*") if path.name != "cases.json")


def mounts(place):
    """What stands before a command that needs the two mounts, or a skip."""
    command = [*MOUNTED, MOUNTS + "true", "sh", place]
    if not shutil.which("unshare") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(
            "not on this machine: the right to mount a small and a read-only file system (unshare --mount)"
        )
    return [*MOUNTED, MOUNTS + '"$@"', "sh", place]


def run(command, mounted, place, environment):
    rights = OWN_RIGHTS
    if rights and not shutil.which(rights[0]):
        pytest.skip(f"not on this machine: {rights[0]}, by which root gives its rights up")
    before = mounts(place) if mounted else []
    mine = {name: value for name, value in os.environ.items() if name not in ("HOME", "XDG_CACHE_HOME")}
    mine |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "LOGITLAB_NO_INSTALL": "1", "LOGITLAB_MODEL": ""}
    whole = [*before, *rights, *command]
    return subprocess.run(
        whole, env=mine | environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def outcomes(place, tiny_model):
    """For each home what one process said, by two processes: with the mounts and without."""
    done = {}

    def outcome(name):
        mounted = HOMES[name].mounted
        if mounted not in done:
            cases = {
                key: {"environment": variables(home, place), "unknown": home.unknown}
                for key, home in HOMES.items()
                if home.mounted == mounted
            }
            (place.parent / "cases.json").write_text(json.dumps(cases))
            program = [
                sys.executable,
                ROOT / "tests/llms/unwritable.py",
                place.parent / "cases.json",
                tiny_model.path,
            ]
            child = run(program, mounted, place, {})
            assert child.returncode == 0, child.stderr
            done[mounted] = json.loads(child.stdout)
        return done[mounted][name]

    return outcome


def check_sentence(said, home, place):
    assert "\n" not in said
    assert "XDG_CACHE_HOME" in said
    assert "LOGITLAB_MODEL" in said
    assert home.reason in said
    assert not home.named or str(place / home.named) in said


@pytest.mark.parametrize("name", HOMES)
def test_the_package_says_so(outcomes, place, name):
    outcome = outcomes(name)
    assert outcome.get("kind") == "CacheError", outcome
    check_sentence(outcome["said"], HOMES[name], place)


def test_the_answer_is_the_same(outcomes):
    """Wherever the packed weights could not be kept."""
    texts = {outcomes(name)["text"] for name, home in HOMES.items() if not home.mounted}
    assert len(texts) == 1
    assert all(texts)


def test_the_answer_is_the_same_on_a_full_disk(outcomes):
    assert (
        outcomes("full disk")["text"]
        == outcomes("read-only system")["text"]
        == outcomes("read-only home")["text"]
    )


@pytest.mark.parametrize(
    "name",
    [
        "read-only home",
        "home that may not be entered",
        "cache is a file",
        "cache without a home",
        "relative cache",
        "models not to be read",
        "full disk",
    ],
)
def test_it_is_asked_before_anything_is_installed(place, name):
    home = HOMES[name]
    asked = run(
        ["tools/system.sh", "model"],
        home.mounted,
        place,
        {"PYTHON": sys._base_executable} | variables(home, place),
    )
    assert asked.returncode == 1, asked
    (line,) = asked.stderr.splitlines()
    check_sentence(line, home, place)


def test_make_tutorial_begins_with_it(place, tmp_path):
    """And ends there: no environment is made, no index asked."""
    targets = [f"VENV={tmp_path / 'venv'}", f"TUTORIAL={tmp_path / 'tutorial.html'}"]
    made = run(["make", "tutorial", *targets], False, place, {"HOME": str(place / "sealed"), "MAKEFLAGS": ""})
    assert made.returncode != 0
    line, of_make = made.stderr.splitlines()
    check_sentence(line, HOMES["read-only home"], place)
    assert re.match(r"make(\[\d+\])?: \*\*\*", of_make)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["read-only home", "home is a file", "read-only cache"])
def test_a_model_that_is_here_needs_no_cache(place, tiny_model, name):
    asked = run(
        ["tools/system.sh", "model"],
        False,
        place,
        variables(HOMES[name], place)
        | {"PYTHON": sys._base_executable, "LOGITLAB_MODEL": str(tiny_model.path)},
    )
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, "", "")


def test_a_home_that_can_be_written_is_left_as_it_is(tmp_path):
    asked = run(
        ["tools/system.sh", "model"], False, tmp_path, {"PYTHON": sys._base_executable, "HOME": str(tmp_path)}
    )
    assert (asked.returncode, asked.stdout, asked.stderr) == (0, "", "")
    assert not list(tmp_path.iterdir())


def test_older_platformdirs_that_know_no_home(monkeypatch):
    """They return "~/.cache/logitlab": a folder of that name must not be made where the user happens to be."""
    import platformdirs

    for unknown in ("~/.cache/logitlab", "here/.cache/logitlab"):
        monkeypatch.setattr(platformdirs, "user_cache_path", lambda _, unknown=unknown: Path(unknown))
        monkeypatch.delenv("LOGITLAB_MODEL", raising=False)
        monkeypatch.setattr("logitlab.llms.smol.find.find_spec", lambda _: None)
        assert present() is None
        assert cache.weights_folder() is None
        with pytest.raises(cache.CacheError, match=r"home folder is unknown.*XDG_CACHE_HOME.*LOGITLAB_MODEL"):
            find()


def test_a_path_of_a_home_that_is_unknown():
    with pytest.raises(FileNotFoundError, match="the path must name a GGUF file"):
        find("~nobody-of-this-name/model.gguf")
