"""What a message carries is sent, or refused before anything is sent: whatever the kind of message."""

import base64
import io
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from wire.ways import CHATS, sent

from logitlab.llms import ChatMessage

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
TEXT = base64.b64encode(PNG).decode()
CALL = {"function": {"name": "add", "arguments": {"a": 1, "b": 2}}}


class Model:
    """What pydantic's models have: the fields that they declare, model_extra, model_dump."""

    model_extra = None

    def __init__(self, **values: Any) -> None:
        type(self).model_fields = dict.fromkeys(values)  # type: ignore[attr-defined]
        for name, value in values.items():
            setattr(self, name, value)

    def model_dump(self, exclude_none: bool = False) -> dict[str, Any]:
        values = {name: getattr(self, name) for name in type(self).model_fields}  # type: ignore[attr-defined]
        dumped = {
            name: value.model_dump() if isinstance(value, Model) else value for name, value in values.items()
        }
        return {name: value for name, value in dumped.items() if value is not None or not exclude_none}


def model(kind: str, /, **values: Any) -> Any:
    return type(kind, (Model,), {})(**values)


def of_ollama(**fields: Any) -> Any:
    """A message as the ollama package has it: unset fields are None, a call and an image are objects."""
    if fields.get("tool_calls"):
        call = fields["tool_calls"][0]["function"]
        fields["tool_calls"] = [model("ToolCall", function=model("Function", **call))]
    if fields.get("images"):
        fields["images"] = [model("Image", value=image) for image in fields["images"]]
    unset = dict.fromkeys(("content", "thinking", "images", "tool_name", "tool_calls"))
    return model("Message", **(unset | fields))


@dataclass
class Turn:
    role: str
    content: Any = None
    thinking: Any = None
    images: Any = None
    tool_calls: Any = None
    tool_name: Any = None
    additional_kwargs: dict[str, Any] = field(default_factory=dict)


def of_ours(role: str, content: Any = None, **beside: Any) -> ChatMessage:
    return ChatMessage(role, content, beside)


KINDS: dict[str, Any] = {
    "dict": dict,
    "ChatMessage": of_ours,
    "ollama.Message": of_ollama,
    "dataclass": Turn,
    "namespace": SimpleNamespace,
}
CARRIED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "text": ({"content": "hi"}, {"content": "hi"}),
    "image": ({"content": "what?", "images": [PNG]}, {"content": "what?", "images": [TEXT]}),
    "only an image": ({"images": [PNG]}, {"content": "", "images": [TEXT]}),
    "thinking": ({"content": "3", "thinking": "1 + 2"}, {"content": "3", "thinking": "1 + 2"}),
    "a call, content missing": ({"tool_calls": [CALL]}, {"content": "", "tool_calls": [CALL]}),
    "a call, content null": ({"content": None, "tool_calls": [CALL]}, {"content": "", "tool_calls": [CALL]}),
    "a call, content empty": ({"content": "", "tool_calls": [CALL]}, {"content": "", "tool_calls": [CALL]}),
    "a result": ({"content": "3", "tool_name": "add"}, {"content": "3", "tool_name": "add"}),
    "no result": ({"content": None, "tool_name": "add"}, {"content": "", "tool_name": "add"}),
}


@pytest.mark.parametrize("way", CHATS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", CARRIED)
def test_it_is_sent(what: str, kind: str, way: str) -> None:
    given, arrives = CARRIED[what]
    body = sent([KINDS[kind](role="user", **given)], way)
    assert body["messages"] == [{"role": "user", **arrives}]


def block(kind: str, /, **values: Any) -> Any:
    return model(f"{kind}Block", block_type=kind, **values)


def of_blocks(*blocks: Any, **additional_kwargs: Any) -> Any:
    """A message as LlamaIndex has it; tests/ollama/test_llama_index.py has the real ones."""
    return model(
        "ChatMessage",
        role=SimpleNamespace(value="user"),
        blocks=list(blocks),
        additional_kwargs=additional_kwargs,
    )


IMAGE = block("image", image=PNG)
IMAGE.resolve_image = lambda: io.BytesIO(PNG)
TOOL = block("tool_call", tool_name="add", tool_kwargs={"a": 1, "b": 2}, tool_call_id=None)


@pytest.mark.parametrize(
    ("message", "arrives"),
    [
        (of_blocks(block("text", text="a"), block("text", text="b")), {"content": "a\nb"}),
        (of_blocks(block("text", text="a"), IMAGE), {"content": "a", "images": [TEXT]}),
        (of_blocks(IMAGE, images=[b"GIF8"]), {"content": "", "images": [TEXT, "R0lGOA=="]}),
        (of_blocks(block("thinking", content="hm"), TOOL), {"content": "", "thinking": "hm", "tool_calls": [CALL]}),
        (of_blocks(block("thinking", content=None)), {"content": "", "thinking": ""}),
        (of_blocks(TOOL, tool_calls=[CALL]), {"content": "", "tool_calls": [CALL]}),
        (of_blocks(block("text", text="3"), tool_call_id="x"), {"content": "3", "tool_call_id": "x"}),
    ],
)  # fmt: skip
def test_blocks_are_sent(message: Any, arrives: dict[str, Any]) -> None:
    assert sent([message])["messages"] == [{"role": "user", **arrives}]


@pytest.mark.parametrize("way", CHATS)
@pytest.mark.parametrize("kind", ["audio", "video", "document", "cache", "citable", "citation", "new"])
def test_other_blocks_are_refused(kind: str, way: str) -> None:
    with pytest.raises(TypeError, match=f"text, images, thinking and tool calls, got a {kind}Block"):
        sent([of_blocks(block("text", text="a"), block(kind))], way)


@pytest.mark.parametrize(
    ("message", "needed"),
    [
        ({"role": "user"}, "content"),
        ({"role": "user", "content": None}, "content"),
        ({"role": "user", "content": [{"type": "text", "text": "hi"}]}, "content that is a string.*list"),
        ({"role": "user", "content": b"hi"}, "content that is a string.*bytes"),
        ({"content": "hi"}, "role"),
        ({"role": "", "content": "hi"}, "role"),
        ({"role": "user", "content": "hi", "image": PNG}, "'image'; did you mean 'images'"),
        ({"role": "user", "contents": "hi"}, "'contents'; did you mean 'content'"),
        ({"role": "assistant", "tool_call": [CALL]}, "did you mean 'tool_calls'"),
        ({"role": "assistant", "tool_calls": CALL}, "tool_calls of a message must be a list, got dict"),
        ({"role": "assistant", "tool_calls": ["add"]}, "tool call must be.*got str"),
        ({"role": "assistant", "tool_calls": [{"name": "add"}]}, "tool call must be.*got dict"),
        ({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": "no"}}]}, "arguments.*f"),
        ({"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": [1]}}]}, "arguments.*list"),
        ({"role": "assistant", "content": "", "thinking": ["a"]}, "thinking of a message.*list"),
        ({"role": "tool", "content": "", "tool_name": 3}, "tool_name of a message.*int"),
        ({"role": "user", "content": "hi", "images": {"a": PNG}}, "images must be bytes, a path.*dict"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused(message: Any, needed: str) -> None:
    for way in CHATS:
        with pytest.raises(TypeError, match=f"(?s){needed}"):
            sent([message], way)


@pytest.mark.parametrize(
    ("beside", "needed"),
    [
        ({"data": b"x"}, "data of a message must be what JSON has.*bytes"),
        ({"note": float("nan")}, "note of a message must be what JSON has"),
        (
            {"tool_calls": [{"function": {"name": "f", "arguments": {"a": {1}}}}]},
            "tool_calls of a message.*set",
        ),
    ],
)
def test_what_json_does_not_have_is_refused(beside: dict[str, Any], needed: str) -> None:
    for way in CHATS:
        with pytest.raises((TypeError, ValueError), match=needed):
            sent([{"role": "user", "content": "hi", **beside}], way)


def test_a_null_among_the_arguments_of_a_call_stays() -> None:
    """Also on its way from the server: the function is called with it."""
    from wire.stub import Stub, ndjson

    from logitlab.llms import Ollama

    call = {"function": {"name": "f", "arguments": {"a": None, "b": [{"c": None}]}}}
    said = {"role": "assistant", "content": None, "tool_calls": [call]}
    with Stub(lambda request: ndjson({"message": said, "done": True})) as stub:
        llm = Ollama("m", stub.url)
        message = llm.chat([{"role": "user", "content": "hi"}]).message
        llm.chat([message])
    assert message.additional_kwargs["tool_calls"] == [call]
    assert stub.requests[1].json["messages"][0]["tool_calls"] == [call]


def test_an_error_does_not_print_the_message() -> None:
    with pytest.raises(TypeError) as caught:
        sent([{"role": "user", "content": ["my diary " * 1000]}])
    assert "diary" not in str(caught.value)


def test_a_call_as_other_clients_write_it() -> None:
    """With an id and a type, its arguments as JSON in a string."""
    call = {"id": "x1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    body = sent([{"role": "assistant", "content": None, "tool_calls": [call]}])
    assert body["messages"][0]["tool_calls"] == [{"id": "x1", "type": "function", **CALL}]


def test_a_field_of_another_server_is_sent() -> None:
    assert sent([{"role": "user", "content": "hi", "name": "x"}])["messages"][0]["name"] == "x"


def test_a_tool_conversation_goes_round(tmp_path: Path) -> None:
    """An answer's own message and what the function returned go back."""
    from wire.stub import Stub, ndjson

    from logitlab.llms import Ollama

    said = {"role": "assistant", "content": "", "thinking": "hm", "tool_calls": [CALL]}
    with Stub(lambda request: ndjson({"message": said, "done": True})) as stub:
        llm = Ollama("m", stub.url)
        turns: list[Any] = [{"role": "user", "content": "1 + 2?"}]
        turns.append(llm.chat(turns).message)
        turns.append({"role": "tool", "tool_name": "add", "content": "3"})
        llm.chat(turns)
    assert stub.requests[1].json["messages"] == [turns[0], said, turns[2]]
