"""The ways in which a conversation is asked of a model: each must do the same."""

import asyncio
from collections.abc import Callable
from typing import Any

from wire.stub import Stub, ndjson

from logitlab.llms import Ollama

DONE = {"model": "m", "response": "", "message": {"role": "assistant", "content": ""}, "done": True}


async def _drain(stream: Any) -> None:
    async for _ in stream:
        pass


CHATS: dict[str, Callable[..., Any]] = {
    "chat": lambda llm, messages, **options: llm.chat(messages, **options),
    "stream_chat": lambda llm, messages, **options: list(llm.stream_chat(messages, **options)),
    "achat": lambda llm, messages, **options: asyncio.run(llm.achat(messages, **options)),
    "astream_chat": lambda llm, messages, **options: asyncio.run(
        _drain(llm.astream_chat(messages, **options))
    ),
}


def sent(messages: Any, way: str = "chat", **options: Any) -> Any:
    """The body of the one request of a conversation; an error of the call leaves nothing sent."""
    with Stub(lambda request: ndjson(DONE)) as stub:
        try:
            CHATS[way](Ollama("m", stub.url), messages, **options)
        except Exception:
            assert stub.requests == []
            raise
    (request,) = stub.requests
    return request.json
