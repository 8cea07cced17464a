"""A server that replays recorded bytes, with faults put in.

`Stub(answer)` serves on a free port of this machine, one thread per connection. `answer` is called with each
request and returns the bytes to send, or an `Answer` that says how to send them. The recordings are what a
real Ollama 0.33 sent, byte for byte, chunk framing included.

Run as a program it serves an endless stream, or one of N chunks, from a process of its own: what the memory
tests and the benchmark measure must not be the server.
"""

import contextlib
import json
import re
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

RECORDINGS = Path(__file__).parent / "recordings"


def recorded(name: str) -> bytes:
    """The bytes of one recorded answer, such as "010-gen-stream"."""
    return (RECORDINGS / f"{name}.resp").read_bytes()


def recorded_request(name: str) -> "Request":
    head, _, body = (RECORDINGS / f"{name}.req").read_bytes().partition(b"\r\n\r\n")
    return _parsed(head, body)


def body_of(response: bytes) -> bytes:
    """The body of a recorded answer, chunks joined."""
    head, _, body = response.partition(b"\r\n\r\n")
    if b"Transfer-Encoding: chunked" not in head:
        return body
    joined = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        joined, body = joined + body[: int(size, 16)], body[int(size, 16) + 2 :]
    return joined


def respond(
    body: bytes | Iterable[bytes], *, status: str = "200 OK", type: str = "application/json", **headers: str
) -> bytes:
    """A whole response: with Content-Length, or chunked when `body` is a list of chunks."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {type}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if isinstance(body, bytes):
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in body if chunk)
    return "\r\n".join([*lines, "Transfer-Encoding: chunked", "", ""]).encode() + chunks + b"0\r\n\r\n"


def ndjson(*objects: Any, done: bool = True) -> bytes:
    """A streamed answer: one chunk per object."""
    return respond([json.dumps(item).encode() + b"\n" for item in objects], type="application/x-ndjson")


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Answer:
    """Bytes and how they are sent: `pieces` in turn, then the connection ends as `end` says."""

    pieces: Iterable[bytes] = field(default_factory=list)
    end: str = "keep"  # or "close" or "reset"


def dribble(response: bytes) -> Answer:
    """One byte at a time, each in a packet of its own."""
    return Answer((response[i : i + 1] for i in range(len(response))), "close")


def cut(response: bytes, sizes: Iterable[int]) -> Answer:
    """In pieces of these sizes, the rest at once."""

    def pieces() -> Iterator[bytes]:
        start = 0
        for size in sizes:
            yield response[start : start + size]
            start += size
        yield response[start:]

    return Answer(pieces(), "close")


def broken(response: bytes, after: int, end: str = "reset") -> Answer:
    """Only the first bytes, then a reset (or an orderly end that comes too early)."""
    return Answer([response[:after]], end)


def stalled(response: bytes, after: int, seconds: float) -> Answer:
    """The first bytes, then nothing for a while, then the rest."""

    def pieces() -> Iterator[bytes]:
        yield response[:after]
        time.sleep(seconds)
        yield response[after:]

    return Answer(pieces(), "close")


def endless(line: bytes, lines_per_chunk: int = 100) -> Answer:
    """The same line for ever."""
    chunk = line * lines_per_chunk
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"

    def pieces() -> Iterator[bytes]:
        yield head
        while True:
            yield b"%x\r\n%s\r\n" % (len(chunk), chunk)

    return Answer(pieces())


def _parsed(head: bytes, body: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    return Request(method, path, headers, body)


class Stub:
    """`with Stub(answer) as stub:`: `stub.url` is where it listens, `stub.requests` what it was asked."""

    def __init__(
        self, answer: Callable[[Request], bytes | Answer], *, tls: ssl.SSLContext | None = None, port: int = 0
    ) -> None:
        self._answer = answer
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", port), backlog=200)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.requests: list[Request] = []
        self.connections = 0
        self.hung_up = threading.Event()  # a client went away while it was being answered
        self._open: set[socket.socket] = set()
        self._closing = False

    def __enter__(self) -> "Stub":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        # a listener that another thread waits on only wakes up when somebody comes
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._open.add(connection)
        try:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._converse(connection)
        except OSError:
            self.hung_up.set()
        finally:
            self._open.discard(connection)

    def _converse(self, connection: socket.socket) -> None:
        pending = b""
        while True:
            while b"\r\n\r\n" not in pending:
                received = connection.recv(1 << 16)
                if not received:
                    return
                pending += received
            head, _, pending = pending.partition(b"\r\n\r\n")
            length = int((re.search(rb"(?i)content-length: (\d+)", head) or [0, 0])[1])
            while len(pending) < length:
                pending += connection.recv(1 << 20)
            request = _parsed(head, pending[:length])
            pending = pending[length:]
            self.requests.append(request)
            if not self._send(connection, self._answer(request)):
                return

    def _send(self, connection: socket.socket, answer: bytes | Answer) -> bool:
        """Whether the connection goes on."""
        if isinstance(answer, bytes):
            end = "close" if b"\r\nConnection: close\r\n" in answer[:1000] else "keep"
            answer = Answer([answer], end)
        for piece in answer.pieces:
            connection.sendall(piece)
        if answer.end == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return answer.end == "keep"


CHUNK = {
    "model": "gemma:7b",
    "created_at": "2026-11-24T05:56:49.686699136Z",
    "response": " the",
    "done": False,
}
LAST = CHUNK | {"response": "", "done": True, "done_reason": "stop", "eval_count": 1}


def _program(request: Request) -> bytes | Answer:
    """What the stub in a process of its own serves: /N chunks, or without end."""
    line = json.dumps(CHUNK, separators=(",", ":")).encode() + b"\n"
    options = request.json.get("options", {}) if request.body else {}
    n = options.get("num_predict", -1)
    if n < 0:
        return endless(line)
    return ndjson_bytes(line, n)


def ndjson_bytes(line: bytes, n: int) -> bytes:
    last = json.dumps(LAST, separators=(",", ":")).encode() + b"\n"
    return respond([line] * n + [last], type="application/x-ndjson")


if __name__ == "__main__":
    with Stub(_program, port=int(sys.argv[1]) if len(sys.argv) > 1 else 0) as program:
        print(program.url, flush=True)
        sys.stdin.read()  # until the parent goes
