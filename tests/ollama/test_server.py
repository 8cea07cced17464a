"""What a server does with what it is told: the same tests on recordings and on a real server.

The recordings answer requests by their JSON, so each test asks what was once asked of a real 0.33. With
LOGITLAB_TEST_OLLAMA naming a server (as OLLAMA_HOST is written), they run against it as well, with the model
LOGITLAB_TEST_OLLAMA_MODEL, or else the smallest one that it has.

What they assert holds for any model: made for conversations or not, with parameters in its Modelfile or without. So
they give every option that an assertion rests on, and an answer may end before its JSON is closed.
"""

import contextlib
import json
import math
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from wire.stub import RECORDINGS, Request, Stub, recorded, recorded_request, respond

from logitlab.llms import ModelNotFoundError, Ollama, OllamaResponseError

FRANCE = "The capital of France is"
COLOURS = [{"role": "user", "content": "Name three colours."}]
# what a Modelfile may have set and a recorded question leaves out: on a server it is given
PLAIN = {
    "repeat_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "typical_p": 1.0,
    "min_p": 0.0,
    "stop": [],
}
SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "maxLength": 12},
        "age": {"type": "integer", "minimum": 0, "maximum": 120},
    },
    "required": ["name", "age"],
}


def question(request: Request) -> Any:
    """A request as what it asks: streamed or not is the same question."""
    return request.method, request.path, request.json | {"stream": None} if request.body else None


def recordings() -> list[tuple[Any, bytes]]:
    """Every recorded question and its answer."""
    pairs = []
    for path in sorted(RECORDINGS.glob("[0-9]*.req")):
        with contextlib.suppress(ValueError, TypeError):  # requests that were broken on purpose
            pairs.append((question(recorded_request(path.stem)), recorded(path.stem)))
    return pairs


@pytest.fixture(scope="module")
def stub() -> Iterator[Stub]:
    pairs = recordings()

    def answer(request: Request) -> bytes:
        asked = question(request)
        not_recorded = respond(f"not recorded: {asked}".encode(), status="599 Not recorded")
        return next((response for question, response in pairs if question == asked), not_recorded)

    with Stub(answer) as server:
        yield server


Make = Callable[..., Ollama]


def smallest() -> str:
    """The name of the smallest model of the server, which answers soonest."""
    models = [model for model in Ollama("any", HOST).list() if not model.get("remote_host")]
    assert models, f"the server at {HOST} has no models; `ollama pull smollm2:135m` gets one"
    return str(min(models, key=lambda model: model["size"])["name"])


HOST = os.environ.get("LOGITLAB_TEST_OLLAMA")


@pytest.fixture(params=["recordings", "server"] if HOST else ["recordings"])
def ollama(request: pytest.FixtureRequest) -> Make:
    """ollama(name of a recorded model, options) is that model, or the real server's."""
    if request.param == "recordings":
        url = request.getfixturevalue("stub").url
        return lambda model, **options: Ollama(model, url, **options)
    name = os.environ.get("LOGITLAB_TEST_OLLAMA_MODEL") or smallest()
    return lambda model, **options: Ollama(name if model != "nope" else model, HOST, **PLAIN | options)


def test_stream_and_whole_agree(ollama: Make) -> None:
    llm = ollama("gemma3-270m", temperature=0, num_predict=12, seed=42)
    whole = llm.complete(FRANCE)
    parts = list(llm.stream_complete(FRANCE))
    assert whole.text == "".join(part.delta or "" for part in parts) == parts[-1].text != ""
    assert whole.raw["done_reason"] in ("length", "stop")
    assert 0 < whole.timings.tokens <= 12
    assert whole.timings.tokens_per_second > 0


def test_greedy_is_greedy(ollama: Make) -> None:
    llm = ollama("gemma3-270m", num_predict=24)
    greedy = llm.complete(FRANCE, temperature=0.0, seed=42)
    assert llm.complete(FRANCE, temperature=1.5, top_k=1, seed=7).text == greedy.text


def test_the_seed_arrives(ollama: Make) -> None:
    """A model that is sure of its answer gives it for any seed, until the temperature leaves it in doubt."""
    for temperature in (1.0, 3.0, 10.0):
        llm = ollama("gemma3-270m", temperature=temperature, top_k=40, num_predict=16)
        first, again, other = (llm.complete(FRANCE, seed=seed).text for seed in (42, 42, 43))
        assert first == again
        if first != other:
            return
    pytest.fail("two seeds had the same answer at every temperature")


def test_num_predict_arrives(ollama: Make) -> None:
    response = ollama("gemma3-270m").complete(FRANCE, temperature=0, num_predict=1)
    assert response.timings.tokens == 1
    assert response.raw["done_reason"] in ("length", "stop")  # its first token may be the end


def test_logprobs(ollama: Make) -> None:
    response = ollama("gemma3-270m").complete(
        FRANCE, temperature=0, num_predict=6, logprobs=True, top_logprobs=5
    )
    assert response.logprobs
    for entry in response.logprobs:
        best = [other.logprob for other in entry.top_logprobs]
        assert len(best) == 5
        assert best == sorted(best, reverse=True)
        assert math.isclose(entry.logprob, best[0], abs_tol=1e-4)
        assert bytes(entry.bytes).decode() == entry.token
    assert "".join(entry.token for entry in response.logprobs) == response.text


def test_the_distribution_of_a_greedy_answer(ollama: Make) -> None:
    response = ollama("gemma3-270m").complete(
        FRANCE, temperature=0, num_predict=2, logprobs=True, top_logprobs=20
    )
    for one in response.sampling_distribution():
        assert one.exact or "GGUF" in one.why
        assert one.tokens[int(one.probs.argmax())] == one.token


def test_chat(ollama: Make) -> None:
    llm = ollama("smollm2", temperature=0, num_predict=12)
    whole = llm.chat(COLOURS)
    assert [part.text for part in llm.stream_chat(COLOURS)][-1] == whole.text != ""
    assert whole.message.role == "assistant"


@pytest.mark.parametrize("form", ["json", "schema"])
def test_format(ollama: Make, form: str) -> None:
    """A grammar holds every token, but not the length: a model may go on with blanks or names until it is cut."""
    llm = ollama("smollm2", temperature=0, num_predict=60)
    question, wanted = {
        "json": ("Answer in JSON: name and age of a person.", "json"),
        "schema": ("A person, in JSON.", SCHEMA),
    }[form]
    response = llm.complete(question, format=wanted)
    if response.raw["done_reason"] == "length":
        assert begins_json(response.text)
        return
    said = json.loads(response.text)
    assert isinstance(said, dict)
    if form == "schema":
        assert 0 <= said["age"] <= 120
        assert len(said["name"]) <= 12


def begins_json(text: str) -> bool:
    """Whether a text that was cut is the beginning of a JSON object: the only error is that it ends."""
    assert text.lstrip()[:1] in ("{", "")
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        at_the_end = error.pos >= len(text.rstrip()) - len(text.rpartition(",")[2]) - 1
        return at_the_end or "Unterminated string" in error.msg
    return True


@pytest.mark.parametrize(
    ("text", "begins"),
    [('{"a": 1', True), ('{"a": "x', True), ("{", True), ("", True), ('{"a": 1, ', True), ('{"a": tr', True),
     ('{"a": 1}', True), ('{"a" 1, "b": 2, "c": 3', False), ('{"a": x, "b": 2, "c": 3', False)],
)  # fmt: skip
def test_the_beginning_of_json_is_told_from_what_is_none(text: str, begins: bool) -> None:
    assert begins_json(text) is begins


def test_a_model_that_is_not_there(ollama: Make) -> None:
    with pytest.raises(ModelNotFoundError, match="ollama pull nope") as caught:
        ollama("nope").complete("x")
    assert caught.value.status == 404


def test_what_the_server_says_of_itself(ollama: Make) -> None:
    llm = ollama("gemma3-270m")
    assert llm.version().count(".") >= 2
    assert all(model["name"] for model in llm.list())
    assert isinstance(llm.ps(), list)
    assert llm.show()["details"]["format"]
    options = llm.effective_options()
    assert options["top_k"] > 0
    assert set(options.source) == set(options)


def test_embedding(ollama: Make) -> None:
    """A model that is not made for embeddings may be refused, and then the advice names one that is."""
    llm, texts = ollama("gemma3-270m"), ["hello", "world"]
    refusal = None
    try:
        assert len(llm.embed(texts)) == len(texts)
    except OllamaResponseError as error:
        refusal = error
    assert refusal is None or (refusal.status == 501 and "nomic-embed-text" in str(refusal))


def test_unload(ollama: Make, stub: Stub, request: pytest.FixtureRequest) -> None:
    llm = ollama("gemma3-270m")
    llm.complete(FRANCE, temperature=0, num_predict=1)
    before = len(stub.requests)
    llm.unload()
    if request.node.callspec.params["ollama"] == "recordings":
        asked = [question(each) for each in stub.requests[before:]]
        assert asked == [question(recorded_request("102-unload-keepalive0"))]
    else:
        loaded = [model["name"].removesuffix(":latest") for model in llm.ps()]
        assert llm.model.removesuffix(":latest") not in loaded


def test_the_prompt_that_a_template_makes(ollama: Make) -> None:
    llm = ollama("smollm2")
    body = {"model": llm.model, "messages": COLOURS, "_debug_render_only": True}
    assert "Name three colours." in llm.request("POST", "/api/chat", body)["_debug_info"]["rendered_template"]
