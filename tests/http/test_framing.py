"""Lines come out whole, however TCP and HTTP chunks cut them: checked against splitting the joined bytes."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire.stub import Answer, Stub, body_of, cut, dribble, recorded, respond

from logitlab import _http


def oracle(body: bytes) -> list[str]:
    lines = (line.removesuffix(b"\r").decode("utf-8", "replace") for line in body.split(b"\n"))
    return [line for line in lines if line.strip(" \t\r")]


def chunked(body: bytes, cuts: list[int]) -> bytes:
    edges = [0, *sorted(cut % (len(body) + 1) for cut in cuts), len(body)]
    return respond([body[a:b] for a, b in itertools.pairwise(edges)])


def read(url: str) -> list[str]:
    with _http.Connection(url) as connection, connection.stream("GET", "/") as stream:
        return list(stream)


pieces = st.sampled_from(
    [b"\n", b"\r\n", b"\n\n", b" \n", b"a", b"{}", "é€🦙".encode(), b"x" * 300, b"\xff", b"\r"]
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(pieces, max_size=40).map(b"".join), st.lists(st.integers(0, 10_000), max_size=8), st.booleans()
)
def test_any_body_cut_anywhere(body: bytes, cuts: list[int], with_length: bool) -> None:
    response = respond(body) if with_length else chunked(body, cuts)
    with Stub(lambda request: cut(response, [40, *(size % 50 for size in cuts)])) as stub:
        assert read(stub.url) == oracle(body)


@pytest.mark.parametrize("name", ["010-gen-stream", "034-gen-emoji-stream", "042-chat-stream"])
@pytest.mark.parametrize("seed", range(3))
def test_recorded_streams(name: str, seed: int) -> None:
    response = recorded(name)
    lines = oracle(body_of(response))
    assert len(lines) > 5
    sizes = [random.Random(seed).randrange(1, 200) for _ in range(40)]
    for way in (dribble(response), cut(response, sizes), cut(response, [len(response)])):
        with Stub(lambda request, way=way: way) as stub:
            assert read(stub.url) == lines


def test_a_body_that_ends_with_the_connection() -> None:
    response = b"HTTP/1.1 200 OK\r\n\r\none\ntwo"
    with Stub(lambda request: Answer([response], "close")) as stub:
        assert read(stub.url) == ["one", "two"]


def test_a_long_line_between_short_ones() -> None:
    long = b"x" * 9_000_000
    with Stub(lambda request: respond([b"a\n" + long, long + b"\nb\n"])) as stub:
        assert [len(line) for line in read(stub.url)] == [1, 2 * len(long), 1]


def test_the_limit_of_a_line() -> None:
    """64 MB are a line, one byte more is an error, and what came before is not lost."""
    limit = 64 << 20
    chunk = b"x" * (1 << 20)
    with Stub(lambda request: respond([*[chunk] * 64, b"\n"])) as stub:
        assert [len(line) for line in read(stub.url)] == [limit]
    with Stub(lambda request: respond([b"before\n", *[chunk] * 64, b"x" * 70_000, b"\n"])) as stub:
        with _http.Connection(stub.url) as connection, connection.stream("GET", "/") as stream:
            assert next(stream) == "before"
            with pytest.raises(_http.TransportError, match=f"longer than {limit} bytes") as caught:
                next(stream)
    assert caught.value.kind == "line"
