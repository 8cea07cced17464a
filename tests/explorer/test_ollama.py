"""With an Ollama model: the real client, and what a real server sent; the best 20 are a row, the rest a sentence."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from wire.stub import Stub, body_of, recorded

from logitlab import Explorer
from logitlab.llms import Ollama

TOLD = json.loads(body_of(recorded("023-gen-logprobs-top20")))["logprobs"][0]["top_logprobs"]
LOGPROBS = np.array([entry["logprob"] for entry in TOLD])


def server(shown):
    answers = {"/api/generate": recorded("023-gen-logprobs-top20"), "/api/show": recorded(shown)}
    return Stub(lambda request: answers[request.path])


@pytest.fixture
def smollm():
    with server("006-show-smol") as stub:
        yield stub


def test_the_row_is_what_the_server_told(smollm):
    explorer = Explorer(Ollama("smollm2", smollm.url), "The capital of France is")
    np.testing.assert_array_equal(explorer.logits, np.sort(LOGPROBS)[::-1])
    best = max(TOLD, key=lambda entry: entry["logprob"])
    assert explorer.text_of(0) == best["token"]
    asked = next(request.json for request in smollm.requests if request.path == "/api/generate")
    assert asked["prompt"] == "The capital of France is"
    assert asked["raw"] is True
    assert asked["logprobs"] is True
    assert asked["top_logprobs"] == 20
    assert asked["options"]["num_predict"] == 1


def test_the_screen_says_what_is_not_known(smollm):
    note = Explorer(Ollama("smollm2", smollm.url), "The capital of France is")._source["note"]
    rest = 100 * (1 - np.exp(LOGPROBS).sum())
    assert note.startswith(f"top 20 of 49\u202f152 known; the rest share {rest:.3g} %")


def test_a_model_file_that_does_not_say_its_vocabulary():
    with server("005-show") as stub:
        note = Explorer(Ollama("gemma3-270m", stub.url), "The capital of France is")._source["note"]
    assert note.startswith("top 20 known; the rest share ")


def test_the_text_does_not_go_on(smollm):
    """A server does not tell the next row, so the page offers no arrows, and Python says what it would need."""
    explorer = Explorer(Ollama("smollm2", smollm.url), "The capital of France is")
    assert explorer._source["follow"] is False
    with pytest.raises(ValueError, match="whose logits are known"):
        explorer.follow(0)


def test_a_model_of_ones_own_that_tells_its_best_tokens():
    class Two:
        def complete(self, text, **options):
            best = [SimpleNamespace(token="a", logprob=-0.25), SimpleNamespace(token="b", logprob=-2.0)]
            return SimpleNamespace(logprobs=[SimpleNamespace(top_logprobs=best)])

    explorer = Explorer(Two(), "The capital of France is")
    assert explorer.logits.tolist() == [-0.25, -2.0]
    assert explorer._source["note"].startswith("top 2 known; the rest share ")
