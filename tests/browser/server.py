"""Starting a server of its own for a test: a port that is free, and waiting for what it does."""

import socket
import time


def until(condition, timeout=30.0):
    """Waits until `condition()` is true, and gives what it gave."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"timed out; the last answer was {value!r}"
        time.sleep(0.05)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
