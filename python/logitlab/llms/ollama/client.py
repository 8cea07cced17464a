"""JSON requests to one server and their answers: whole, or object by object. No model is known here.

An answer counts as good only when it is: a status below 400, JSON, no error line. Every other end is one of
the errors of `errors.py`.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import logitlab
from logitlab.llms.ollama import errors, waiting
from logitlab.llms.ollama.host import address, key_for
from logitlab.llms.ollama.present import present
from logitlab.llms.surrogates import check
from logitlab.messages import shown

if TYPE_CHECKING:
    from logitlab._http import Connection, Stream

_decode = json.JSONDecoder().raw_decode
PATIENCE = 2.0  # seconds of silence before the first byte after which the user is told what is going on


def never() -> bool:
    return False


class Client:
    """Requests to the server at `host`, from any thread. Nothing is opened before the first of them."""

    def __init__(
        self, host: str | None = None, timeout: float | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.base = address(host)
        self._silence = _seconds(timeout)
        self._headers = _headers(self.base, headers or {})
        self._connection: Connection | None = None

    @property
    def connection(self) -> "Connection":
        """Opened at first use, which is also when libcurl is: it may be missing."""
        if self._connection is None:
            from logitlab._http import Connection

            self._connection = Connection(
                self.base,
                headers=self._headers,
                silence=self._silence,
                ca_file=os.environ.get("SSL_CERT_FILE") or None,
            )
        return self._connection

    def objects(
        self,
        method: str,
        path: str,
        payload: Any = None,
        *,
        loads: str | None = None,
        cancelled: Callable[[], bool] = never,
        as_said: bool = False,
    ) -> Generator[dict[str, Any], None, None]:
        """The answer's objects as they come; errors of every kind as OllamaError. Nothing is sent before the
        first of them is asked for.

        `loads` is the model that may have to be loaded first. `cancelled()` ends the answer. Keys whose value is null
        are left out, unless the answer is wanted `as_said`.
        """
        return self._objects(method, path, _body(payload), loads, cancelled, as_said)

    def _objects(
        self,
        method: str,
        path: str,
        body: bytes | None,
        loads: str | None,
        cancelled: Callable[[], bool],
        as_said: bool,
    ) -> Generator[dict[str, Any], None, None]:
        headers = ("Content-Type: application/json", "Accept: application/x-ndjson, application/json")
        with (
            self.connection.stream(method, path, body, headers, cancelled=cancelled) as stream,
            self._errors(stream),
        ):
            self._wait(stream, loads)
            self._check(stream, path)
            yield from self._lines(stream, path, as_said)

    def request(
        self,
        method: str,
        path: str,
        payload: Any = None,
        *,
        loads: str | None = None,
        as_said: bool = False,
    ) -> Any:
        """The answer as one object: the last one, when the server streams; text or None if it is no JSON.

        `loads` and `as_said` are those of `objects`.
        """
        headers = ("Content-Type: application/json", "Accept: application/json")
        with (
            self.connection.stream(method, path, _body(payload), headers) as stream,
            self._errors(stream),
        ):
            self._wait(stream, loads)
            self._check(stream, path)
            if not _is_json(stream.content_type):
                return stream.read().decode("utf-8", "replace") or None
            objects = deque(self._lines(stream, path, as_said), maxlen=1)
            return objects[0] if objects else None

    def _lines(self, stream: "Stream", path: str, as_said: bool) -> Iterator[dict[str, Any]]:
        """Decodes line after line. This loop is what a streamed token costs."""
        events = stream.content_type.startswith("text/event-stream")
        for line in stream:
            if events:
                line = line.removeprefix("data:").strip()
                if line == "[DONE]":
                    continue
            try:
                item, end = _decode(line)
            except ValueError:
                item, end = None, 0
            if not isinstance(item, dict) or (end != len(line) and line[end:].strip()):
                raise errors.OllamaProtocolError(
                    f"{self.base}{path} answers with a line that is no JSON object: {line[:200]!r}",
                    stream.status,
                )
            if not as_said and "null" in line:  # most lines have none: the search is cheaper than the walk
                item = present(item)
            if error := item.get("error"):
                if "response" in item or "message" in item:  # the error comes beside the last words
                    yield {name: value for name, value in item.items() if name not in ("error", "done")}
                raise errors.from_line(error, self.base, path)
            if item.get("done") is True:
                stream.finish(
                    0.1
                )  # nothing follows but the end, after which the connection can be used again
                yield item
                return
            yield item

    def _wait(self, stream: "Stream", loads: str | None) -> None:
        """Until the first byte; a line says that it takes long."""
        if not stream.wait(PATIENCE):
            waiting.say(self.base, loads, PATIENCE)
            stream.wait()

    def _check(self, stream: "Stream", path: str) -> None:
        status = stream.status
        if status >= 400:
            raise errors.from_answer(status, stream.read(), self.base, path)
        if status >= 300:
            raise errors.OllamaProtocolError(
                f"{self.base}{path} redirects to nowhere (HTTP {status})", status
            )

    @contextmanager
    def _errors(self, stream: "Stream") -> Iterator[None]:
        from logitlab._http import TransportError

        try:
            yield
        except TransportError as error:
            raise errors.from_transport(error, self.base, stream.status) from error


def _body(payload: Any) -> bytes | None:
    """bytes as they are, everything else as JSON; what JSON or UTF-8 does not have (NaN) is a ValueError."""
    if payload is None or isinstance(payload, bytes):
        return payload
    try:
        return json.dumps(payload, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        check(payload, "")
        raise


def _is_json(content_type: str) -> bool:
    return "json" in content_type or content_type.startswith("text/event-stream")


def _seconds(timeout: Any) -> float:
    if timeout is None:
        return 0.0
    if isinstance(timeout, bool) or not isinstance(timeout, int | float) or not timeout > 0:
        raise ValueError(f"timeout needs seconds above 0, or None for no limit, not {shown(timeout)}")
    return float(timeout)


def _headers(base: str, own: Mapping[str, str]) -> list[str]:
    """The user's headers before ours: who gives an Authorization means it."""
    ours = {"User-Agent": f"logitlab/{logitlab.__version__}"}
    if key := key_for(base):
        ours["Authorization"] = f"Bearer {key}"
    given = {name.lower() for name in own}
    merged = {name: value for name, value in ours.items() if name.lower() not in given} | dict(own)
    return [f"{name}: {value}" for name, value in merged.items()]
