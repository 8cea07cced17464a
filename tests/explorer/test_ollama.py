"""With an Ollama model: the real client, and what a real server sent; the best 20 are a row, the rest a sentence."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from wire.stub import Stub, body_of, ndjson, recorded, respond

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
    assert note.startswith(f"top 20 of 49\u202f152 known; the rest share {rest:.1f}\u00a0%")


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


def answers(*texts, logprobs=True):
    """A server whose n-th answer has the n-th text; an empty one has no entry, as the end of a text."""
    left = list(texts)

    def answer(request):
        if request.path == "/api/show":
            return respond(b'{"details": {"format": "gguf"}}')
        text = left.pop(0) if len(left) > 1 else left[0]
        entry = {"token": text, "logprob": -1.0, "top_logprobs": TOLD}
        told = {"logprobs": [entry]} if text and logprobs else {}
        return ndjson(
            {"response": text, "done": False, **told}, {"response": "", "done": True, "eval_count": 1}
        )

    return Stub(answer)


def asked(stub):
    return [request.json for request in stub.requests if request.path == "/api/generate"]


@pytest.mark.parametrize("chat", [False, True])
@pytest.mark.parametrize("empty", [0, 1, 2, 5, 11])
def test_it_asks_again_until_a_token_comes(chat, empty):
    """The end of a text, and half a character, come without an entry; the best tokens are the same in every draw."""
    with answers(*[""] * empty, " a") as stub:
        explorer = Explorer(Ollama("smollm2", stub.url), "What is Singapore?", chat=chat)
        np.testing.assert_array_equal(explorer.logits, np.sort(LOGPROBS)[::-1])
        sent = asked(stub)
    assert len(sent) == empty + 1
    seeds = [body["options"]["seed"] for body in sent[1:]]
    assert len(set(seeds)) == empty
    for body in sent[1:]:
        assert body["options"]["temperature"] >= 2
        assert (body["options"]["top_k"], body["options"]["top_p"]) == (
            0,
            1.0,
        )  # a likely end must leave room
        assert body["options"]["num_predict"] == 1


def test_it_does_not_ask_for_ever():
    with answers("") as stub:
        with pytest.raises(ValueError, match=r"What is Singapore.*ended at once"):
            Explorer(Ollama("smollm2", stub.url), "What is Singapore?")
        assert 5 < len(asked(stub)) < 30


@pytest.mark.parametrize("chat", [False, True])
def test_a_server_that_tells_no_logprobs_is_said_soon(chat):
    with answers(" a", logprobs=False) as stub:
        with pytest.raises(ValueError, match=r"does not tell them.*0\.12\.11"):
            Explorer(Ollama("smollm2", stub.url), "What is Singapore?", chat=chat)
        assert len(asked(stub)) == 3


def test_a_text_that_a_server_held_back_has_no_entry_and_is_no_such_server():
    """`<` may begin a stop string: the server holds it back, and tells it in the end without its log-probability."""
    left = [ndjson({"response": "<", "done": True}), recorded("023-gen-logprobs-top20")]
    answer = lambda request: recorded("006-show-smol") if request.path == "/api/show" else left.pop(0)  # noqa: E731
    with Stub(answer) as stub:
        explorer = Explorer(Ollama("smollm2", stub.url), "Write a page.")
    np.testing.assert_array_equal(explorer.logits, np.sort(LOGPROBS)[::-1])


def test_an_empty_text_has_a_sentence_of_its_own():
    with answers(" a") as stub:
        for chat in (False, True):
            with pytest.raises(ValueError, match="at least one character"):
                Explorer(Ollama("smollm2", stub.url), "", chat=chat)
        assert stub.requests == []


OWN = {
    "system": "Be brief.", "template": "{{ .Prompt }}", "context": [1, 2], "suffix": "x", "format": "json",
    "stop": ["a"],
    "tools": [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}],
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_what_the_object_has_for_its_answers_does_not_break_it(name):
    with answers(" a") as stub:
        Explorer(Ollama("smollm2", stub.url, **{name: OWN[name]}), "What is Singapore?")
        body = asked(stub)[0]
    assert body["raw"] is True
    assert not {**body, **body.get("options", {})}.get(name)


def test_a_system_message_belongs_to_the_chat():
    with answers(" a") as stub:
        Explorer(Ollama("smollm2", stub.url, system="Be brief."), "What is Singapore?", chat=True)
        assert asked(stub)[0]["system"] == "Be brief."


def test_raw_and_chat_are_not_both():
    with answers(" a") as stub:
        with pytest.raises(ValueError, match=r"chat=True.*raw=True"):
            Explorer(Ollama("smollm2", stub.url, raw=True), "What is Singapore?", chat=True)
        assert stub.requests == []


ORDERS = {
    "": ("ollama", ""),
    "penalties;top_k;typ_p;top_p;min_p;xtc;temperature": ("ollama", ""),
    "penalties;temp;top_k;top_p;min_p": ("transformers", "as transformers does"),
    "temperature;min_p;top_k;top_p": ("vllm", "as vllm does"),
    "top_p;min_p;top_k;temperature": ("mlx-lm", "as mlx-lm does"),
    "top_k;temperature;top_p;min_p": ("ollama-mlx", "as ollama-mlx does"),
    "min_p;top_k;temperature": ("ollama", "its own steps, min_p, top_k, temperature"),
}


@pytest.mark.parametrize("sequence", ORDERS)
@pytest.mark.parametrize("beside", [{}, {"xtc_probability": 0.5}, {"mirostat": 2}], ids=str)
def test_the_order_of_the_models_file(sequence, beside):
    """The runner obeys the file; the explorer begins with the engine of that order, or says what differs."""
    engine, words = ORDERS[sequence]
    about = {f"general.sampling.{name}": value for name, value in beside.items()}
    about["general.sampling.sequence"] = sequence or None
    shown = respond(json.dumps({"details": {"format": "gguf"}, "model_info": about}).encode())
    answers = {"/api/generate": recorded("023-gen-logprobs-top20"), "/api/show": shown}
    with Stub(lambda request: answers[request.path]) as stub:
        explorer = Explorer(Ollama("m", stub.url), "The capital of France is", temperature=1.5, top_p=0.5)
        chosen = Explorer(Ollama("m", stub.url), "The capital of France is", engine="vllm")
    assert chosen.engine == "vllm"
    note = explorer._source["note"]
    if "mirostat" in beside:
        assert "mirostat 2" in note
        return
    assert explorer.engine == engine
    assert words in note
    assert ("xtc_probability 0.5" in note) is bool(beside)
    assert ("the model's file" in note) is bool(words or beside)


def test_a_model_that_is_no_gguf_file():
    shown = respond(b'{"details": {"format": "safetensors"}, "model_info": null}')
    answers = {"/api/generate": recorded("023-gen-logprobs-top20"), "/api/show": shown}
    with Stub(lambda request: answers[request.path]) as stub:
        assert Explorer(Ollama("m", stub.url), "The capital of France is").engine == "ollama-mlx"
