"""JSON requests to one server and their answers: whole, or object by object. No model is known here.

An answer counts as good only when it is: a status below 400, JSON, no error line. Every other end is one of
the errors of `errors.py`.
"""

import json
import os
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from os import PathLike
from typing import TYPE_CHECKING, Any

from logitlab.llms.ollama import errors, waiting
from logitlab.llms.ollama.headers import request_headers
from logitlab.llms.ollama.host import address, is_this_machine, without_user
from logitlab.llms.ollama.present import present
from logitlab.llms.ollama.proxy import Proxy, proxy_for
from logitlab.llms.ollama.trust import trust
from logitlab.llms.surrogates import check
from logitlab.messages import shown

if TYPE_CHECKING:
    from logitlab._http import Connection, Stream

_decode = json.JSONDecoder().raw_decode
PATIENCE = 2.0  # seconds of silence before the first byte after which we tell the user what is going on


_CLOSED = "this model was closed: make a new one, or ask before its close()"


def never() -> bool:
    """Return False: nothing cancels this."""
    return False


class Client:
    """Requests to the server at `host`, from any thread. Nothing is opened before the first of them.

    A copy, also one that was pickled, has everything but the connection, and opens its own. `base` is the
    address as it may be shown: a password in it is replaced.
    """

    def __init__(
        self,
        host: str | None = None,
        timeout: float | None = None,
        headers: Mapping[str, str | None] | None = None,
        *,
        verify: bool | str | PathLike[str] = True,
        cert: Any = None,
    ) -> None:
        self._address, self.base, user = without_user(address(host))
        self._silence = _seconds(timeout)
        self._headers = request_headers(self._address, user, headers)
        self._trust = trust(verify, cert)
        self._connection: Connection | None = None
        self._closed = False

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_connection": None, "_closed": False}

    def patient(self, timeout: float) -> "Client":
        """Return a copy that waits for `timeout` seconds of silence."""
        if self._closed:
            raise ValueError(_CLOSED)
        other = copy(self)
        other._silence = _seconds(timeout)
        return other

    @property
    def connection(self) -> "Connection":
        """Opened at first use, which is also when libcurl is: it may be missing."""
        if self._closed:
            raise ValueError(_CLOSED)
        if self._connection is None:
            from logitlab._http import Connection

            trusted = self._trust
            if file := os.environ.get("SSL_CERT_FILE"):
                trusted = {"ca_file": file, **trusted}
            self._connection = Connection(
                self._address,
                headers=self._headers,
                silence=self._silence,
                direct=is_this_machine(self._address),
                **trusted,
            )
        return self._connection

    def release(self) -> None:
        """Close the connections that are open; the next request opens one again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Close the connections and take no further request. A stream under way goes on."""
        self._closed = True
        self.release()

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
        """Return the answer's objects as they come; errors of every kind as OllamaError.

        Nothing is sent before the first of them is asked for.

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
        with self._stream(method, path, body, headers, cancelled) as stream:
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
        """Return the answer as one object: the last one, when the server streams; text or None if it is no JSON.

        `loads` and `as_said` are those of `objects`.
        """
        headers = ("Content-Type: application/json", "Accept: application/json")
        with self._stream(method, path, _body(payload), headers) as stream:
            self._wait(stream, loads)
            self._check(stream, path)
            if not _is_json(stream.content_type):
                text = stream.read().decode("utf-8", "replace")
                if text and not as_said:
                    raise errors.not_ollama(
                        f"{self.base}{path} answers with no JSON: {text[:200]!r}",
                        stream.status,
                        self._proxy(),
                    )
                return text or None
            objects = deque(self._lines(stream, path, as_said), maxlen=1)
            return objects[0] if objects else None

    def _lines(self, stream: "Stream", path: str, as_said: bool) -> Iterator[dict[str, Any]]:
        """Decode line after line. This loop is what a streamed token costs."""
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
                raise errors.not_ollama(
                    f"{self.base}{path} answers with a line that is no JSON object: {line[:200]!r}",
                    stream.status,
                    self._proxy(),
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
            raise errors.from_answer(status, stream.read(), self.base, path, self._proxy())
        if status >= 300:
            raise errors.not_ollama(
                f"{self.base}{path} redirects to nowhere (HTTP {status})", status, self._proxy()
            )

    @contextmanager
    def _stream(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: tuple[str, ...],
        cancelled: Callable[[], bool] = never,
    ) -> Iterator["Stream"]:
        """Return a request under way; what the transport cannot do becomes an OllamaError.

        After an error no connection stays open: whoever keeps the error keeps, by its traceback, this client.
        """
        connection = self.connection
        from logitlab._http import TransportError  # the connection has loaded it, or said what is missing

        status = 0
        try:
            with connection.stream(method, path, body, headers, cancelled=cancelled) as stream:
                try:
                    yield stream
                finally:
                    status = stream.status
        except TransportError as error:
            connection.drain()
            proxy = self._proxy()
            if proxy is not None:
                error.args = (proxy.hide(str(error)),)
            raise errors.from_transport(error, self.base, status, proxy) from error
        except Exception:
            connection.drain()
            raise

    def _proxy(self) -> Proxy | None:
        return proxy_for(self._address)


def _body(payload: Any) -> bytes | None:
    """Return bytes as they are, everything else as JSON; what JSON or UTF-8 does not have (NaN) is a ValueError."""
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
        raise ValueError(f"timeout must be seconds above 0, or None for no limit, got {shown(timeout)}")
    return float(timeout)
