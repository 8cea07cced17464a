"""mypy and pyright accept what works, and find a misspelt name or option and a wrong dtype."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from logitlab.sampling import keywords
from logitlab.sampling.options import ALIASES, known

FOLDER = Path(__file__).parent
WRONG = {
    number
    for number, line in enumerate((FOLDER / "bad.py").read_text().splitlines(), 1)
    if line.endswith("# wrong")
}


def mypy(tmp_path):
    command = ["-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", "--output=json"]
    done = subprocess.run(
        [sys.executable, *command, FOLDER / "good.py", FOLDER / "bad.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert not done.stderr, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [
        (Path(one["file"]).name, one["line"], one["message"]) for one in found if one["severity"] == "error"
    ]


def basedpyright(tmp_path):
    pytest.importorskip("basedpyright", reason="basedpyright is not installed: it is in locks/developer.lock")
    settings = {"include": [str(FOLDER / "good.py"), str(FOLDER / "bad.py")], "typeCheckingMode": "standard"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    command = ["-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable, "--project", tmp_path]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["generalDiagnostics"]
    return [
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["message"])
        for one in found
        if one["severity"] == "error"
    ]


@pytest.mark.parametrize("checker", [mypy, basedpyright], ids=lambda one: one.__name__)
def test_checker(checker, tmp_path):
    found = checker(tmp_path)
    assert [one for one in found if one[0] == "good.py"] == []
    assert {line for name, line, _ in found if name == "bad.py"} == WRONG, found


def test_the_names_of_the_options_are_those_of_the_steps():
    assert set(keywords.SamplerOptions.__annotations__) == {*known(), *ALIASES}
    own = set(keywords.SampleOptions.__annotations__) - set(keywords.FurtherOptions.__annotations__)
    assert own == {"history", "generated"}
