"""Memory, file descriptors and numbers: what must not grow does not, measured in a process of its own."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from wire.stub import Stub, endless, recorded, respond

from logitlab import _http

STUB = Path(__file__).parents[1] / "wire" / "stub.py"
MB = 1 << 20

# What a measuring process begins with: its resident memory in bytes, now and at most. (The kernel's ru_maxrss
# would still hold the parent's.)
MEASURE = """
import gc, json, os, sys, time
from logitlab import _http

def memory(line):
    with open("/proc/self/status") as status:
        return next(int(row.split()[1]) * 1024 for row in status if row.startswith(line))

def forget_peak():
    with open("/proc/self/clear_refs", "w") as reset:
        reset.write("5")

def descriptors():
    return len(os.listdir("/dev/fd"))

url = sys.argv[1]
"""


@contextmanager
def stub_process() -> Iterator[str]:
    with subprocess.Popen(
        [sys.executable, str(STUB)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def measure(code: str, url: str) -> Any:
    """What the program prints, as JSON."""
    if "asan" in os.environ.get("LD_PRELOAD", ""):
        pytest.skip("not on this machine: memory as it is without a sanitizer")
    if not Path("/proc/self/clear_refs").exists():
        pytest.skip("not on this machine: /proc, which tells a process its memory")
    ended = subprocess.run(
        [sys.executable, "-c", MEASURE + code, url], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.stderr == ""
    return json.loads(ended.stdout)


def test_an_endless_stream_needs_two_megabytes_at_most() -> None:
    """A gigabyte, read as fast as it comes and then by a reader that rests while the server pushes."""
    code = """
connection = _http.Connection(url)
def stream():
    return connection.stream("POST", "/", b"{}")
with stream() as lines:
    next(lines)
time.sleep(0.2)
idle, _ = memory("VmRSS"), forget_peak()
taken = 0
with stream() as lines:
    for line in lines:
        taken += len(line)
        if taken > 1_000_000_000:
            break
fast = memory("VmHWM") - idle
with stream() as lines:
    for _ in range(10):
        for _ in range(1000):
            next(lines)
        time.sleep(0.1)
print(json.dumps([taken, fast, memory("VmHWM") - idle]))
"""
    with stub_process() as url:
        taken, fast, slow = measure(code, url)
    assert taken > 1_000_000_000
    assert fast <= 2 * MB
    assert slow <= 2 * MB


def test_a_paused_stream_slows_its_server_down() -> None:
    """What is not read is not received: the server cannot send on, instead of everything piling up here."""
    sent = 0

    def counting() -> Iterator[bytes]:
        nonlocal sent
        for piece in endless(b"x" * 1000 + b"\n").pieces:
            sent += len(piece)
            yield piece

    def answer(request: object) -> Any:
        stream = endless(b"")
        stream.pieces = counting()
        return stream

    with (
        Stub(answer) as stub,
        _http.Connection(stub.url) as connection,
        connection.stream("GET", "/") as stream,
    ):
        next(stream)
        before = -1
        while before != sent:
            before = sent
            threading.Event().wait(0.2)
        assert sent < 20 * MB  # the socket's buffers on both sides, and ours
        for _ in range(100_000):
            next(stream)
        assert sent > 100_000_000


def test_the_memory_of_a_long_line_is_given_back() -> None:
    code = """
connection = _http.Connection(url)
with connection.stream("GET", "/") as lines:
    next(lines)
    idle = memory("VmRSS")
    assert len(next(lines)) == 40_000_000
    next(lines)
    print(json.dumps(memory("VmRSS") - idle))
"""
    short = b"x" * 1000 + b"\n"
    with Stub(lambda request: respond([short, b"y" * 40_000_000 + b"\n", *[short] * 3000])) as stub:
        assert measure(code, stub.url) < 2 * MB


def test_ten_thousand_requests_leave_nothing() -> None:
    """Whole requests, streams read to their end, streams dropped half-way, and requests that fail."""
    code = """
refused = _http.Connection("http://127.0.0.1:1")
connection = _http.Connection(url)
def work(n):
    for i in range(n):
        connection.request("POST", "/", b"{}" * 100, ["A: b"])
        with connection.stream("POST", "/", b"{}") as lines:
            for _ in lines:
                pass
        lines = connection.stream("POST", "/", b"{}")
        next(lines)
        del lines
        try:
            refused.request("GET", "/")
        except _http.TransportError:
            pass
def counts():
    gc.collect()
    return memory("VmRSS"), descriptors(), sys.getallocatedblocks()
work(500)
before = counts()
work(10_000)
print(json.dumps([after - before for after, before in zip(counts(), before)]))
"""
    with Stub(lambda request: recorded("x1-keepalive-two-requests").partition(b"=====")[0]) as stub:
        memory, descriptors, blocks = measure(code, stub.url)
    assert len(stub.requests) == 31_500
    assert memory < 400_000  # ten bytes for each of 40 000
    assert descriptors == 0
    assert blocks < 100


def test_connections_made_and_dropped_leave_nothing() -> None:
    code = """
def work(n):
    for i in range(n):
        with _http.Connection(url, headers=["A: b"], ca_file="/x") as connection:
            connection.request("GET", "/")
def counts():
    gc.collect()
    return memory("VmRSS"), descriptors(), sys.getallocatedblocks()
work(200)
before = counts()
work(1000)
print(json.dumps([after - before for after, before in zip(counts(), before)]))
"""
    with Stub(lambda request: respond(b"{}")) as stub:
        memory, descriptors, blocks = measure(code, stub.url)
    assert memory < 400_000
    assert descriptors == 0
    assert blocks < 100


def test_a_hundred_streams_at_once() -> None:
    """The server answers none before all have asked; each gives its own lines; few connections are kept."""
    together = threading.Barrier(100)

    def answer(request: Any) -> bytes:
        together.wait(60)
        return respond([f"{request.path} {i}\n".encode() for i in range(200)])

    got: dict[int, list[str]] = {}

    def read(i: int, stream: _http.Stream) -> None:
        with stream:
            got[i] = list(stream)

    before = len(os.listdir("/dev/fd"))
    with Stub(answer) as stub, _http.Connection(stub.url) as connection:
        threads = [
            threading.Thread(target=read, args=(i, connection.stream("GET", f"/{i}"))) for i in range(100)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert got == {i: [f"/{i} {n}" for n in range(200)] for i in range(100)}
    assert stub.connections == 100
    for _ in range(100):  # the server's ends close in its own threads
        if len(os.listdir("/dev/fd")) <= before:
            break
        threading.Event().wait(0.05)
    assert len(os.listdir("/dev/fd")) <= before
