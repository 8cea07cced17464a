"""What reaches the server: every option, in its place, and nothing else. Asserted on the wire."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from wire.stub import Request, Stub, ndjson, respond

from logitlab.llms import ChatMessage, Ollama

DONE = {"model": "m", "response": "", "message": {"role": "assistant", "content": ""}, "done": True}


def bodies(*calls: Any, **constructor: Any) -> list[Any]:
    """The bodies that calls(llm) sent, in turn."""
    with Stub(lambda request: ndjson(DONE)) as stub:
        llm = Ollama("gemma:7b", stub.url, **constructor)
        for call in calls:
            call(llm)
    return [request.json for request in stub.requests]


def body(constructor: dict[str, Any] | None = None, **options: Any) -> Any:
    """The body of one complete("hi", **options), without what every body has."""
    (sent,) = bodies(lambda llm: llm.complete("hi", **options), **(constructor or {}))
    assert sent.pop("model") == "gemma:7b"
    assert sent.pop("prompt") == "hi"
    return sent


def test_the_six_calls_of_the_tutorial() -> None:
    """The bodies that docs/ollama.md shows, to the byte; one request each, to /api/generate."""
    prompt = "What is Singapore?"
    with Stub(lambda request: ndjson(DONE)) as stub:
        llm = Ollama(model="gemma:7b", host=stub.url)
        llm.complete(prompt)
        llm.complete(prompt, temperature=0.6)
        llm.complete(prompt, temperature=1.0)
        llm.complete(prompt, temperature=0.8, top_k=50)
        llm.complete(prompt, temperature=0.8, top_k=100)
        llm.complete(prompt, temperature=0.8, top_k=50, seed=42)
    docs = (Path(__file__).parents[2] / "docs" / "ollama.md").read_text()
    start = '{"model": "gemma:7b", "prompt": "What is Singapore?"'
    expected = [
        start + "}",
        start + ', "options": {"temperature": 0.6}}',
        start + ', "options": {"temperature": 1.0}}',
        start + ', "options": {"temperature": 0.8, "top_k": 50}}',
        start + ', "options": {"temperature": 0.8, "top_k": 100}}',
        start + ', "options": {"temperature": 0.8, "top_k": 50, "seed": 42}}',
    ]
    assert [request.body.decode() for request in stub.requests] == expected
    assert {(request.method, request.path) for request in stub.requests} == {("POST", "/api/generate")}
    for shown in expected:
        assert shown in docs


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("temperature", 1, 1.0),
        ("temperature", np.float32(0.5), 0.5),
        ("top_k", 50.0, 50),
        ("top_k", np.int64(50), 50),
        ("top_p", 0.9, 0.9),
        ("min_p", 0.05, 0.05),
        ("typical_p", 0.7, 0.7),
        ("repeat_penalty", 1.1, 1.1),
        ("repeat_last_n", -1, 2**20),
        ("presence_penalty", -0.5, -0.5),
        ("frequency_penalty", 0.5, 0.5),
        ("seed", 42, 42),
        ("stop", "END", ["END"]),
        ("stop", ["a", "b"], ["a", "b"]),
        ("num_predict", -1, -1),
        ("num_predict", 5.0, 5),
        ("num_keep", 3, 3),
        ("num_ctx", 2048, 2048),
        ("num_batch", 256, 256),
        ("num_gpu", 0, 0),
        ("main_gpu", 1, 1),
        ("num_thread", 2, 2),
        ("use_mmap", False, False),
        ("draft_num_predict", 2, 2),
    ],
)
def test_sampling_options_go_into_options(name: str, value: Any, sent: Any) -> None:
    got = body(**{name: value})
    assert got == {"options": {name: sent}}
    assert type(got["options"][name]) is type(sent)
    assert body(constructor={name: value}) == got


SCHEMA = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"format": "json"}, {"format": "json"}),
        ({"format": SCHEMA}, {"format": SCHEMA}),
        ({"think": False}, {"think": False}),
        ({"think": "high"}, {"think": "high"}),
        ({"raw": True}, {"raw": True}),
        ({"system": "Be brief."}, {"system": "Be brief."}),
        ({"template": "{{ .Prompt }}"}, {"template": "{{ .Prompt }}"}),
        ({"suffix": "}"}, {"suffix": "}"}),
        ({"keep_alive": 30}, {"keep_alive": 30}),
        ({"keep_alive": -1}, {"keep_alive": -1}),
        ({"keep_alive": 0.5}, {"keep_alive": 0.5}),
        ({"keep_alive": "1h30m"}, {"keep_alive": "1h30m"}),
        ({"logprobs": True}, {"logprobs": True}),
        ({"top_logprobs": 5}, {"logprobs": True, "top_logprobs": 5}),
        ({"logprobs": True, "top_logprobs": 20}, {"logprobs": True, "top_logprobs": 20}),
        ({"context": [1, 2]}, {"context": [1, 2]}),
        ({"truncate": False, "shift": False}, {"truncate": False, "shift": False}),
    ],
    ids=str,
)
def test_request_fields_go_to_their_place(given: dict[str, Any], sent: dict[str, Any]) -> None:
    assert body(**given) == sent


def test_a_pydantic_class_is_a_schema() -> None:
    class Looks(type):
        pass

    class Person(metaclass=Looks):
        @classmethod
        def model_json_schema(cls) -> dict[str, Any]:
            return SCHEMA

    assert body(format=Person) == {"format": SCHEMA}


def test_images(tmp_path: Path) -> None:
    data = b"\x89PNG\r\n"
    text = base64.b64encode(data).decode()
    (tmp_path / "a.png").write_bytes(data)
    for one in (data, bytearray(data), tmp_path / "a.png", text, f"data:image/png;base64,{text}"):
        assert body(images=one) == {"images": [text]}
    assert body(images=[data, data]) == {"images": [text, text]}
    with pytest.raises(ValueError, match="base64"):
        body(images="a.png")
    with pytest.raises(FileNotFoundError):
        body(images=tmp_path / "b.png")
    message = {"role": "user", "content": "What is this?", "images": [data]}
    (sent,) = bodies(lambda llm: llm.chat([message]))
    assert sent["messages"] == [message | {"images": [text]}]


@pytest.mark.parametrize(
    ("given", "error", "needed"),
    [
        ({"top_k": 1.7}, ValueError, "must be an integer"),
        ({"top_k": "50"}, TypeError, "must be an integer"),
        ({"top_k": True}, TypeError, "must be an integer"),
        ({"temperature": float("nan")}, ValueError, ">= 0, got nan"),
        ({"temperature": float("inf")}, ValueError, r"\[0, 3.*\], got inf"),
        ({"temperature": 1e39}, ValueError, r"\[0, 3.*\], got 1e\+39"),
        ({"temperature": "0.8"}, TypeError, "a real number >= 0"),
        ({"temperature": -1}, ValueError, ">= 0, got -1"),
        ({"stop": 3}, TypeError, "string"),
        ({"stop": [3]}, TypeError, "string"),
        ({"num_predict": 0}, ValueError, "at least one token"),
        ({"seed": 2**32 + 42}, ValueError, "seed"),
        ({"top_logprobs": 21}, ValueError, r"\[0, 20\], got 21"),
        ({"logprobs": False, "top_logprobs": 3}, ValueError, "logprobs=True"),
        ({"format": "xml"}, TypeError, "JSON Schema"),
        ({"think": "very"}, TypeError, "'high'"),
        ({"think": 1}, TypeError, "True, False"),
        ({"keep_alive": "-1"}, ValueError, "unit"),
        ({"keep_alive": "soon"}, ValueError, "unit"),
        ({"keep_alive": True}, ValueError, "unit"),
        ({"keep_alive": float("inf")}, ValueError, "unit"),
        ({"system": 3}, TypeError, "a string"),
        ({"context": ["a"]}, TypeError, "list of integers"),
        ({"raw": 1}, TypeError, "True or False"),
        ({"temprature": 1}, TypeError, "did you mean 'temperature'"),
        ({"max_tokens": 1}, TypeError, "did you mean 'num_predict'"),
        ({"options": {"top_k": 3}}, TypeError, "no option 'options'"),
        ({"stream": True}, TypeError, "no option 'stream'"),
        ({"mirostat": 1}, TypeError, "no option 'mirostat'"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, TypeError, "tools need chat"),
    ],
    ids=str,
)
def test_what_is_wrong_is_an_error_and_nothing_is_sent(
    given: Any, error: type[Exception], needed: str
) -> None:
    with Stub(lambda request: ndjson(DONE)) as stub:
        llm = Ollama("m", stub.url)
        with pytest.raises(error, match=needed):
            llm.complete("hi", **given)
        with pytest.raises(error, match=needed):
            llm.stream_complete("hi", **given)  # at the call, not at the first next()
        if "tools" not in given and "top_logprobs" not in given:
            with pytest.raises(error, match=needed):
                Ollama("m", stub.url, **given)
    assert stub.requests == []


@pytest.mark.parametrize("name", ["raw", "suffix", "template", "context", "images"])
def test_what_chat_would_ignore_is_an_error(name: str) -> None:
    value = {"raw": True, "context": [1], "images": [b"x"]}.get(name, "x")
    with Stub(lambda request: ndjson(DONE)) as stub, pytest.raises(TypeError, match=r"complete\(\)|message"):
        Ollama("m", stub.url).chat([{"role": "user", "content": "hi"}], **{name: value})
    assert stub.requests == []


def test_none_is_not_set() -> None:
    assert body(temperature=None, format=None, keep_alive=None, stop=None) == {}


def test_a_calls_own_value_goes_before_the_objects() -> None:
    constructor = {"temperature": 0.1, "top_k": 5, "keep_alive": "10m"}
    assert body(constructor=constructor, temperature=1.5) == {
        "keep_alive": "10m",
        "options": {"temperature": 1.5, "top_k": 5},
    }


def test_chat() -> None:
    messages = [ChatMessage("system", "Be brief."), {"role": "user", "content": "Hi", "name": "x"}]
    tool = {"type": "function", "function": {"name": "f", "parameters": {}}}
    (sent,) = bodies(lambda llm: llm.chat(messages, temperature=0.5, tools=[tool], format="json"))
    assert sent == {
        "model": "gemma:7b",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hi", "name": "x"},
        ],
        "tools": [tool],
        "format": "json",
        "options": {"temperature": 0.5},
    }


def test_system_is_the_first_message_of_a_chat() -> None:
    user = {"role": "user", "content": "Hi"}
    (sent,) = bodies(lambda llm: llm.chat([user]), system="Be brief.")
    assert sent == {"model": "gemma:7b", "messages": [{"role": "system", "content": "Be brief."}, user]}
    with pytest.raises(ValueError, match="system message of its own"):
        bodies(lambda llm: llm.chat([{"role": "system", "content": "x"}, user]), system="Be brief.")


def test_streams_and_async_twins_send_the_same() -> None:
    import asyncio

    user = [{"role": "user", "content": "Hi"}]

    async def drain(stream: Any) -> None:
        async for _ in stream:
            pass

    sent = bodies(
        lambda llm: llm.complete("hi", top_k=3),
        lambda llm: list(llm.stream_complete("hi", top_k=3)),
        lambda llm: asyncio.run(llm.acomplete("hi", top_k=3)),
        lambda llm: asyncio.run(drain(llm.astream_complete("hi", top_k=3))),
        lambda llm: llm.chat(user, top_k=3),
        lambda llm: list(llm.stream_chat(user, top_k=3)),
        lambda llm: asyncio.run(llm.achat(user, top_k=3)),
        lambda llm: asyncio.run(drain(llm.astream_chat(user, top_k=3))),
    )
    assert sent[1:4] == sent[:1] * 3
    assert sent[5:] == sent[4:5] * 3
    assert "messages" in sent[4]


def test_names_of_llama_index() -> None:
    with Stub(lambda request: ndjson(DONE)) as stub:
        llm = Ollama(
            model="m",
            base_url=stub.url,
            request_timeout=120.0,
            temperature=0.6,
            context_window=2048,
            additional_kwargs={"top_k": 50, "seed": 1, "format": "json"},
        )
        llm.complete("hi")
    assert stub.requests[0].json == {
        "model": "m",
        "prompt": "hi",
        "format": "json",
        "options": {"top_k": 50, "seed": 1, "temperature": 0.6, "num_ctx": 2048},
    }
    with pytest.raises(TypeError, match="host is given twice: as base_url and as host"):
        Ollama("m", "localhost", base_url="localhost")
    with pytest.raises(TypeError, match="top_k is given twice: in additional_kwargs"):
        Ollama("m", additional_kwargs={"top_k": 1}, top_k=2)
    with pytest.raises(TypeError, match="no option 'prompt_key'"):
        Ollama("m", prompt_key="prompt")


@pytest.mark.parametrize("model", ["", None, 3])
def test_a_model_needs_a_name(model: Any) -> None:
    with pytest.raises(TypeError, match="gemma:7b"):
        Ollama(model)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "30", True])
def test_a_timeout_that_is_none(timeout: Any) -> None:
    with pytest.raises(ValueError, match="timeout"):
        Ollama("m", timeout=timeout)


@pytest.mark.parametrize("prompt", [None, 3, b"hi", ["hi"]])
def test_a_prompt_is_a_string(prompt: Any) -> None:
    with Stub(lambda request: ndjson(DONE)) as stub, pytest.raises(TypeError, match="string"):
        Ollama("m", stub.url).complete(prompt)
    assert stub.requests == []


def test_a_lone_surrogate_is_no_text() -> None:
    with Stub(lambda request: ndjson(DONE)) as stub, pytest.raises(ValueError, match="half a character"):
        Ollama("m", stub.url).complete("a\ud800")
    assert stub.requests == []


def test_headers() -> None:
    with Stub(lambda request: ndjson(DONE)) as stub:
        Ollama("m", stub.url, headers={"X-Team": "a", "user-agent": "mine"}).complete("hi")
    headers = stub.requests[0].headers
    assert headers["x-team"] == "a"
    assert headers["user-agent"] == "mine"
    assert headers["content-type"] == "application/json"
    assert "application/x-ndjson" in headers["accept"]
    assert "authorization" not in headers


def test_the_other_commands() -> None:
    answers = {
        "/api/embed": {"embeddings": [[0.6, 0.8], [1.0, 0.0]]},
        "/api/show": {"details": {}},
        "/api/version": {"version": "0.33.0"},
        "/api/tags": {"models": [{"name": "a"}]},
        "/api/ps": {"models": []},
        "/api/pull": {"status": "success"},
        "/api/generate": {"done": True, "done_reason": "unload"},
        "/api/blobs/sha256:00": {},
    }

    def answer(request: Request) -> bytes:
        return respond(json.dumps(answers[request.path]).encode())

    with Stub(answer) as stub:
        llm = Ollama("m", stub.url, temperature=0.5, keep_alive="1m", num_ctx=100)
        both = llm.embed(["a", "b"], dimensions=2, truncate=False)
        assert (llm.show(verbose=True), llm.version(), llm.list(), llm.ps()) == (
            {"details": {}},
            "0.33.0",
            [{"name": "a"}],
            [],
        )
        llm.pull(progress=False)
        llm.unload()
        assert llm.request("POST", "/api/blobs/sha256:00", b"GGUF") == {}
    assert both.dtype == np.float32
    assert np.array_equal(both, np.float32([[0.6, 0.8], [1, 0]]))
    sent = [(request.method, request.path, request.body.decode()) for request in stub.requests]
    assert sent == [
        (
            "POST",
            "/api/embed",
            '{"model": "m", "input": ["a", "b"], "keep_alive": "1m", "dimensions": 2, "truncate": false, '
            '"options": {"num_ctx": 100}}',
        ),
        ("POST", "/api/show", '{"model": "m", "verbose": true}'),
        ("GET", "/api/version", ""),
        ("GET", "/api/tags", ""),
        ("GET", "/api/ps", ""),
        ("POST", "/api/pull", '{"model": "m"}'),
        ("POST", "/api/generate", '{"model": "m", "keep_alive": 0}'),
        ("POST", "/api/blobs/sha256:00", "GGUF"),
    ]


def test_one_text_has_one_embedding() -> None:
    with Stub(lambda request: respond(b'{"embeddings": [[0.6, 0.8]]}')) as stub:
        assert Ollama("m", stub.url).embed("a").shape == (2,)
        with pytest.raises(TypeError, match="string"):
            Ollama("m", stub.url).embed([3])  # type: ignore[list-item]
        with pytest.raises(TypeError, match="no option 'think'"):
            Ollama("m", stub.url).embed("a", think=True)
