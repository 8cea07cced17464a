"""What a server leaves out and what it sends as null are the same thing, in every field of every answer.

The oracle is the answer without the field: any subset of the fields of a recorded answer, at any depth, is sent once
as null and once not at all, and whatever comes of it must be equal, errors and their `.partial` included. The text
that did come is never lost.
"""

import asyncio
import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wire.stub import Stub, body_of, ndjson, recorded, respond

from logitlab.llms import Ollama, OllamaError, OllamaProtocolError, OllamaResponseError

# log-probabilities are always asked for here, and most recordings have none; without its counts an answer may look cut
pytestmark = [
    pytest.mark.filterwarnings("ignore:the server reported no log-probabilities"),
    pytest.mark.filterwarnings("ignore:the server read"),
]

HI = [{"role": "user", "content": "hi"}]
GENERATED = ["010-gen-stream", "020-gen-logprobs-stream", "023-gen-logprobs-top20", "034-gen-emoji-stream"]
CHATTED = ["042-chat-stream", "043-chat-logprobs-nostream"]
TOOLS: list[Any] = [
    {"message": {"role": "assistant", "content": "I ", "thinking": "Hm", "tool_calls": None}, "done": False},
    {
        "message": {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "add"}}]},
        "done": False,
    },
    {"message": None, "done": True, "done_reason": "stop", "eval_count": 3},
]


async def drained(stream: Any) -> list[Any]:
    return [response async for response in stream]


COMPLETE: dict[str, Callable[[Ollama], Any]] = {
    "complete": lambda llm: [llm.complete("hi", top_logprobs=20)],
    "stream": lambda llm: list(llm.stream_complete("hi", top_logprobs=20)),
    "not asked for": lambda llm: [llm.complete("hi")],
    "async": lambda llm: [asyncio.run(llm.acomplete("hi", top_logprobs=20))],
    "async stream": lambda llm: asyncio.run(drained(llm.astream_complete("hi", top_logprobs=20))),
}
CHAT: dict[str, Callable[[Ollama], Any]] = {
    "complete": lambda llm: [llm.chat(HI, top_logprobs=20)],
    "stream": lambda llm: list(llm.stream_chat(HI, top_logprobs=20)),
    "not asked for": lambda llm: [llm.chat(HI)],
    "async": lambda llm: [asyncio.run(llm.achat(HI, top_logprobs=20))],
    "async stream": lambda llm: asyncio.run(drained(llm.astream_chat(HI, top_logprobs=20))),
}
ASKED: dict[str, Callable[[Ollama], Any]] = {
    "003-tags": lambda llm: llm.list(),
    "004-ps-empty": lambda llm: llm.ps(),
    "008-ps-loaded": lambda llm: llm.ps(),
    "005-show": lambda llm: (llm.show(), llm.effective_options()),
    "006-show-smol": lambda llm: (llm.show(), llm.effective_options()),
    "002-version": lambda llm: llm.version(),
}


def objects_of(name: str) -> list[Any]:
    return [json.loads(line) for line in body_of(recorded(name)).splitlines() if line.strip()]


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where every key of every object stands, the deepest first."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield from paths(item, (*at, name))
        if isinstance(value, dict):
            yield (*at, name)


def without(objects: list[Any], chosen: set[tuple[Any, ...]], null: bool) -> list[Any]:
    """The same objects, the chosen fields null or not there at all."""
    objects = copy.deepcopy(objects)
    for path in sorted(chosen, key=len, reverse=True):
        holder: Any = objects
        for step in path[:-1]:
            holder = holder[step]
        if null:
            holder[path[-1]] = None
        else:
            del holder[path[-1]]
    return objects


def outcome(call: Callable[[Ollama], Any], url: str) -> Any:
    """Everything that comes of a call; an error that is no OllamaError is not caught."""
    try:
        result = call(Ollama("m", url))
    except OllamaError as error:
        partial = getattr(error, "partial", None)
        return type(error), str(error), error.status, partial and seen(partial)
    if isinstance(result, list) and result and hasattr(result[0], "additional_kwargs"):
        return [seen(response) for response in result]
    return result


def seen(response: Any) -> Any:
    message = getattr(response, "message", None)
    return (
        response.text,
        response.delta,
        response.raw,
        response.logprobs,
        response.additional_kwargs,
        response.timings,
        message and (message.role, message.content, message.additional_kwargs),
    )


def text_of(objects: list[Any], chat: bool) -> str:
    parts = [item.get("message") or {} for item in objects] if chat else objects
    return "".join(part.get("content" if chat else "response") or "" for part in parts)


def check_both(
    objects: list[Any], chosen: set[tuple[Any, ...]], calls: dict[str, Any], chat: bool | None
) -> None:
    holder: dict[str, bytes] = {}
    with Stub(lambda request: holder["now"]) as stub:
        for call in calls.values():
            outcomes = []
            for null in (True, False):
                holder["now"] = ndjson(*without(objects, chosen, null))
                outcomes.append(outcome(call, stub.url))
            assert outcomes[0] == outcomes[1]
            if chat is None:
                continue
            ended = isinstance(outcomes[0], list)
            last = outcomes[0][-1] if ended else outcomes[0][3]
            sent = without(objects, chosen, False)
            upto = next((i + 1 for i, item in enumerate(sent) if item.get("done") is True), len(sent))
            if ended or "log-probability" not in outcomes[0][1]:
                assert last[0] == text_of(sent[:upto], chat)


def subsets(objects: list[Any]) -> st.SearchStrategy[set[tuple[Any, ...]]]:
    """Any fields; more often those of the last object, where the most stands."""
    everywhere = sorted(set(paths(objects)), key=str)
    shallow = [path for path in everywhere if path[0] == len(objects) - 1 and len(path) < 4]
    return st.sets(st.sampled_from(everywhere) | st.sampled_from(shallow or everywhere), max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_fields_of_a_generated_answer(data: st.DataObject) -> None:
    objects = objects_of(data.draw(st.sampled_from(GENERATED)))
    check_both(objects, data.draw(subsets(objects)), COMPLETE, False)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_fields_of_a_conversation(data: st.DataObject) -> None:
    objects = data.draw(st.sampled_from([*map(objects_of, CHATTED), TOOLS]))
    check_both(objects, data.draw(subsets(objects)), CHAT, True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_fields_of_the_other_answers(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(ASKED)))
    objects = objects_of(name)
    check_both(objects, data.draw(subsets(objects)), {name: ASKED[name]}, None)


ALL_NULL = {"model": None, "created_at": None, "thinking": None, "done_reason": None, "context": None}
ALL_NULL |= dict.fromkeys(["total_duration", "load_duration", "prompt_eval_count", "prompt_eval_duration"])
ALL_NULL |= dict.fromkeys(["eval_count", "eval_duration", "tool_calls", "logprobs", "error"])


@pytest.mark.parametrize("way", COMPLETE)
@pytest.mark.parametrize("error", [None, ""])
def test_an_answer_full_of_nulls(way: str, error: str | None) -> None:
    nulls = ALL_NULL | {"error": error}
    lines = [nulls | {"response": "Hello ", "done": False}, nulls | {"response": "you", "done": True}]
    with Stub(lambda request: ndjson(*lines)) as stub:
        last = COMPLETE[way](Ollama("m", stub.url))[-1]
    assert last.text == "Hello you"
    assert last.timings.total is last.timings.tokens is None
    assert last.logprobs == (None if way == "not asked for" else [])


@pytest.mark.parametrize("way", CHAT)
def test_a_conversation_full_of_nulls(way: str) -> None:
    with Stub(lambda request: ndjson(*[ALL_NULL | line for line in TOOLS])) as stub:
        last = CHAT[way](Ollama("m", stub.url))[-1]
    assert last.text == last.message.content == "I "
    assert last.message.role == "assistant"
    assert last.message.additional_kwargs == {"thinking": "Hm", "tool_calls": [{"function": {"name": "add"}}]}


@pytest.mark.parametrize("way", CHAT)
def test_a_role_without_a_name(way: str) -> None:
    """Servers that are only like Ollama name the role once, and send "" or null with the rest."""
    lines = [{"message": {"role": role, "content": "I "}} for role in ("assistant", "", None)]
    with Stub(lambda request: ndjson(*lines, {"message": {"role": ""}, "done": True})) as stub:
        llm = Ollama("m", stub.url)
        last = CHAT[way](llm)[-1]
        assert last.message.role == "assistant"
        llm.chat([{"role": "user", "content": "x"}, last.message])


def test_log_probabilities_with_nulls() -> None:
    entry = {"token": "a", "logprob": -1.0, "bytes": None, "top_logprobs": None}
    with Stub(lambda request: ndjson({"response": "a", "logprobs": [entry], "done": True})) as stub:
        (told,) = Ollama("m", stub.url).complete("hi", logprobs=True).logprobs or []
    assert (told.token, told.logprob, told.bytes, told.top_logprobs) == ("a", -1.0, [], [])


@pytest.mark.parametrize(
    "beside",
    [{"thinking": 5}, {"logprobs": "x"}, {"logprobs": [None]}, {"logprobs": [{"token": "a"}]}, {"error": "boom"},
     {"logprobs": [{"token": 1, "logprob": -1.0}]}, {"tool_calls": 1}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("chat", [True, False])
def test_the_words_beside_what_cannot_be_read_are_kept(
    beside: dict[str, Any], done: bool, chat: bool
) -> None:
    """The last words stand on the exception, whatever is wrong with what came with them."""
    if chat and "logprobs" not in beside and "error" not in beside:
        last: dict[str, Any] = {"message": {"content": "you", **beside}, "done": done}
    else:
        last = {**({"message": {"content": "you"}} if chat else {"response": "you"}), **beside, "done": done}
    first = {"message": {"content": "Hello "}} if chat else {"response": "Hello "}
    calls = CHAT if chat else COMPLETE
    for way in calls:
        with Stub(lambda request: ndjson(first | {"done": False}, last)) as stub:
            with pytest.raises(OllamaResponseError if "error" in beside else OllamaProtocolError) as caught:
                calls[way](Ollama("m", stub.url))
        assert caught.value.partial.text == "Hello you", way


@pytest.mark.parametrize("body", [{"error": None}, {"error": ""}, {"error": {"message": None}}, {}], ids=str)
def test_a_refusal_without_words(body: dict[str, Any]) -> None:
    with Stub(lambda request: respond(json.dumps(body).encode(), status="500 No")) as stub:
        with pytest.raises(OllamaResponseError) as caught:
            Ollama("m", stub.url).complete("hi")
    assert caught.value.status == 500
    assert "None" not in str(caught.value)
    assert "null" not in str(caught.value)


def test_an_error_inside_a_null() -> None:
    body = {"error": {"error": None, "message": "boom", "type": None}}
    with Stub(lambda request: respond(json.dumps(body).encode(), status="500 No")) as stub:
        with pytest.raises(OllamaResponseError, match=r"^boom "):
            Ollama("m", stub.url).complete("hi")


def test_no_models_as_go_writes_them() -> None:
    with Stub(lambda request: ndjson({"models": None})) as stub:
        llm = Ollama("m", stub.url)
        assert llm.list() == llm.ps() == []


def test_embeddings() -> None:
    answers = [{"embeddings": [[1.0, 2.0]], "total_duration": None, "error": None}, {"embeddings": [[1.0, None]]},
               {"embeddings": [None]}, {"embeddings": None}]  # fmt: skip
    holder = iter(answers)
    with Stub(lambda request: ndjson(next(holder))) as stub:
        llm = Ollama("m", stub.url)
        assert np.array_equal(llm.embed("hi"), np.float32([1, 2]))
        for _ in answers[1:]:
            with pytest.raises(OllamaProtocolError):
                llm.embed("hi")


def test_pulling(capfd: pytest.CaptureFixture[str]) -> None:
    steps = [
        {"status": None, "digest": None, "total": None, "completed": None},
        {"status": "pulling abc", "total": 10**9, "completed": None, "error": None},
        {"status": "success", "error": ""},
    ]
    with Stub(lambda request: ndjson(*steps)) as stub:
        Ollama("m", stub.url).pull()
    assert "None" not in capfd.readouterr().err


def test_a_request_of_ones_own_has_the_nulls() -> None:
    """`request` returns what was said; a null error is none there either."""
    said = {"a": None, "b": [None, {"c": None}], "error": None}
    with Stub(lambda request: ndjson(said)) as stub:
        llm = Ollama("m", stub.url)
        assert llm.request("GET", "/api/x") == said
        assert list(llm.request("GET", "/api/x", stream=True)) == [said]
