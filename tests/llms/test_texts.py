"""The built-in model's published texts: prompt, options and seed give them on every machine and every target."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import logitlab

VECTORS = Path(__file__).parents[1] / "vectors" / "texts.json"
SCRIPT = """
import json, sys
from logitlab.llms import BuiltIn
llm = BuiltIn(sys.argv[1])
for case in json.loads(sys.stdin.read()):
    print(json.dumps(llm.complete(case["prompt"], **case["options"]).text))
"""


def cases():
    return json.loads(VECTORS.read_text(encoding="utf-8"))["texts"]


@pytest.mark.model
def test_the_published_texts(smollm2):
    for case in cases():
        response = smollm2.complete(case["prompt"], **case["options"])
        assert response.text == case["text"]
        assert response.raw["tokens"] == case["tokens"]


@pytest.mark.model
@pytest.mark.parametrize("target", logitlab.targets()["usable"])
def test_every_target_writes_them(smollm2, target):
    """The shortest ones: the plainest kernels take a tenth of a second for a token."""
    short = [case for case in cases() if len(case["tokens"]) <= 24]
    assert len(short) >= 4
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(smollm2.path)],
        input=json.dumps(short),
        env=os.environ | {"LOGITLAB_TARGET": target},
        capture_output=True,
        text=True,
        check=True,
    )
    assert [json.loads(line) for line in done.stdout.splitlines()] == [case["text"] for case in short]
