"""Every recorded answer of a real 0.33 gives either the right object or the right error.

Each is replayed twice: for the request that was recorded, byte by byte, through `llm.request`; and, where it
answers a completion or a conversation, through `complete`, `chat` and their streams.
"""

import contextlib
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from wire.stub import RECORDINGS, Answer, Stub, body_of, recorded, recorded_request

from logitlab.llms import (
    ModelNotFoundError,
    Ollama,
    OllamaError,
    OllamaIncompleteError,
    OllamaProtocolError,
    OllamaResponseError,
)

NAMES = sorted(path.stem for path in RECORDINGS.glob("*.resp"))

# The endings that a status does not tell: name -> error, and words of its message.
ENDINGS: dict[str, tuple[type[OllamaError], str]] = {
    "028-gen-num_predict0": (OllamaIncompleteError, "broke"),
    "080-err-trailing-slash": (OllamaProtocolError, "redirects|too many|Maximum"),
    "093-disconnect": (OllamaIncompleteError, "broke"),  # recorded up to where the client hung up
    "create-4-create": (OllamaResponseError, "failed to validate GGUF"),
}
# What the server said with a status of 400 or more, where the body has no {"error": text}.
WORDS = {
    "077-err-method-get": "405 method not allowed",
    "078-err-method-put": "405 method not allowed",
    "079-err-404-path": "404 page not found",
    "create-1-blob-head": "without a message",
}
# x1 and x2 are logs of several answers.
LOGS = {"x1-keepalive-two-requests", "x2-runner-killed-midstream"}


def status_of(response: bytes) -> int:
    return int(response.split(b" ", 2)[1]) if response else 0


def replay(name: str) -> Stub:
    return Stub(lambda request: Answer([recorded(name)], "close"))


def final(response: bytes) -> bytes:
    """Without the interim answer that a large upload gets first."""
    return response.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")


def method_and_path(name: str) -> tuple[str, str, bytes | None]:
    if not (RECORDINGS / f"{name}.req").exists() or name.startswith("create-"):
        return ("HEAD" if "head" in name else "POST"), "/api/create", None
    request = recorded_request(name)
    return request.method, request.path, request.body or None


def objects_of(name: str) -> list[Any]:
    return [json.loads(line) for line in body_of(recorded(name)).splitlines() if line.strip()]


def ask(name: str) -> Any:
    with replay(name) as stub:
        return Ollama("gemma3-270m", stub.url).request(*method_and_path(name))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LOGS])
def test_every_answer(name: str) -> None:
    response = final(recorded(name))
    status = status_of(response)
    if name in ENDINGS:
        error, words = ENDINGS[name]
        with pytest.raises(error, match=words) as caught:
            ask(name)
    elif status >= 400:
        with pytest.raises(OllamaResponseError) as caught:
            ask(name)
        assert caught.value.status == status
        said = WORDS.get(name) or json.loads(body_of(response))["error"]
        assert said in str(caught.value)
        assert isinstance(caught.value, ModelNotFoundError) == ("not found" in said and "model" in said)
    elif "text/event-stream" in response.decode("utf-8", "replace"):
        events = [
            json.loads(line[6:]) for line in body_of(response).splitlines() if line.startswith(b"data: {")
        ]
        assert len(events) > 3
        assert ask(name) == events[-1]
    elif b"json" in response.partition(b"\r\n\r\n")[0] and body_of(response):
        assert ask(name) == objects_of(name)[-1]
    else:
        assert ask(name) == (body_of(response).decode() or None)


def answers(path: str) -> list[str]:
    """The recordings of good answers to one endpoint."""
    names = []
    for name in NAMES:
        good = name not in {*LOGS, *ENDINGS} and status_of(recorded(name)) == 200 and "debug" not in name
        if good and method_and_path(name)[:2] == ("POST", path):
            names.append(name)
    return names


GENERATED, CHATTED = answers("/api/generate"), answers("/api/chat")
ABORTED = "090-gen-repeat-guard"
CUT = "084-err-prompt-too-long"  # with truncate left out: answered, from half of the prompt


def test_there_are_answers() -> None:
    assert len(GENERATED) > 30
    assert len(CHATTED) >= 5


def warned(name: str, objects: list[Any]) -> AbstractContextManager[Any]:
    """The warning that an answer comes with: what was cut, or that nothing was asked."""
    if name == CUT:
        return pytest.warns(UserWarning, match="2051 of about 6001")
    if objects[-1].get("done_reason") == "load":
        return pytest.warns(UserWarning, match="only loaded the model")
    return contextlib.nullcontext()


@pytest.mark.parametrize("name", [name for name in GENERATED if name != ABORTED])
def test_complete(name: str) -> None:
    objects = objects_of(name)
    with replay(name) as stub, warned(name, objects):
        response = Ollama("m", stub.url).complete("hi", logprobs=True)
    check(response, objects, [item["response"] for item in objects])
    assert response.raw["response"] == response.text


@pytest.mark.parametrize("name", CHATTED)
def test_chat(name: str) -> None:
    objects = objects_of(name)
    with replay(name) as stub, warned(name, objects_of(name)):
        response = Ollama("m", stub.url).chat([{"role": "user", "content": "hi"}], logprobs=True)
    check(response, objects, [item["message"]["content"] for item in objects])
    assert response.message.role == "assistant"
    assert response.message.content == response.raw["message"]["content"] == response.text


def check(response: Any, objects: list[Any], texts: list[str]) -> None:
    last = objects[-1]
    assert str(response) == response.text == "".join(texts)
    assert response.delta is None
    for key, value in last.items():
        if key not in ("response", "message", "logprobs"):
            assert response.raw[key] == response.additional_kwargs[key] == value
    told = [entry for item in objects for entry in item.get("logprobs", ())]
    assert response.raw.get("logprobs", []) == told
    untold = (
        contextlib.nullcontext()
        if told or not response.text
        else pytest.warns(UserWarning, match="reported no log")
    )
    with untold:
        logprobs = response.logprobs
    assert [(entry.token, entry.logprob, entry.bytes) for entry in logprobs] == [
        (entry["token"], entry["logprob"], entry["bytes"]) for entry in told
    ]
    assert [[other.token for other in entry.top_logprobs] for entry in logprobs] == [
        [other["token"] for other in entry.get("top_logprobs", ())] for entry in told
    ]
    seconds = last.get("total_duration")
    assert response.timings.total == (None if seconds is None else seconds / 1e9)


@pytest.mark.parametrize("name", ["010-gen-stream", "020-gen-logprobs-stream", "034-gen-emoji-stream"])
def test_stream_complete(name: str) -> None:
    objects = objects_of(name)
    with replay(name) as stub:
        responses = list(Ollama("m", stub.url).stream_complete("hi"))
    assert [response.delta for response in responses] == [item["response"] for item in objects]
    assert [response.text for response in responses] == [
        "".join(item["response"] for item in objects[: i + 1]) for i in range(len(objects))
    ]
    assert [response.raw for response in responses[:-1]] == objects[:-1]
    assert all(response.logprobs is None for response in responses)  # not asked for
    assert responses[-1].raw["done"] is True


def test_stream_and_whole_are_the_same() -> None:
    """010 and 009 are one request, streamed and not: what we make of the stream is what the server makes."""
    whole = objects_of("009-gen-nostream")[0]
    with replay("010-gen-stream") as stub:
        joined = Ollama("m", stub.url).complete("hi").raw
    times = {"created_at", "total_duration", "load_duration", "prompt_eval_duration", "eval_duration"}
    assert {key: value for key, value in joined.items() if key not in times} == {
        key: value for key, value in whole.items() if key not in times
    }
    assert joined.keys() == whole.keys()


def test_logprobs_have_bytes() -> None:
    with replay("019-gen-logprobs-nostream") as stub:
        (first, *_) = Ollama("m", stub.url).complete("hi", top_logprobs=5).logprobs or []
    assert (first.token, first.bytes) == (" the", [32, 116, 104, 101])
    assert len(first.top_logprobs) == 5


def test_the_repeat_guard() -> None:
    """The server aborts with status 200 and no last object: an error, which has all the text."""
    with replay(ABORTED) as stub, pytest.raises(OllamaIncompleteError, match="repeats one token") as caught:
        Ollama("m", stub.url).complete("A A A")
    assert caught.value.status == 200
    assert caught.value.partial.text == "".join(item["response"] for item in objects_of(ABORTED))
    assert len(caught.value.partial.text) > 50


def test_the_runner_is_killed() -> None:
    """x2, as it was sent: some text, and then a line that says what happened."""
    log = recorded("x2-runner-killed-midstream")
    response = log[log.index(b"HTTP/1.1 200") :].partition(b"0\r\n\r\n")[0] + b"0\r\n\r\n"
    with Stub(lambda request: Answer([response], "close")) as stub:
        with pytest.raises(OllamaResponseError, match="unexpected EOF") as caught:
            Ollama("m", stub.url).complete("Once upon a time")
    assert caught.value.status == 200
    assert caught.value.partial.text == ", the world was a beautiful place. The trees were green, the"


def test_two_answers_on_one_connection() -> None:
    """x1, as it was sent: a stream and a whole answer after each other."""
    log = recorded("x1-keepalive-two-requests")
    first, _, second = log[log.index(b"HTTP") :].partition(b"=====second=====\n")
    answer: Iterator[bytes] = iter([first.rstrip(b"\r\n") + b"\r\n\r\n", second])
    with Stub(lambda request: next(answer)) as stub:
        llm = Ollama("m", stub.url)
        assert llm.complete("hi").text == " the capital"
        assert llm.complete("hi").text == " the capital"
    assert stub.connections == 1


def test_json_inside_the_error_string() -> None:
    """A prompt that is too long, with truncate=False: the error is a string of JSON with an error in it."""
    inner = {"error": {"code": 400, "message": "request (6002 tokens) exceeds the available context size"}}
    body = json.dumps({"error": json.dumps(inner)}).encode()
    response = (
        b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        % len(body)
    )
    with Stub(lambda request: response + body) as stub, pytest.raises(OllamaResponseError) as caught:
        Ollama("m", stub.url).complete("word " * 6000, truncate=False)
    assert str(caught.value).startswith("request (6002 tokens) exceeds the available context size (HTTP 400")
