"""Waiting: signals, other threads, time limits, and ends that come from elsewhere."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from wire.stub import Answer, Stub, respond, stalled

from logitlab import _http

LINES = respond([b"one\n", b"two\n"])
HEAD = len(LINES.partition(b"\r\n\r\n")[0]) + 4
SILENT = 30  # seconds for which a server says nothing, unless the test ends before
PROMPT = 10  # what ends a wait ends it well before that, on a machine with other work too


@contextmanager
def silent_after(n: int) -> Iterator[Stub]:
    """A server that sends the first n bytes of LINES and then nothing until the test is over."""
    over = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield LINES[:n]
        over.wait(SILENT)

    with Stub(lambda request: Answer(pieces(), "close")) as stub:
        yield stub
        over.set()


def interrupt_after(seconds: float) -> float:
    """Sends this process a Ctrl-C; gives the time at which it will come."""
    threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()
    return time.monotonic() + seconds


@pytest.mark.parametrize("sent", [0, HEAD, HEAD + 9], ids=["nothing", "head", "one line"])
@pytest.mark.parametrize("way", ["next", "wait", "read", "request"])
def test_ctrl_c_while_waiting(sent: int, way: str) -> None:
    with silent_after(sent) as stub, _http.Connection(stub.url) as connection:
        stream = connection.stream("GET", "/")
        if sent > HEAD and way != "read":
            assert next(stream) == "one"
        calls: dict[str, Callable[[], object]] = {
            "next": lambda: next(stream),
            "wait": lambda: stream.wait(),
            "read": lambda: stream.read(),
            "request": lambda: connection.request("GET", "/"),
        }
        due = interrupt_after(0.3)
        with pytest.raises(KeyboardInterrupt):
            calls[way]()
        assert time.monotonic() - due < PROMPT


def test_a_stream_goes_on_after_ctrl_c() -> None:
    with Stub(lambda request: stalled(LINES, HEAD + 9, 1.0)) as stub:
        with _http.Connection(stub.url).stream("GET", "/") as stream:
            assert next(stream) == "one"
            interrupt_after(0.2)
            with pytest.raises(KeyboardInterrupt):
                next(stream)
            assert list(stream) == ["two"]


def test_ctrl_c_while_connecting() -> None:
    with full_listener() as port:
        due = interrupt_after(0.3)
        with pytest.raises(KeyboardInterrupt):
            _http.Connection(f"http://127.0.0.1:{port}", connect_timeout=SILENT).request("GET", "/")
        assert time.monotonic() - due < PROMPT


def test_other_threads_run_meanwhile() -> None:
    with silent_after(0) as stub, _http.Connection(stub.url).stream("GET", "/") as stream:
        waiting = threading.Thread(target=lambda: stream.wait(0.5))
        waiting.start()
        steps = 0
        while waiting.is_alive():
            steps += 1
        waiting.join()
    assert steps > 1000


def test_wait_says_whether_it_came() -> None:
    with Stub(lambda request: stalled(LINES, 0, 2)) as stub:
        with _http.Connection(stub.url).stream("GET", "/") as stream:
            start = time.monotonic()
            assert not stream.wait(0.1)
            assert time.monotonic() - start >= 0.1
            assert stream.status == 0
            assert stream.wait(10)
            assert (stream.status, stream.content_type) == (200, "application/json")
            assert list(stream) == ["one", "two"]
            assert stream.wait(0)


def test_the_longest_silence() -> None:
    """The limit is between two bytes, not on the whole: 0.3 s pass with 0.6 s, a long pause does not."""

    def slowly() -> Iterator[bytes]:
        for start in range(0, len(LINES), 25):
            time.sleep(0.3)
            yield LINES[start : start + 25]

    assert len(LINES) > 75
    with Stub(lambda request: Answer(slowly(), "close")) as stub:
        with _http.Connection(stub.url, silence=0.6) as connection:
            assert connection.request("GET", "/")[2] == b"one\ntwo\n"
    with silent_after(HEAD + 9) as stub, _http.Connection(stub.url, silence=0.6) as connection:
        start = time.monotonic()
        stream = connection.stream("GET", "/")
        assert next(stream) == "one"
        with pytest.raises(_http.TransportError, match=r"nothing came for 0\.6 seconds") as caught:
            next(stream)
        assert 0.6 <= time.monotonic() - start < PROMPT
    assert (caught.value.kind, caught.value.code) == ("silence", 0)


def test_a_slow_reader_is_no_silence() -> None:
    with Stub(lambda request: LINES) as stub, _http.Connection(stub.url, silence=0.2) as connection:
        with connection.stream("GET", "/") as stream:
            first = next(stream)
            time.sleep(0.5)
            assert [first, *stream] == ["one", "two"]


@contextmanager
def full_listener() -> Iterator[int]:
    """A port whose queue is full: Linux drops a further client's packets, as if the host were not there."""
    if sys.platform != "linux":
        pytest.skip("not on this machine: a listener that drops")
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    port = listener.getsockname()[1]
    clients = []
    for _ in range(4):
        client = socket.socket()
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", port))
        clients.append(client)
    yield port
    for client in [*clients, listener]:
        client.close()


def test_the_connect_timeout_is_apart() -> None:
    with full_listener() as port:
        start = time.monotonic()
        with pytest.raises(_http.TransportError) as caught:
            _http.Connection(f"http://127.0.0.1:{port}", connect_timeout=0.5).request("GET", "/")
        assert 0.4 < time.monotonic() - start < PROMPT
    assert caught.value.kind == "connect"


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(_http.TransportError) as caught:
        _http.Connection(f"http://127.0.0.1:{port}").request("GET", "/")
    assert caught.value.kind == "connect"


def test_a_name_that_is_none() -> None:
    with pytest.raises(_http.TransportError) as caught:
        _http.Connection("http://name.invalid").request("GET", "/")
    assert caught.value.kind == "resolve"
    assert "name.invalid" in str(caught.value)


def dropped(stream: _http.Stream) -> None:
    """What a caller does that loses interest."""
    del stream


@pytest.mark.parametrize("way", ["close", "with", "drop"])
def test_closing_half_way_hangs_up(way: str) -> None:
    with silent_after(HEAD + 9) as stub, _http.Connection(stub.url) as connection:
        stream = connection.stream("GET", "/")
        assert next(stream) == "one"
        before = descriptors()
        if way == "close":
            stream.close()
        elif way == "with":
            with stream:
                pass
        else:
            del stream
        assert descriptors() < before
        if way != "drop":
            with pytest.raises(_http.TransportError, match="closed") as caught:
                next(stream)
            assert caught.value.kind == "closed"
            assert list(stream) == []  # said once


def descriptors() -> int:
    return len(os.listdir("/dev/fd"))


def test_another_thread_closes() -> None:
    with silent_after(HEAD + 9) as stub, _http.Connection(stub.url) as connection:
        stream = connection.stream("GET", "/")
        assert next(stream) == "one"
        threading.Timer(0.3, stream.close).start()
        start = time.monotonic()
        with pytest.raises(_http.TransportError, match="closed"):
            next(stream)
        assert 0.25 < time.monotonic() - start < PROMPT


def test_cancelled_is_asked() -> None:
    cancelled = threading.Event()
    with silent_after(HEAD + 9) as stub, _http.Connection(stub.url) as connection:
        stream = connection.stream("GET", "/", cancelled=cancelled.is_set)
        assert next(stream) == "one"
        threading.Timer(0.3, cancelled.set).start()
        start = time.monotonic()
        with pytest.raises(_http.TransportError, match="closed"):
            next(stream)
        assert 0.25 < time.monotonic() - start < PROMPT


def test_an_error_in_cancelled_is_raised() -> None:
    with silent_after(0) as stub, _http.Connection(stub.url) as connection:
        with (
            connection.stream("GET", "/", cancelled=lambda: 1 // 0) as stream,
            pytest.raises(ZeroDivisionError),
        ):
            next(stream)


def test_two_readers_share_the_lines() -> None:
    lines = [b"%d\n" % i for i in range(5000)]
    with Stub(lambda request: respond(lines)) as stub, _http.Connection(stub.url) as connection:
        with connection.stream("GET", "/") as stream:
            got: list[list[str]] = [[] for _ in range(4)]
            readers = [threading.Thread(target=mine.extend, args=(stream,)) for mine in got]
            for reader in readers:
                reader.start()
            for reader in readers:
                reader.join()
    assert sorted(int(line) for mine in got for line in mine) == list(range(5000))
    assert all(mine == sorted(mine, key=int) for mine in got)


def test_the_interpreter_ends_while_a_thread_waits() -> None:
    code = """
import sys, threading, time
from logitlab import _http
stream = _http.Connection(sys.argv[1]).stream("GET", "/")
threading.Thread(target=stream.wait, daemon=True).start()
time.sleep(0.2)
"""
    with silent_after(0) as stub:
        ended = subprocess.run(
            [sys.executable, "-c", code, stub.url], timeout=20, capture_output=True, text=True
        )
    assert (ended.returncode, ended.stderr) == (0, "")
