"""Bad endings are told apart, none hangs, and none loses the text that had come."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from wire.stub import Answer, Request, Stub, broken, cut, dribble, endless, ndjson, recorded, respond, stalled

from logitlab.llms import (
    ModelNotFoundError,
    Ollama,
    OllamaConnectionError,
    OllamaError,
    OllamaIncompleteError,
    OllamaProtocolError,
    OllamaResponseError,
    OllamaTimeoutError,
)

ONE = {"model": "m", "response": "Once ", "done": False}
TWO = {"model": "m", "response": "upon", "done": False}
LAST = {"model": "m", "response": "", "done": True, "done_reason": "stop"}
STREAM = recorded("010-gen-stream")
HEAD = len(STREAM.partition(b"\r\n\r\n")[0]) + 4


def line(item: Any) -> bytes:
    return json.dumps(item).encode() + b"\n"


def stream_of(*lines: bytes) -> bytes:
    return respond(list(lines), type="application/x-ndjson")


# what any request can end with: the answer, the error, what it says, its status
ENDINGS = [
    (respond(b"<html>no</html>", type="text/html"), OllamaProtocolError, "no JSON", 200),
    (stream_of(line(ONE), b"Once upon\n"), OllamaProtocolError, "no JSON", 200),
    (stream_of(line(ONE), b'{"response": "x"\n'), OllamaProtocolError, "no JSON", 200),
    (stream_of(line(ONE), b"[1]\n"), OllamaProtocolError, "no JSON object", 200),
    (stream_of(line(ONE), b'{"x": 1} {"y": 2}\n'), OllamaProtocolError, "no JSON", 200),
    (ndjson(ONE, {"error": "boom"}), OllamaResponseError, "boom", 200),
    (ndjson(ONE, {"error": {"message": "boom"}}), OllamaResponseError, "boom", 200),
    (respond(b"", status="403 Forbidden"), OllamaResponseError, "without a message.*host name", 403),
    (respond(b'{"error": "model \'m\' not found"}', status="404 N"), ModelNotFoundError, "pull m", 404),
    (respond(b"404 page not found", status="404 N"), OllamaResponseError, "an Ollama server", 404),
    (respond(b"Bad Gateway", status="502 Bad"), OllamaResponseError, "Bad Gateway", 502),
    (respond(b'{"error": "server busy"}', status="503 B"), OllamaResponseError, "OLLAMA_MAX_QUEUE", 503),
    (respond(b'{"error": "unauthorized"}', status="401 No"), OllamaResponseError, "signin", 401),
    (respond(b'{"error": "\\"m\\" does not support thinking"}', status="400 No"), OllamaResponseError,
     "Leave think= out", 400),
    (respond(b"\xff\xfe", status="500 No"), OllamaResponseError, "HTTP 500", 500),
    (respond(b"", status="304 Not Modified"), OllamaProtocolError, "HTTP 304", 304),
    (Answer([b"SSH-2.0-OpenSSH\r\n"], "close"), OllamaProtocolError, "does not answer as", None),
    (Answer([], "close"), OllamaIncompleteError, "broke", None),
    (Answer([], "reset"), OllamaIncompleteError, "broke", None),
]  # fmt: skip
# what only a completion can know: that a text, or the last object, is missing
ENDINGS_OF_COMPLETIONS = [
    (stream_of(line(ONE), b'{"response": 3}\n'), OllamaProtocolError, "without a text", 200),
    (ndjson(ONE, TWO), OllamaIncompleteError, "without saying that it is done", 200),
]  # fmt: skip
WORDS = ("answer", "error", "words", "status")


def ends(
    call: Callable[[Ollama], object], answer: Any, error: type[OllamaError], words: str, status: int | None
) -> None:
    with (
        Stub(lambda request: answer) as stub,
        pytest.raises(error, match=f"(?s){words}") as caught,
    ):
        call(Ollama("m", stub.url))
    assert type(caught.value) is error
    assert caught.value.status == status


@pytest.mark.parametrize(WORDS, [*ENDINGS, *ENDINGS_OF_COMPLETIONS])
def test_each_ending_of_a_completion(
    answer: Any, error: type[OllamaError], words: str, status: int | None
) -> None:
    ends(lambda llm: llm.complete("hi"), answer, error, words, status)


@pytest.mark.parametrize(WORDS, ENDINGS)
def test_each_ending_of_a_request(
    answer: Any, error: type[OllamaError], words: str, status: int | None
) -> None:
    ends(
        lambda llm: list(llm.request("POST", "/api/generate", {}, stream=True)), answer, error, words, status
    )


@pytest.mark.parametrize("answer", [case[0] for case in ENDINGS_OF_COMPLETIONS])
def test_a_request_passes_on_what_only_a_completion_needs(answer: Any) -> None:
    with Stub(lambda request: answer) as stub:
        items = list(Ollama("m", stub.url).request("POST", "/api/generate", {}, stream=True))
    assert items[0] == ONE
    assert len(items) == 2


@pytest.mark.parametrize(
    "answer", [stream_of(), respond(b""), respond(b'{"model":"","response":"","done":false}')]
)
def test_an_answer_without_a_word(answer: bytes) -> None:
    with (
        Stub(lambda request: answer) as stub,
        pytest.raises(OllamaIncompleteError, match="without any text") as caught,
    ):
        Ollama("m", stub.url).complete("hi")
    assert caught.value.partial.text == ""


BAD = {
    "error line": ndjson(ONE, TWO, {"error": "boom"}),
    "no end": ndjson(ONE, TWO),
    "garbage": stream_of(line(ONE), line(TWO), b"}\n"),
    "cut": broken(ndjson(ONE, TWO, LAST), len(ndjson(ONE, TWO)) - 5, "close"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("way", ["complete", "stream", "async", "async stream", "chat"])
def test_the_text_so_far_is_on_the_exception(name: str, way: str) -> None:
    async def drain(llm: Ollama) -> None:
        async for _ in llm.astream_complete("hi"):
            pass

    def chatted(request: Any) -> Any:
        answer = BAD[name]
        if way != "chat":
            return answer
        pieces = [answer] if isinstance(answer, bytes) else list(answer.pieces)
        as_chat = pieces[0].partition(b"\r\n\r\n")[2]
        lines = [
            json.loads(piece)
            for piece in as_chat.split(b"\r\n")[1::2]
            if piece.endswith(b"}\n") and piece != b"}\n"
        ]
        messages = [
            {"message": {"role": "assistant", "content": item["response"]}, "done": False}
            if "response" in item
            else item
            for item in lines
        ]
        return ndjson(*messages)

    with Stub(chatted) as stub:
        llm = Ollama("m", stub.url)
        calls = {
            "complete": lambda: llm.complete("hi"),
            "stream": lambda: list(llm.stream_complete("hi")),
            "async": lambda: asyncio.run(llm.acomplete("hi")),
            "async stream": lambda: asyncio.run(drain(llm)),
            "chat": lambda: llm.chat([{"role": "user", "content": "hi"}]),
        }
        with pytest.raises(OllamaError) as caught:
            calls[way]()
    assert caught.value.partial.text == "Once upon"
    assert caught.value.partial.delta is None


@pytest.mark.parametrize("after", range(HEAD, len(STREAM), 97))
@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_recorded_stream_cut_anywhere(after: int, end: str) -> None:
    texts = [json.loads(piece)["response"] for piece in STREAM.split(b"\r\n") if piece.endswith(b"}\n")]
    with (
        Stub(lambda request: broken(STREAM, after, end)) as stub,
        pytest.raises(OllamaIncompleteError) as caught,
    ):
        Ollama("m", stub.url).complete("hi")
    assert "".join(texts).startswith(caught.value.partial.text)
    if end == "close":  # while a reset may overtake what was sent before it
        assert caught.value.partial.text == "".join(texts[: STREAM[:after].count(b"}\n")])


WAYS = {
    "bytes": dribble,
    "pieces": lambda response: cut(response, [1, 2, 3, 5, 8, 13] * 20),
    "one packet": lambda response: Answer([response], "close"),
}


@pytest.mark.parametrize("way", WAYS)
def test_packets_do_not_matter(way: str) -> None:
    with Stub(lambda request: WAYS[way](STREAM)) as stub:
        assert Ollama("m", stub.url).complete("hi").text.startswith(" the capital of the country")


def test_no_server_says_how_to_start_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    llm = Ollama("m", f"127.0.0.1:{port}")
    for call in (
        lambda: llm.complete("hi"),
        lambda: list(llm.stream_complete("hi")),
        llm.version,
        llm.list,
        llm.pull,
    ):
        with pytest.raises(OllamaConnectionError, match=r"ollama serve.*OLLAMA_HOST") as caught:
            call()
        assert isinstance(caught.value, ConnectionError)
        assert caught.value.status is None
        assert str(port) in str(caught.value)


def test_a_silent_server() -> None:
    response = ndjson(ONE, TWO, LAST)
    with Stub(lambda request: stalled(response, response.index(b"upon"), 5)) as stub:
        start = time.monotonic()
        with pytest.raises(OllamaTimeoutError, match="minutes to load") as caught:
            Ollama("m", stub.url, timeout=0.4).complete("hi")
        assert time.monotonic() - start < 2
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.partial.text == "Once "


def test_no_libcurl_is_an_import_error() -> None:
    code = "from logitlab.llms import Ollama; Ollama('m').complete('hi')"
    environment = os.environ | {"LOGITLAB_LIBCURL": "/nowhere.so"}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert "ImportError" in ended.stderr.splitlines()[-1]
    assert "apt-get install libcurl4" in ended.stderr


def test_ctrl_c_keeps_the_text_and_hangs_up() -> None:
    def pieces() -> Iterator[bytes]:
        yield ndjson(ONE, TWO)[:-5]
        while True:
            time.sleep(0.05)
            yield b"1\r\n \r\n"

    with Stub(lambda request: Answer(pieces())) as stub:
        threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt) as caught:
            Ollama("m", stub.url).complete("hi")
        assert caught.value.partial.text == "Once upon"
        assert stub.hung_up.wait(2)


@pytest.mark.parametrize("way", ["break", "close", "drop"])
def test_a_stream_that_nobody_reads_on_hangs_up(way: str) -> None:
    with Stub(lambda request: endless(line(ONE))) as stub:
        stream = Ollama("m", stub.url).stream_complete("hi")
        assert next(stream).text == "Once "
        if way == "break":
            for response in stream:
                if len(response.text) > 100:
                    break
            del response
        if way == "close":
            stream.close()
        del stream
        assert stub.hung_up.wait(2)


def test_a_stream_that_was_never_read_asks_nothing() -> None:
    with Stub(lambda request: ndjson(LAST)) as stub:
        stream = Ollama("m", stub.url).stream_complete("hi")
        del stream
        assert stub.requests == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logitlab.llms.ollama.client.PATIENCE", 0.1)
    monkeypatch.setattr("logitlab.llms.ollama.waiting._said", {})


def test_silence_is_told_as_what_is_known(impatient: None, capfd: pytest.CaptureFixture[str]) -> None:
    with Stub(lambda request: stalled(ndjson(ONE, LAST), 0, 0.4)) as stub:
        assert Ollama("gemma:7b", stub.url).complete("hi").text == "Once "
    out, line = capfd.readouterr()
    assert (out, line.count("\n")) == ("", 1)
    for known in (stub.url, "0.1 s", "loading gemma:7b", "reading the prompt", "busy"):
        assert known in line
    with Stub(lambda request: ndjson(ONE, LAST)) as stub:
        Ollama("gemma:7b", stub.url).complete("hi")
    assert capfd.readouterr() == ("", "")


def test_silence_is_told_once_for_a_model(
    impatient: None, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not once for a call, a thread, an object or a method; another model and a later time are news."""

    def answer(request: Request) -> Any:
        chat = request.path == "/api/chat"
        return stalled(ndjson({"message": {"content": ""}, "done": True} if chat else LAST), 0, 0.3)

    def ask(i: int) -> None:
        llm = Ollama("a", stub.url) if i % 2 else shared
        llm.chat([{"role": "user", "content": "hi"}]) if i % 3 else list(llm.stream_complete("hi"))

    with Stub(answer) as stub:
        shared = Ollama("a", stub.url)
        with ThreadPoolExecutor(12) as pool:
            list(pool.map(ask, range(12)))
        shared.complete("again")
        assert capfd.readouterr().err.count("\n") == 1
        Ollama("b", stub.url).complete("hi")
        assert "loading b" in capfd.readouterr().err
        monkeypatch.setattr("logitlab.llms.ollama.waiting._AGAIN", 0.0)
        shared.complete("hi")
        assert "loading a" in capfd.readouterr().err


def test_pulling(capfd: pytest.CaptureFixture[str]) -> None:
    steps = [
        {"status": "pulling manifest"},
        {"status": "pulling abc", "total": 10**9, "completed": 10**8},
        {"status": "pulling abc", "total": 10**9, "completed": 10**9},
        {"status": "success"},
    ]
    with Stub(lambda request: ndjson(*steps)) as stub:
        Ollama("m", stub.url).pull()
    shown = capfd.readouterr().err
    assert "100% of 1000 MB" in shown
    assert shown.endswith("\n")
    with (
        Stub(lambda request: ndjson(*steps[:2])) as stub,
        pytest.raises(OllamaIncompleteError, match="success"),
    ):
        Ollama("m", stub.url).pull(progress=False)
    with Stub(lambda request: ndjson(steps[0], {"error": "no space"})) as stub:
        with pytest.raises(OllamaResponseError, match="no space"):
            Ollama("m", stub.url).pull(progress=False)
    assert capfd.readouterr().err == ""


def test_any_request_streams_too() -> None:
    with Stub(lambda request: recorded("create-4-create")) as stub:
        got = []
        with pytest.raises(OllamaResponseError, match="failed to validate GGUF"):
            for item in Ollama("m", stub.url).request("POST", "/api/create", {"model": "x"}, stream=True):
                got.append(item)
    assert got == [{"status": "parsing GGUF"}]
    assert stub.requests[0].json == {"model": "x"}


def test_a_request_that_json_can_not_say() -> None:
    for stream in (False, True):
        with pytest.raises(ValueError, match="JSON"):
            Ollama("m").request("POST", "/api/create", {"x": float("nan")}, stream=stream)
    with pytest.raises(ValueError, match="slash"):
        Ollama("m").request("GET", "api/tags")
