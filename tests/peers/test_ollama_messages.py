"""The messages, images and tools of the real `ollama` package arrive as that package itself sends them."""

import base64
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from wire.stub import Stub, ndjson
from wire.ways import CHATS, sent

ollama = pytest.importorskip("ollama", reason="the ollama package, which make test-peers installs")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
CALL = {"function": {"name": "add", "arguments": {"a": 1, "b": 2}}}
DONE = {"model": "m", "message": {"role": "assistant", "content": ""}, "done": True}


def add(a: int, b: int) -> int:
    """Add two numbers.

    Args:
        a: The first.
        b: The second.
    """
    return a + b


def conversation(path: Path) -> list[Any]:
    """Every attribute of a message, in every form that the package has for it."""
    message = ollama.Message
    return [
        message(role="system", content="Be brief."),
        message(role="user", content="What is on it?", images=[ollama.Image(value=PNG)]),
        message(role="user", images=[ollama.Image(value=path), ollama.Image(value=base64.b64encode(PNG).decode())]),
        message(role="assistant", thinking="1 + 2", tool_calls=[message.ToolCall.model_validate(CALL)]),
        message(role="tool", tool_name="add", content="3"),
        message(role="assistant", content="3", thinking="so it is"),
    ]  # fmt: skip


def of_the_package(messages: Any, **options: Any) -> Any:
    with Stub(lambda request: ndjson(DONE)) as stub:
        client = ollama.Client(stub.url)
        with closing(client._client):
            list(client.chat("m", messages, stream=True, **options))
    (request,) = stub.requests
    return request.json


def without_content(message: dict[str, Any]) -> dict[str, Any]:
    """We send "" where the package leaves the content out; the server reads the same."""
    return {name: value for name, value in message.items() if name != "content" or value}


@pytest.mark.parametrize("way", CHATS)
def test_messages(way: str, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    messages = conversation(tmp_path / "a.png")
    ours, theirs = sent(messages, way)["messages"], of_the_package(messages)["messages"]
    assert [without_content(message) for message in ours] == [without_content(message) for message in theirs]


def test_tools() -> None:
    """A tool of the package as it is; a function with the same names, types and descriptions."""
    asked = [{"role": "user", "content": "1 + 2?"}]
    theirs = of_the_package(asked, tools=[add])["tools"]
    made = ollama._utils.convert_function_to_tool(add)
    assert sent(asked, tools=[made])["tools"] == theirs
    ((ours,), (other,)) = sent(asked, tools=[add])["tools"], theirs
    for tool in (ours["function"], other["function"]):
        assert tool["name"] == "add"
        assert tool["description"] == "Add two numbers."
        assert tool["parameters"]["required"] == ["a", "b"]
        assert tool["parameters"]["properties"] == {
            "a": {"type": "integer", "description": "The first."},
            "b": {"type": "integer", "description": "The second."},
        }
