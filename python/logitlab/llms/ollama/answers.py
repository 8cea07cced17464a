"""From the objects of a streamed answer to the chunks that every model gives.

The last chunk's `raw` is the answer as the server would give it without streaming: text, thinking, tool
calls and log-probabilities joined, everything else from the last object. Text that has come is always handed on,
also where what stands beside it cannot be read: then the error follows it.
"""

from collections.abc import Generator, Iterable, Mapping
from typing import Any

from logitlab.llms.base import Chunk
from logitlab.llms.logprob import LogProb
from logitlab.llms.ollama.errors import OllamaIncompleteError, OllamaProtocolError
from logitlab.llms.surrogates import Joiner, mended
from logitlab.messages import shown

_TEXT = ("response", "message", "logprobs")


def chunks(objects: Iterable[dict[str, Any]], chat: bool) -> Generator[Chunk, None, None]:
    """Return the chunks of /api/chat or /api/generate; an answer without its last object is an error."""
    whole = _Whole(chat)
    for item in objects:
        text = whole.text(item)
        try:
            logprobs = whole.beside(item)
        except OllamaProtocolError:
            yield Chunk(text, item)
            raise
        if item.get("done") is True:
            raw = whole.raw(item)
            yield Chunk(text, raw, logprobs, {key: value for key, value in raw.items() if key not in _TEXT})
            return
        thought = whole.thoughts[-1]
        yield Chunk(text, item, logprobs, {"thinking_delta": thought} if thought else {})
    raise OllamaIncompleteError(whole.lacking(), 200)


class _Whole:
    """What has come of an answer."""

    def __init__(self, chat: bool) -> None:
        self.chat = chat
        self.key = "content" if chat else "response"
        self.words, self.thinking = Joiner(), Joiner()
        self.texts: list[str] = []
        self.thoughts: list[str] = []
        self.calls: list[Any] = []
        self.logprobs: list[Any] = []
        self.message: dict[str, Any] = {"role": "assistant"}

    def part(self, item: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the part of an object that speaks; a last object may have none."""
        part = item.get("message", {}) if self.chat else item
        if not isinstance(part, dict) or (self.chat and not part and "done" not in item):
            raise _odd("an answer without a text", item)
        return part

    def text(self, item: Mapping[str, Any]) -> str:
        text = self.part(item).get(self.key, "")
        if not isinstance(text, str):
            raise _odd("an answer without a text", item)
        text = self.words.add(text)
        if item.get("done") is True:
            text += self.words.end()
        self.texts.append(text)
        return text

    def beside(self, item: Mapping[str, Any]) -> list[LogProb]:
        """Keep what stands beside the text, and return the log-probabilities."""
        part = self.part(item)
        entries = _field(item, "logprobs", list)
        read = [logprob(entry) for entry in entries]
        self.thoughts.append(self.thinking.add(_field(part, "thinking", str)))
        self.calls += _field(part, "tool_calls", list)
        self.logprobs += entries
        if self.chat:
            self.message |= part
        return read

    def raw(self, last: dict[str, Any]) -> dict[str, Any]:
        joined: dict[str, Any] = {self.key: "".join(self.texts)}
        if thinking := "".join(self.thoughts):
            joined["thinking"] = thinking
        if self.calls:
            joined["tool_calls"] = self.calls
        raw = last | {"message": self.message | joined} if self.chat else last | joined
        if self.logprobs:
            raw["logprobs"] = self.logprobs
        return raw

    def lacking(self) -> str:
        if not any(self.texts):
            return "the server ended its answer without any text, and without saying that it is done"
        return (
            "the answer ended without saying that it is done; so does the server when a model repeats one "
            f"token over and over (its last words: {''.join(self.texts)[-40:]!r})"
        )


def logprob(entry: Any) -> LogProb:
    """One entry of "logprobs"; the server does not report token ids."""
    if not isinstance(entry, dict):
        raise _odd("a log-probability that is no object", entry)
    value = entry.get("logprob")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _odd("a log-probability without a number", entry)
    return LogProb(
        mended(_field(entry, "token", str)),
        value,
        _field(entry, "bytes", list),
        top_logprobs=[logprob(other) for other in _field(entry, "top_logprobs", list)],
    )


def _field(item: Mapping[str, Any], name: str, kind: type[Any]) -> Any:
    """Return the value of an optional field; empty where it is not there, an error where it is of another kind."""
    value = item.get(name)
    if value is not None and not isinstance(value, kind):
        raise _odd(f"{name} must be a {'string' if kind is str else 'list'}, got {shown(value)}", item)
    return kind() if value is None else value


def _odd(what: str, item: Any) -> OllamaProtocolError:
    return OllamaProtocolError(f"{what}: {str(item)[:200]}", 200)
