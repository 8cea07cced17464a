"""A client's life: it is copied, sent to processes, closed, and forgotten by the answers that it gave."""

import asyncio
import copy
import json
import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest
from wire.stub import Request, Stub, ndjson, recorded, respond

from logitlab.llms import Ollama, OllamaError, OllamaIncompleteError, OllamaResponseError, connect

USER = [{"role": "user", "content": "hi"}]
ENTRY = {
    "token": "hi",
    "logprob": -0.5,
    "bytes": [104, 105],
    "top_logprobs": [{"token": "hi", "logprob": -0.5}],
}


def answer(request: Request) -> bytes:
    if request.path == "/api/show":
        return recorded("005-show")
    if request.path == "/api/version":
        return recorded("002-version")
    if request.path == "/refused":
        return respond(b'{"error": "no"}', status="400 No")
    said = {"response": "hi", "message": {"role": "assistant", "content": "hi"}, "logprobs": [ENTRY]}
    if b"fail" in request.body:
        return ndjson(said, {"error": "boom"})
    return ndjson(said, {"response": "", "message": {"role": "assistant", "content": ""}, "done": True})


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub(answer) as stub:
        yield stub


def pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


COPIES: dict[str, Callable[[Any], Any]] = {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": pickled}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("state", ["new", "used", "closed"])
def test_a_copy_answers_as_the_model_does(stub: Stub, way: str, state: str) -> None:
    llm = Ollama("m", stub.url, temperature=0.5, headers={"X-Key": "abc"}, timeout=7)
    if state != "new":
        llm.complete("hi")
        llm.effective_options()
    if state == "closed":
        llm.close()
    other = COPIES[way](llm)
    with other:
        assert other.complete("hi").text == "hi"
    assert (repr(other), str(other)) == (repr(llm), str(llm))
    request = stub.requests[-1]
    assert request.json == {"model": "m", "prompt": "hi", "options": {"temperature": 0.5}}
    assert request.headers["x-key"] == "abc"
    assert other._client._silence == 7
    if state != "closed":  # what was closed is the copy
        assert llm.complete("hi").text == "hi"


def ways_to_ask(llm: Ollama) -> dict[str, Callable[[], Any]]:
    return {
        "complete": lambda: llm.complete("hi", logprobs=True, top_logprobs=1),
        "stream": lambda: next(iter(llm.stream_complete("hi", logprobs=True, top_logprobs=1))),
        "async": lambda: asyncio.run(llm.acomplete("hi", logprobs=True, top_logprobs=1)),
        "chat": lambda: llm.chat(USER, logprobs=True, top_logprobs=1),
        "stream chat": lambda: next(iter(llm.stream_chat(USER, logprobs=True, top_logprobs=1))),
    }


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("asked", ["complete", "stream", "async", "chat", "stream chat"])
def test_a_response_is_copied_whole(stub: Stub, way: str, asked: str) -> None:
    response = ways_to_ask(Ollama("m", stub.url, temperature=0.5))[asked]()
    other = COPIES[way](response)
    for name in ("text", "delta", "raw", "logprobs", "additional_kwargs", "options", "timings"):
        assert getattr(other, name) == getattr(response, name)
    assert (type(other), str(other), repr(other)) == (type(response), str(response), repr(response))
    assert getattr(other, "message", None) == getattr(response, "message", None)
    assert [each.tokens for each in other.sampling_distribution()] == [
        each.tokens for each in response.sampling_distribution()
    ]


@pytest.mark.parametrize("way", COPIES)
def test_tables_and_distributions_are_copied(stub: Stub, way: str) -> None:
    llm = Ollama("m", stub.url)
    options = llm.effective_options(temperature=0.5)
    distributions = llm.complete("hi", logprobs=True, top_logprobs=1).sampling_distribution()
    other, others = (
        COPIES[way]((options, distributions)) if way != "copy" else (copy.copy(options), distributions)
    )
    assert (other, other.source, str(other)) == (options, options.source, str(options))
    assert [str(each) for each in others] == [str(each) for each in distributions]


def test_a_pickled_response_asks_nobody(stub: Stub) -> None:
    response = Ollama("m", stub.url, temperature=0.5).complete("hi", logprobs=True, top_logprobs=1)
    data = pickle.dumps(response)
    asked = len(stub.requests)
    other = pickle.loads(data)
    options = json.loads(json.dumps(other.options))
    assert (options["temperature"], options["top_k"], options["logprobs"]) == (0.5, 40, True)
    assert len(stub.requests) == asked
    assert b"Connection" not in data


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("way", COPIES)
def test_copying_says_nothing(way: str) -> None:
    """Also of log-probabilities that were asked for and did not come: that is for who looks at them."""
    with Stub(lambda request: ndjson({"response": "hi", "done": True})) as stub:
        response = Ollama("m", stub.url).complete("x", logprobs=True)
        other = COPIES[way](response)
    with pytest.warns(UserWarning, match="log-probabilities"):
        assert other.logprobs == []


def test_a_response_outlives_its_server() -> None:
    with Stub(answer) as stub:
        response = Ollama("m", stub.url, temperature=0.5, headers={"X-Key": "s3cret"}).complete("hi")
    other = pickled(response)
    assert other.text == "hi"
    assert other.options["temperature"] == 0.5
    assert b"s3cret" not in pickle.dumps(response)


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("kind", ["complete", "stream_complete", "chat"])
def test_an_error_keeps_its_answer(stub: Stub, way: str, kind: str) -> None:
    llm = Ollama("m", stub.url)
    with pytest.raises(OllamaResponseError) as caught:
        list(
            getattr(llm, kind)(
                USER if kind == "chat" else "fail", **({"system": "fail"} if kind == "chat" else {})
            )
        )
    other = COPIES[way](caught.value)
    assert (type(other), str(other), other.status) == (OllamaResponseError, str(caught.value), 200)
    assert other.partial.text == "hi"


@pytest.mark.parametrize("kind", OllamaError.__subclasses__())
def test_every_error_is_pickled(kind: type[OllamaError]) -> None:
    other = pickled(kind("why", 418))
    assert (type(other), str(other), other.status) == (kind, "why", 418)


def test_a_pool_of_processes(stub: Stub) -> None:
    """The model goes there and the answer comes back; an error too, with the text so far."""
    llm = Ollama("m", stub.url, temperature=0.5)
    llm.complete("hi")
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        response = pool.submit(llm.complete, "hi").result(60)
        assert (response.text, response.options["temperature"]) == ("hi", 0.5)
        with pytest.raises(OllamaResponseError, match="boom") as caught:
            pool.submit(llm.complete, "fail").result(60)
    assert caught.value.partial.text == "hi"


def test_options_are_plain(stub: Stub) -> None:
    """What json.dumps takes, whatever was given."""
    import numpy as np

    def add(a: int) -> int:
        return a

    llm = Ollama("m", stub.url, temperature=np.float32(0.5), stop=("a",), keep_alive=np.float64(3))
    options = json.loads(
        json.dumps(llm.chat(USER, top_k=np.int64(3), tools=[add], logprobs=np.bool_(True)).options)
    )
    assert (options["temperature"], options["top_k"], options["stop"], options["logprobs"]) == (
        0.5,
        3,
        ["a"],
        True,
    )
    assert options["tools"][0]["function"]["name"] == "add"
    assert options["seed"].startswith("unknown: ")


def test_closing(stub: Stub) -> None:
    with Ollama("m", stub.url) as llm:
        response = llm.complete("hi")
        stream = llm.stream_complete("hi")
        next(stream)
    assert stream is not None
    assert [each.delta for each in stream] == [""]  # a stream under way goes on
    assert response.options["top_k"] == 40  # so does an answer
    llm.close()
    calls: list[Callable[[], Any]] = [
        lambda: llm.complete("hi"),
        lambda: llm.stream_complete("hi"),
        lambda: llm.chat(USER),
        lambda: asyncio.run(llm.acomplete("hi")),
        lambda: llm.astream_chat(USER),
        llm.version,
        llm.check,
        llm.pull,
        lambda: llm.embed("hi"),
        lambda: llm.request("GET", "/"),
    ]
    asked = len(stub.requests)
    for call in calls:
        with pytest.raises(ValueError, match="this model was closed"):
            call()
    assert len(stub.requests) == asked
    assert str(llm) == f"m of the Ollama server at {stub.url}"


def test_closing_where_there_is_an_event_loop(stub: Stub) -> None:
    async def main() -> Ollama:
        async with Ollama("m", stub.url) as llm:
            assert (await llm.acomplete("hi")).text == "hi"
        await llm.aclose()
        return llm

    with pytest.raises(ValueError, match="closed"):
        asyncio.run(main()).complete("hi")


def test_what_connect_returns_is_closed(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOGITLAB_CONNECT", raising=False)
    with connect("m", host=stub.url) as llm:
        assert llm.complete("hi").text == "hi"
    with pytest.raises(ValueError, match="closed"):
        llm.complete("hi")


MANY = """
import os, resource, sys
from logitlab.llms import Ollama
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
answers, open_files = [], []
for i in range(int(sys.argv[2])):
    llm = Ollama("m", sys.argv[1])
    if i % 3 == 0:
        answers.append(llm.complete("x"))
    elif i % 3 == 1:
        answers += llm.stream_complete("x")
    else:
        answers.append(llm.chat([{"role": "user", "content": "x"}]))
    del llm
    open_files.append(len(os.listdir("/dev/fd")))
print(max(open_files) - open_files[0], len(answers))
"""


def test_a_kept_answer_holds_no_connection(stub: Stub) -> None:
    """A client for each question, as scripts have it, and every answer in a list."""
    ended = subprocess.run(
        [sys.executable, "-c", MANY, stub.url, "300"], capture_output=True, text=True, timeout=120
    )
    assert (ended.stdout, ended.stderr) == ("0 400\n", "")


ERRORS = """
import os, resource, sys
from logitlab.llms import Ollama, OllamaError
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
kept, open_files = [], []
for i in range(300):
    llm = Ollama("m", sys.argv[1])
    try:
        llm.complete("fail") if i % 2 else llm.request("POST", "/refused", {})
    except OllamaError as error:
        kept.append(error)
    del llm
    open_files.append(len(os.listdir("/dev/fd")))
print(max(open_files) - open_files[0], len(kept), {type(error).__name__ for error in kept})
"""


def test_a_kept_error_holds_no_connection(stub: Stub) -> None:
    """Its traceback holds the client."""
    ended = subprocess.run(
        [sys.executable, "-c", ERRORS, stub.url], capture_output=True, text=True, timeout=120
    )
    assert (ended.stdout, ended.stderr) == ("0 300 {'OllamaResponseError'}\n", "")


FULL = """
import os, resource, sys
from logitlab.llms import Ollama, OllamaConnectionError
Ollama("m", sys.argv[1]).complete("x")
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = []
try:
    for _ in range(100):
        held.append(Ollama("m", sys.argv[1]))
        held[-1].complete("x")
except OllamaConnectionError as error:
    print(error)
"""


def test_too_many_open_files_is_said(stub: Stub) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", FULL, stub.url], capture_output=True, text=True, timeout=120
    )
    assert "too many open files" in ended.stdout
    assert "64" in ended.stdout
    assert "ollama serve" not in ended.stdout
    assert ended.stderr == ""
    assert issubclass(OllamaIncompleteError, OllamaError)
