"""The wrapper inside the real llama-index-core: pipelines run, and the options given to them arrive."""

import asyncio
import base64
import copy
import doctest
import pickle
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from wire.stub import Stub, ndjson, respond

from logitlab.llms import LLM, Ollama, OllamaConnectionError
from logitlab.llms.base import Chunk, Request
from logitlab.llms.options import rows

core = pytest.importorskip(
    "llama_index.core",
    reason="not on this machine: llama-index-core, 270 MB; `make test-llama-index` installs it and runs this",
    exc_type=ImportError,
)

PIECES = ["Singa", "pore is ", "a city."]


def answer(request: Any) -> bytes:
    chat = request.path == "/api/chat"
    objects = [
        ({"message": {"role": "assistant", "content": piece}} if chat else {"response": piece})
        | {"done": False}
        for piece in PIECES
    ]
    top = [
        {"token": " a", "logprob": -0.1, "bytes": [32, 97]},
        {"token": " b", "logprob": -2.0, "bytes": [32, 98]},
    ]
    if b"logprobs" in request.body:
        objects[0]["logprobs"] = [top[0] | {"top_logprobs": top}]
    last = {"message": {"role": "assistant", "content": ""}, "response": "", "done": True, "eval_count": 3}
    return ndjson(*objects, last)


def user(text: str) -> Any:
    return [core.llms.ChatMessage(role="user", content=text)]


def test_options_arrive() -> None:
    """What LlamaIndex's own class drops."""
    from logitlab.llms.llama_index import wrap

    with Stub(answer) as stub:
        llm = wrap(Ollama("gemma:7b", stub.url, top_p=0.5))
        completed = llm.complete("What is Singapore?", temperature=0.6, top_k=50)
        talked = llm.chat(user("What is Singapore?"), temperature=0.6, top_k=50)
    assert [request.json["options"] for request in stub.requests] == [
        {"top_p": 0.5, "temperature": 0.6, "top_k": 50}
    ] * 2
    assert stub.requests[1].json["messages"] == [{"role": "user", "content": "What is Singapore?"}]
    assert str(completed) == "Singapore is a city."
    assert completed.raw["done"] is True
    assert completed.additional_kwargs["eval_count"] == 3
    assert talked.message.role == core.llms.MessageRole.ASSISTANT
    assert talked.message.content == "Singapore is a city."


def test_streams() -> None:
    from logitlab.llms.llama_index import wrap

    with Stub(answer) as stub:
        llm = wrap(Ollama("m", stub.url))
        completed = [(part.text, part.delta) for part in llm.stream_complete("hi")]
        talked = [(part.message.content, part.delta) for part in llm.stream_chat(user("hi"))]
    assert completed == [
        ("Singa", "Singa"),
        ("Singapore is ", "pore is "),
        ("Singapore is a city.", "a city."),
        ("Singapore is a city.", ""),
    ]
    assert talked == completed


def test_async() -> None:
    from logitlab.llms.llama_index import wrap

    async def main(llm: Any) -> list[Any]:
        return [
            (await llm.acomplete("hi", top_k=3)).text,
            (await llm.achat(user("hi"), top_k=3)).message.content,
            [part.delta async for part in await llm.astream_complete("hi", top_k=3)],
            [part.delta async for part in await llm.astream_chat(user("hi"), top_k=3)],
        ]

    with Stub(answer) as stub:
        got = asyncio.run(main(wrap(Ollama("m", stub.url))))
    assert got == ["Singapore is a city."] * 2 + [[*PIECES, ""]] * 2
    assert [request.json["options"] for request in stub.requests] == [{"top_k": 3}] * 4


def test_logprobs() -> None:
    from logitlab.llms.llama_index import wrap

    with Stub(answer) as stub:
        (first,) = wrap(Ollama("m", stub.url)).complete("hi", top_logprobs=2).logprobs or []
    assert [(each.token, each.logprob, each.bytes) for each in first] == [
        (" a", -0.1, [32, 97]),
        (" a", -0.1, [32, 97]),
        (" b", -2.0, [32, 98]),
    ]


def test_errors_come_through() -> None:
    from logitlab.llms.llama_index import wrap

    llm = wrap(Ollama("m", "127.0.0.1:1"))
    with pytest.raises(OllamaConnectionError):
        llm.complete("hi")
    with pytest.raises(TypeError, match="temperature"):
        llm.complete("hi", temprature=1)
    with pytest.raises(TypeError, match=r"logitlab\.llms"):
        wrap("gemma:7b")  # type: ignore[arg-type]


def test_metadata() -> None:
    from logitlab.llms.llama_index import wrap

    plain = wrap(Ollama("gemma:7b")).metadata
    assert (plain.model_name, plain.context_window, plain.num_output) == ("gemma:7b", 4096, 256)
    assert plain.is_chat_model
    given = wrap(Ollama("gemma:7b", num_ctx=8192, num_predict=100)).metadata
    assert (given.context_window, given.num_output) == (8192, 100)
    said = wrap(Ollama("gemma:7b", num_predict=-1), context_window=1000, num_output=10).metadata
    assert (said.context_window, said.num_output) == (1000, 10)


class Parrot(LLM):
    """A model in this process: what is not Ollama works as well."""

    _takes = rows("temperature", num_ctx={})

    def _stream(self, request: Request) -> Any:
        yield Chunk(f"{len(request.messages)} messages at {request.given['temperature']}")


def test_a_query_engine_over_a_small_index() -> None:
    from llama_index.core.embeddings import MockEmbedding

    from logitlab.llms.llama_index import wrap

    documents = [
        core.Document(text="Singapore is a city state."),
        core.Document(text="Rome is a city in Italy."),
    ]
    index = core.VectorStoreIndex.from_documents(documents, embed_model=MockEmbedding(embed_dim=8))
    with Stub(answer) as stub:
        llm = wrap(Ollama("gemma:7b", stub.url, temperature=0.6, top_k=50))
        answered = index.as_query_engine(llm=llm, streaming=False).query("What is Singapore?")
        streamed = index.as_query_engine(llm=llm, streaming=True).query("What is Singapore?")
        assert "".join(streamed.response_gen) == "Singapore is a city."
    assert str(answered) == "Singapore is a city."
    sent = [request.json for request in stub.requests]
    assert [body["options"] for body in sent] == [{"temperature": 0.6, "top_k": 50}] * 2
    assert "Singapore is a city state." in sent[0]["messages"][-1]["content"]
    said = index.as_query_engine(llm=wrap(Parrot(temperature=0.5))).query("What is Singapore?")
    assert str(said).endswith("messages at 0.5")


def test_without_llama_index_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "logitlab.llms.llama_index", raising=False)
    for name in [name for name in sys.modules if name.startswith("llama_index")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "llama_index", None)
    with pytest.raises(ImportError, match="pip install llama-index-core"):
        import logitlab.llms.llama_index  # noqa: F401


def test_examples_of_the_docstrings(monkeypatch: pytest.MonkeyPatch) -> None:
    from logitlab.llms import llama_index

    with Stub(answer) as stub:
        monkeypatch.setenv("OLLAMA_HOST", stub.url)
        failed, tried = doctest.testmod(llama_index)
    assert tried
    assert not failed


def test_nulls_of_a_server_are_nothing() -> None:
    """A server that writes null where Ollama leaves a field out."""
    from logitlab.llms.llama_index import wrap

    nulls = {"thinking": None, "logprobs": None, "error": None, "eval_count": None}
    message = {"role": "assistant", "thinking": None, "tool_calls": None}

    def with_nulls(request: Any) -> bytes:
        texts = ["Hello ", "you"]
        if request.path == "/api/chat":
            lines = [nulls | {"message": message | {"content": text}, "done": False} for text in texts]
            return ndjson(*lines, nulls | {"message": None, "done": True})
        lines = [nulls | {"response": text, "done": False} for text in texts]
        return ndjson(*lines, nulls | {"response": None, "done": True})

    with Stub(with_nulls) as stub:
        llm = wrap(Ollama("m", stub.url))
        texts = [
            llm.complete("x").text,
            list(llm.stream_complete("x"))[-1].text,
            asyncio.run(llm.acomplete("x")).text,
            llm.chat(user("x")).message.content,
            list(llm.stream_chat(user("x")))[-1].message.content,
            asyncio.run(llm.achat(user("x"))).message.content,
        ]
    assert texts == ["Hello you"] * 6


@pytest.mark.parametrize(
    "habit", ["stream", "options", "json_mode", "response_format", "model", "timeout", "n"]
)
@pytest.mark.parametrize("way", ["complete", "stream_complete", "acomplete", "chat", "stream_chat", "achat"])
def test_habits_get_the_sentence_of_the_model(habit: str, way: str) -> None:
    from logitlab.llms.llama_index import wrap

    with Stub(answer) as stub:
        llm = wrap(Ollama("m", stub.url))
        asked = [core.llms.ChatMessage(role="user", content="hi")] if "chat" in way else "hi"
        with pytest.raises(TypeError, match=f"no option '{habit}': "):
            made = getattr(llm, way)(asked, **{habit: True})
            asyncio.run(made) if way.startswith("a") else list(made)
    assert stub.requests == []


PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
IMAGE = base64.b64encode(PNG).decode()
CALL = {"function": {"name": "add", "arguments": {"a": 1, "b": 2}}}


def blocks(folder: Path, address: str) -> dict[str, tuple[Any, dict[str, Any]]]:
    """Blocks that Ollama takes, and what a message with them is on the wire."""
    (folder / "a.png").write_bytes(PNG)
    types = core.base.llms.types
    text, image = types.TextBlock(text="What?"), {"content": "", "images": [IMAGE]}
    call = types.ToolCallBlock(tool_name="add", tool_kwargs={"a": 1, "b": 2})
    return {
        "text": ([text, types.TextBlock(text="Why?")], {"content": "What?\nWhy?"}),
        "text and image": ([text, types.ImageBlock(image=PNG)], {"content": "What?", "images": [IMAGE]}),
        "image as base64": ([types.ImageBlock(image=base64.b64encode(PNG))], image),
        "image as path": ([types.ImageBlock(path=folder / "a.png")], image),
        "image as address": ([types.ImageBlock(url=f"{address}/a.png")], image),
        "image as data": ([types.ImageBlock(url=f"data:image/png;base64,{IMAGE}")], image),
        "thinking": ([types.ThinkingBlock(content="hm"), text], {"content": "What?", "thinking": "hm"}),
        "call": ([call], {"content": "", "tool_calls": [CALL]}),
        "call as JSON": (
            [types.ToolCallBlock(tool_name="add", tool_kwargs='{"a": 1, "b": 2}', tool_call_id="x")],
            {"content": "", "tool_calls": [{"id": "x", **CALL}]},
        ),
    }


def ways_to_chat(llm: Any) -> list[Any]:
    async def drain(stream: Any) -> None:
        async for _ in stream if hasattr(stream, "__aiter__") else await stream:
            pass

    return [
        llm.chat,
        lambda messages: list(llm.stream_chat(messages)),
        lambda messages: asyncio.run(llm.achat(messages)),
        lambda messages: asyncio.run(drain(llm.astream_chat(messages))),
    ]


BLOCKS = [
    "text",
    "text and image",
    "image as base64",
    "image as path",
    "image as address",
    "image as data",
    "thinking",
    "call",
    "call as JSON",
]


@pytest.mark.parametrize("name", BLOCKS)
def test_blocks_are_sent(name: str, tmp_path: Path) -> None:
    from logitlab.llms.llama_index import wrap

    def served(request: Any) -> bytes:
        return respond(PNG, type="image/png") if request.method == "GET" else answer(request)

    with Stub(served) as stub:
        given, sent = blocks(tmp_path, stub.url)[name]
        message = core.llms.ChatMessage(role="user", blocks=given)
        for llm in (Ollama("m", stub.url), wrap(Ollama("m", stub.url))):
            for way in ways_to_chat(llm):
                way([message])
    bodies = [request.json for request in stub.requests if request.method == "POST"]
    assert [body["messages"] for body in bodies] == [[{"role": "user", **sent}]] * 8


def test_every_other_block_is_refused() -> None:
    """Also one that a later version may add: the union of all blocks is asked."""
    from logitlab.llms.llama_index import wrap

    types = core.base.llms.types
    text = types.TextBlock(text="a")
    others = [
        types.AudioBlock(audio=b"RIFF"),
        types.VideoBlock(video=b"RIFF"),
        types.DocumentBlock(data=b"%PDF"),
        types.CachePoint(cache_control=types.CacheControl(type="ephemeral")),
        types.CitableBlock(title="t", source="s", content=[text]),
        types.CitationBlock(cited_content=text, source="s", title="t", additional_location_info={}),
    ]
    taken = {types.TextBlock, types.ImageBlock, types.ThinkingBlock, types.ToolCallBlock}
    assert set(get_args(get_args(types.ContentBlock)[0])) == taken | {type(block) for block in others}
    with Stub(answer) as stub:
        for block in others:
            message = core.llms.ChatMessage(role="user", blocks=[text, block])
            for llm in (Ollama("m", stub.url), wrap(Ollama("m", stub.url))):
                for way in ways_to_chat(llm):
                    with pytest.raises(
                        TypeError, match=f"thinking and tool calls, got a {type(block).__name__}"
                    ):
                        way([message])
    assert stub.requests == []


def test_a_tool_conversation_goes_round() -> None:
    from logitlab.llms.llama_index import wrap

    def add(a: int, b: int) -> int:
        return a + b

    said = {"role": "assistant", "content": "", "tool_calls": [CALL]}
    with Stub(lambda request: ndjson({"message": said, "done": True})) as stub:
        llm = wrap(Ollama("m", stub.url))
        turns = user("1 + 2?")
        turns.append(llm.chat(turns, tools=[add]).message)
        turns.append(core.llms.ChatMessage(role="tool", content="3", additional_kwargs={"tool_name": "add"}))
        llm.chat(turns, tools=[add])
    assert stub.requests[1].json["messages"][1:] == [
        said,
        {"role": "tool", "content": "3", "tool_name": "add"},
    ]
    assert stub.requests[1].json["tools"][0]["function"]["name"] == "add"


def test_a_wrapped_model_is_copied_and_closed() -> None:
    from logitlab.llms.llama_index import wrap

    async def closed_in_a_loop(llm: Any) -> None:
        async with llm:
            await llm.acomplete("hi")

    with Stub(answer) as stub:
        llm = wrap(Ollama("m", stub.url, temperature=0.5))
        llm.complete("hi")
        for other in (copy.copy(llm), copy.deepcopy(llm), pickle.loads(pickle.dumps(llm)), llm.model_copy()):
            assert other.complete("hi").text == "Singapore is a city."
        with llm:
            answered = llm.complete("hi")
        assert pickle.loads(pickle.dumps(answered)).text == answered.text
        again = wrap(Ollama("m", stub.url))
        asyncio.run(closed_in_a_loop(again))
        for ended in (llm, again):
            with pytest.raises(ValueError, match="closed"):
                ended.complete("hi")
    assert {tuple(request.json.get("options", {}).items()) for request in stub.requests} == {
        (("temperature", 0.5),),
        (),
    }
