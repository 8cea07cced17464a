"""Halves of a character, answers that only loaded the model, servers without logprobs: each is told as it is."""

import asyncio
import itertools
import json
import warnings
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wire.stub import Stub, ndjson, respond

from logitlab.llms import Ollama
from logitlab.llms.surrogates import Joiner

TURNS = [{"role": "user", "content": "hi"}]


def escaped(text: str) -> str:
    """JSON as Java and JavaScript write it: characters beyond 16 bits as two escapes."""
    return json.dumps(text)


def lines(pieces: list[str], chat: bool, key: str = "") -> bytes:
    """A stream whose pieces are JSON strings, halves of characters included."""
    key = key or ("content" if chat else "response")
    other = f', "{"content" if chat else "response"}": ""' if key == "thinking" else ""
    body = [f'{{"{key}": {piece}{other}}}' for piece in pieces]
    objects = [f'{{"message": {each}, "done": false}}' if chat else each for each in body]
    last = '{"message": {"content": ""}, "done": true}' if chat else '{"response": "", "done": true}'
    return respond([f"{line}\n".encode() for line in [*objects, last]], type="application/x-ndjson")


def ways(llm: Ollama, chat: bool) -> list[Callable[[], Any]]:
    """The same question, whole, streamed, and both in an event loop."""
    if chat:
        streamed = lambda: list(llm.stream_chat(TURNS))[-1]  # noqa: E731
        return [lambda: llm.chat(TURNS), streamed, lambda: asyncio.run(llm.achat(TURNS))]
    streamed = lambda: list(llm.stream_complete("hi"))[-1]  # noqa: E731
    return [lambda: llm.complete("hi"), streamed, lambda: asyncio.run(llm.acomplete("hi"))]


HALVES = [
    (['"\\ud83d"', '"\\ude00"'], "😀"),
    (['"a\\ud83d"', '"\\ude00b"'], "a😀b"),
    (['"\\ud83d"', '""', '"\\ude00"'], "😀"),
    (['"\\ud83d"', '"x"'], "\ufffdx"),
    (['"\\ude00"'], "\ufffd"),
    (['"\\ud83d"'], "\ufffd"),
    (['"\\ud83d"', '"\\ud83d"', '"\\ude00"'], "\ufffd😀"),
    (['"é\\ud83d\\ude00\\ud83d"', '"\\ude00"'], "é😀😀"),
]


@pytest.mark.parametrize("chat", [False, True])
@pytest.mark.parametrize(("pieces", "text"), HALVES, ids=ascii)
def test_halves_of_a_character_are_joined(chat: bool, pieces: list[str], text: str) -> None:
    with Stub(lambda request: lines(pieces, chat)) as stub:
        for ask in ways(Ollama("m", stub.url), chat):
            response = ask()
            assert response.text == text
            said = response.raw["message"]["content"] if chat else response.raw["response"]
            assert said == text
        stream = (
            Ollama("m", stub.url).stream_chat(TURNS) if chat else Ollama("m", stub.url).stream_complete("hi")
        )
        deltas = [response.delta or "" for response in stream]
    assert "".join(deltas) == text
    for delta in deltas:
        delta.encode()


@pytest.mark.parametrize("chat", [False, True])
def test_halves_in_a_thought(chat: bool) -> None:
    with Stub(lambda request: lines(['"\\ud83d"', '"\\ude00"'], chat, "thinking")) as stub:
        llm = Ollama("m", stub.url)
        response = llm.chat(TURNS) if chat else llm.complete("hi")
        stream = list(llm.stream_chat(TURNS) if chat else llm.stream_complete("hi"))
    assert (response.raw["message"] if chat else response.raw)["thinking"] == "😀"
    assert "".join(each.additional_kwargs.get("thinking_delta", "") for each in stream[:-1]) == "😀"


def test_half_a_character_as_a_token() -> None:
    entry = {"token": "\ud83d", "logprob": -1.0, "top_logprobs": [{"token": "\ude00", "logprob": -1.0}]}
    with Stub(lambda request: ndjson({"response": "x", "done": True, "logprobs": [entry]})) as stub:
        (told,) = Ollama("m", stub.url).complete("hi", top_logprobs=1).logprobs or []
    assert [told.token, told.top_logprobs[0].token] == ["\ufffd", "\ufffd"]


@given(
    st.text(st.characters() | st.characters(categories=["Cs"]), max_size=8),
    st.lists(st.integers(0, 20), max_size=4),
)
def test_any_text_cut_anywhere(text: str, cuts: list[int]) -> None:
    """As UTF-16, whose units the halves are, decodes it as one."""
    units = [ord(c) for c in text]
    halves = "".join(map(chr, units)).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    edges = sorted({0, *(cut % (len(text) + 1) for cut in cuts), len(text)})
    joiner = Joiner()
    said = "".join([joiner.add(text[a:b]) for a, b in itertools.pairwise(edges)]) + joiner.end()
    assert said == halves
    said.encode()


@pytest.mark.parametrize(
    ("call", "where"),
    [
        (lambda llm: llm.complete("caf\udce9 au lait"), "prompt"),
        (lambda llm: llm.stream_complete("caf\udce9 au lait"), "prompt"),
        (lambda llm: llm.astream_complete("caf\udce9 au lait"), "prompt"),
        (lambda llm: llm.chat([*TURNS, {"role": "user", "content": "caf\udce9"}]), r"messages\[1\]"),
        (lambda llm: llm.stream_chat([{"role": "user", "content": "caf\udce9"}]), r"messages\[0\]"),
        (lambda llm: llm.complete("hi", system="caf\udce9"), "system"),
        (lambda llm: llm.complete("hi", suffix="caf\udce9"), "suffix"),
        (lambda llm: llm.complete("hi", stop=["a", "caf\udce9"]), r"options\.stop\[1\]"),
        (lambda llm: llm.complete("hi", format={"type": "caf\udce9"}), r"format\.type"),
        (lambda llm: llm.embed(["a", "caf\udce9"]), r"input\[1\]"),
        (lambda llm: llm.request("POST", "/api/show", {"model": "caf\udce9"}), "model"),
    ],
    ids=[
        "complete", "stream_complete", "astream_complete", "chat", "stream_chat", "system", "suffix", "stop", "format",
        "embed", "request",
    ],
)  # fmt: skip
def test_half_a_character_in_a_request_is_said_with_its_place(
    call: Callable[[Ollama], Any], where: str
) -> None:
    with Stub(lambda request: ndjson({"response": "", "done": True})) as stub:
        with pytest.raises(ValueError, match=rf"{where}.*U\+DCE9, at position 3") as caught:
            call(Ollama("m", stub.url))
        assert stub.requests == []
    str(caught.value).encode()  # the message itself can be printed


LAST_OF: dict[bool, dict[str, Any]] = {True: {"message": {"content": ""}}, False: {"response": ""}}
LOAD = {"done": True, "done_reason": "load"}


@pytest.mark.parametrize("how", [0, 1, 2])
@pytest.mark.parametrize("chat", [False, True])
def test_an_answer_that_only_loaded_the_model_says_so(chat: bool, how: int) -> None:
    last = LAST_OF[chat] | LOAD
    with Stub(lambda request: ndjson(last)) as stub:
        ask = ways(Ollama("m", stub.url), chat)[how]
        with pytest.warns(UserWarning, match="only loaded the model"):
            assert ask().text == ""


@pytest.mark.parametrize("reason", ["stop", "length", "unload"])
def test_other_ends_are_no_load(reason: str) -> None:
    with Stub(lambda request: ndjson({"response": "", "done": True, "done_reason": reason})) as stub:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            Ollama("m", stub.url).complete("hi")


@pytest.mark.parametrize("how", [0, 1, 2])
@pytest.mark.parametrize("chat", [False, True])
def test_a_server_without_log_probabilities(chat: bool, how: int) -> None:
    pieces = ['"Hello "', '"you"']
    with Stub(lambda request: lines(pieces, chat)) as stub:
        response = ways(Ollama("m", stub.url, logprobs=True, top_logprobs=20), chat)[how]()
        with pytest.warns(UserWarning, match=r"no log-probabilities.*0\.12\.11"):
            assert response.logprobs == []
        with pytest.raises(ValueError, match=r"no log-probabilities.*0\.12\.11"):
            response.sampling_distribution()
        asked_for_none = ways(Ollama("m", stub.url), chat)[how]()
        assert asked_for_none.logprobs is None


def test_a_stream_under_way_and_an_empty_answer_are_no_such_server() -> None:
    with Stub(lambda request: lines(['"Hello "', '"you"'], False)) as stub:
        first = next(iter(Ollama("m", stub.url).stream_complete("hi", logprobs=True)))
        assert first.logprobs == []
    with Stub(lambda request: ndjson({"response": "", "done": True})) as stub:
        assert Ollama("m", stub.url).complete("hi", logprobs=True).logprobs == []
