"""From the objects of a streamed answer to the chunks that every model gives.

The last chunk's `raw` is the answer as the server would give it without streaming: text, thinking, tool
calls and log-probabilities joined, everything else from the last object.
"""

from collections.abc import Generator, Iterable, Mapping
from typing import Any

from logitlab.llms.base import Chunk
from logitlab.llms.ollama.errors import OllamaIncompleteError, OllamaProtocolError
from logitlab.llms.responses import LogProb

_TEXT = ("response", "message", "logprobs")


def chunks(objects: Iterable[dict[str, Any]], chat: bool) -> Generator[Chunk, None, None]:
    """The chunks of /api/chat or /api/generate; an answer without its last object is an error."""
    whole = _Whole(chat)
    for item in objects:
        part = item.get("message") if chat else item
        text = part.get(whole.key, "") if isinstance(part, dict) else None
        if not isinstance(text, str):
            raise OllamaProtocolError(f"an answer without a text: {str(item)[:200]}", 200)
        logprobs = whole.add(item, part, text)  # type: ignore[arg-type]
        if item.get("done") is True:
            raw = whole.raw(item)
            yield Chunk(text, raw, logprobs, {key: value for key, value in raw.items() if key not in _TEXT})
            return
        thought = part.get("thinking")  # type: ignore[union-attr]
        yield Chunk(text, item, logprobs, {"thinking_delta": thought} if thought else {})
    raise OllamaIncompleteError(whole.lacking(), 200)


class _Whole:
    """What has come of an answer."""

    def __init__(self, chat: bool) -> None:
        self.chat = chat
        self.key = "content" if chat else "response"
        self.texts: list[str] = []
        self.thoughts: list[str] = []
        self.calls: list[Any] = []
        self.logprobs: list[Any] = []

    def add(self, item: Mapping[str, Any], part: Mapping[str, Any], text: str) -> list[LogProb]:
        self.texts.append(text)
        if "thinking" in part:
            self.thoughts.append(part["thinking"])
        if "tool_calls" in part:
            self.calls += part["tool_calls"]
        if "logprobs" not in item:
            return []
        self.logprobs += item["logprobs"]
        return [logprob(entry) for entry in item["logprobs"]]

    def raw(self, last: dict[str, Any]) -> dict[str, Any]:
        joined: dict[str, Any] = {self.key: "".join(self.texts)}
        if self.thoughts:
            joined["thinking"] = "".join(self.thoughts)
        if self.calls:
            joined["tool_calls"] = self.calls
        raw = last | {"message": last["message"] | joined} if self.chat else last | joined
        if self.logprobs:
            raw["logprobs"] = self.logprobs
        return raw

    def lacking(self) -> str:
        if not any(self.texts):
            return "the server ended its answer without a word, and without saying that it is done"
        return (
            "the answer ended without saying that it is done; so does the server when a model repeats one "
            f"token over and over (its last words: {''.join(self.texts)[-40:]!r})"
        )


def logprob(entry: Mapping[str, Any]) -> LogProb:
    """One entry of "logprobs"; the ids of tokens are not told."""
    return LogProb(
        entry["token"],
        entry["logprob"],
        entry.get("bytes") or [],
        top_logprobs=[logprob(other) for other in entry.get("top_logprobs", ())],
    )
