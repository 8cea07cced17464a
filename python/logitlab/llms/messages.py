"""Messages of a conversation as other programs hold them, turned into ours: nothing they carry is lost.

A message is a ChatMessage, a dict in Ollama's words, a message of the ollama package, or LlamaIndex's
ChatMessage with its blocks. What Ollama's messages have (images, thinking, tool calls, a tool's name) becomes
part of the `additional_kwargs` of ours, in Ollama's words; what they do not have is an error that says what is
taken. No other package is imported here: its objects are known by their attributes.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from logitlab.llms.images import pictures
from logitlab.llms.responses import ChatMessage
from logitlab.messages import shown


class Spoken(Protocol):
    """A message of another package, such as ollama's or LlamaIndex's, to type checkers: it has a role."""

    @property
    def role(self) -> Any:
        """Who speaks."""


Messages = Sequence[ChatMessage | Mapping[str, Any] | Spoken]  # what `chat` takes

# What a message of Ollama's API has beside its role and content.
_BESIDE = ("images", "thinking", "tool_calls", "tool_name", "tool_call_id")
_FIELDS = ("role", "content", *_BESIDE)


def chat_messages(messages: Any) -> tuple[ChatMessage, ...]:
    """Return the messages of a conversation as ChatMessages, or raise an error that says what is taken."""
    if isinstance(messages, str | bytes | Mapping | ChatMessage) or not isinstance(messages, Sequence):
        raise TypeError(
            "chat needs a list of messages, such as [ChatMessage(role='user', content='Hi')], "
            f"got {type(messages).__name__}; complete() takes a string"
        )
    return tuple(_message(message) for message in messages)


def _message(message: Any) -> ChatMessage:
    fields = _fields(message)
    role = getattr(fields.get("role"), "value", fields.get("role"))  # LlamaIndex's role is an enum
    if not isinstance(role, str) or not role:
        raise TypeError(f"a message must have a role, such as 'user', got {_came(message, 'role', role)}")
    beside = {name: value for name, value in fields.items() if name not in ("role", "content")}
    content = fields.get("content")
    if content is None and any(name in beside for name in _BESIDE):
        content = ""
    if not isinstance(content, str):
        raise TypeError(
            "a message must have a content that is a string, or images, thinking, tool_calls or tool_name "
            f"in its place, got {_came(message, 'content', content)}"
        )
    return ChatMessage(role, content, _checked(beside))


def _came(message: Any, name: str, value: Any) -> str:
    """Return the kind of thing that came; a message's text is nobody's business in an error."""
    where = f"{name} of a {type(message).__name__}"
    return f"no {where}" if value is None else f"{type(value).__name__} as the {where}"


def _fields(message: Any) -> dict[str, Any]:
    """Every field of a message that is set, by name."""
    if isinstance(message, Mapping):
        fields = dict(message)
        _check_names(fields)
    elif isinstance(message, ChatMessage):
        fields = {"role": message.role, "content": message.content, **message.additional_kwargs}
    elif hasattr(message, "blocks"):
        fields = _fields_of_blocks(message)
    else:
        fields = _attributes(message)
    return {name: value for name, value in fields.items() if value is not None}


def _check_names(fields: Mapping[Any, Any]) -> None:
    """Refuse a misspelt name, which a server would ignore silently."""
    import difflib  # only here: it takes longer to import than a chat to check

    for name in fields:
        near = difflib.get_close_matches(str(name), _FIELDS, n=1, cutoff=0.8)
        if near and name not in _FIELDS:
            raise TypeError(f"a message has no field {shown(name)}; did you mean {near[0]!r}?")


def _attributes(message: Any) -> dict[str, Any]:
    """Return the fields of an object: of a pydantic model those that it declares, else its attributes."""
    declared = getattr(type(message), "model_fields", None)
    if isinstance(declared, Mapping):
        fields = {name: getattr(message, name) for name in declared}
        fields |= getattr(message, "model_extra", None) or {}
    else:
        names = [*_FIELDS, "additional_kwargs", *getattr(message, "__dict__", {})]
        fields = {name: getattr(message, name, None) for name in names if not name.startswith("_")}
    fields |= fields.pop("additional_kwargs", None) or {}
    return fields


def _fields_of_blocks(message: Any) -> dict[str, Any]:
    """LlamaIndex's message: its blocks, then its additional_kwargs."""
    texts: list[str] = []
    fields: dict[str, Any] = {"role": message.role}
    extra = {name: value for name, value in (message.additional_kwargs or {}).items() if value is not None}
    for block in message.blocks:
        kind = getattr(block, "block_type", None)
        if kind == "text":
            texts.append(block.text)
        elif kind == "image":
            fields.setdefault("images", []).append(block)
        elif kind == "thinking":
            fields["thinking"] = fields.get("thinking", "") + (block.content or "")
        elif kind == "tool_call":
            fields.setdefault("tool_calls", []).append(_call_of_block(block))
        else:
            raise TypeError(
                "a message takes blocks of text, images, thinking and tool calls, "
                f"got a {type(block).__name__}"
            )
    fields["content"] = "\n".join(texts)
    return extra | fields | _both(fields, extra)


def _both(fields: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a message says in its blocks and again beside them: each thing once."""
    both: dict[str, Any] = {}
    for name, listed in (("images", pictures), ("tool_calls", _tool_calls)):
        if name in fields and name in extra:
            said = listed(fields[name])
            both[name] = said + [item for item in listed(extra[name]) if item not in said]
    if "thinking" in extra and extra["thinking"] not in fields.get("thinking", ""):
        both["thinking"] = fields.get("thinking", "") + extra["thinking"]
    return both


def _call_of_block(block: Any) -> dict[str, Any]:
    call = {"function": {"name": block.tool_name, "arguments": block.tool_kwargs}}
    return call if block.tool_call_id is None else {"id": block.tool_call_id, **call}


def _checked(beside: dict[str, Any]) -> dict[str, Any]:
    """Images as base64 and tool calls as plain dicts; the rest as it is."""
    if "images" in beside:
        beside["images"] = pictures(beside["images"])
    if "tool_calls" in beside:
        beside["tool_calls"] = _tool_calls(beside["tool_calls"])
    for name in ("thinking", "tool_name", "tool_call_id"):
        if not isinstance(beside.get(name, ""), str):
            raise TypeError(f"{name} of a message must be a string, got {type(beside[name]).__name__}")
    for name, value in beside.items():
        if name != "images":
            _check_json(f"{name} of a message", value)
    return beside


def _check_json(where: str, value: Any) -> None:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{where} must be what JSON has: {error}") from None


def _tool_calls(calls: Any) -> list[dict[str, Any]]:
    if not isinstance(calls, list | tuple):
        raise TypeError(f"tool_calls of a message must be a list, got {type(calls).__name__}")
    return [_tool_call(call) for call in calls]


def _tool_call(call: Any) -> dict[str, Any]:
    """One call as Ollama writes it; other clients write its arguments as JSON in a string."""
    plain = _plain(call)
    function = plain.get("function") if isinstance(plain, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str):
        raise TypeError(
            "a tool call must be {'function': {'name': ..., 'arguments': {...}}}, "
            f"got {type(call).__name__} without such a function"
        )
    arguments = function.get("arguments") or {}
    if isinstance(arguments, str):
        with contextlib.suppress(ValueError):
            arguments = json.loads(arguments)
    if not isinstance(arguments, dict):
        raise TypeError(
            f"the arguments of a call of {function['name']} must be a dict, or one as JSON, "
            f"got {type(arguments).__name__}"
        )
    return {**plain, "function": {**function, "arguments": arguments}}


def _plain(value: Any) -> Any:
    """Return mappings, pydantic models and objects with attributes as dicts."""
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if callable(dump := getattr(value, "model_dump", None)):
        return dump(exclude_none=True)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return {name: _plain(item) for name, item in vars(value).items()} if hasattr(value, "__dict__") else value
