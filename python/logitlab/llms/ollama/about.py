"""What a server says of itself and of a model: asked by the model, and later by the answers that it gave.

An answer is kept longer than a model is in use, so it does not hold the model: it holds an `Asker`, which knows the
server's address and the model's name, and opens a connection of its own for as long as a question takes.
"""

import time
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from logitlab.llms.ollama.client import Client
from logitlab.llms.ollama.errors import OllamaProtocolError, OllamaResponseError


@dataclass(frozen=True, slots=True)
class About:
    """What a server says of itself and of a model, and when it was asked (time.monotonic)."""

    version: str
    shown: Mapping[str, Any]
    at: float


class Memory:
    """What a model and its copies know of the server."""

    __slots__ = ("about",)

    def __init__(self) -> None:
        self.about: About | None = None

    def __reduce__(self) -> "tuple[type[Memory], tuple[()]]":
        return Memory, ()  # another process has another clock


class Asker:
    """Asks one server about one model."""

    def __init__(self, client: Client, model: str, known: Memory) -> None:
        self._client = client
        self._model = model
        self._known = known

    def apart(self, timeout: float | None = None) -> "Asker":
        """Return one that may be kept: its client is a copy, without a connection and perhaps with less patience."""
        client = copy(self._client) if timeout is None else copy(self._client).patient(timeout)
        return Asker(client, self._model, self._known)

    def version(self) -> str:
        """Return the server's version."""
        return str(field_of(self._client.request("GET", "/api/version"), "version", str))

    def show(self, **options: Any) -> dict[str, Any]:
        """Return what the server knows of the model."""
        return object_of(self._client.request("POST", "/api/show", {"model": self._model} | options))

    def about(self, since: float | None = None) -> About:
        """Return what the server says of itself and of the model, asked now, or at the earliest at `since`."""
        known = self._known.about
        if known is None or since is None or known.at < since:
            at = time.monotonic()
            try:
                version = self.version()
            except (OllamaResponseError, OllamaProtocolError):  # what imitates Ollama may not have this path
                version = ""
            self._known.about = known = About(version, self.show(), at)
        return known

    def once(self, since: float) -> About:
        """Return the same, with no connection left open."""
        try:
            return self.about(since)
        finally:
            self._client.release()


def object_of(answer: Any) -> dict[str, Any]:
    """Return a server's answer, which must be an object."""
    if not isinstance(answer, dict):
        raise OllamaProtocolError(f"an object was expected, not {str(answer)[:200]!r}", 200)
    return answer


def field_of(answer: Any, name: str, kind: type[Any]) -> Any:
    """Return a field of a server's answer, which must be an object that has it."""
    value = object_of(answer).get(name)
    if not isinstance(value, kind):
        raise OllamaProtocolError(f"an answer with {name!r} was expected, not {str(answer)[:200]!r}", 200)
    return value
