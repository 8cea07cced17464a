"""A connection that breaks is told apart from an answer that ends, and what came before it is not lost."""

import ssl
from pathlib import Path

import pytest
from wire.stub import RECORDINGS, Answer, Stub, body_of, broken, recorded, respond

from logitlab import _http

CERTIFICATE = str(RECORDINGS.parent / "localhost.pem")
STREAM = recorded("010-gen-stream")
HEAD = len(STREAM.partition(b"\r\n\r\n")[0]) + 4


@pytest.mark.parametrize("end", ["reset", "close"])
@pytest.mark.parametrize("after", [0, 10, HEAD, HEAD + 300, len(STREAM) - 5])
def test_a_stream_that_breaks(end: str, after: int) -> None:
    """Every whole line that was sent is given before the error. (A reset may overtake the last of them.)"""
    sent = STREAM[HEAD:after].decode().count("\n\r\n")
    lines = []
    with Stub(lambda request: broken(STREAM, after, end)) as stub, _http.Connection(stub.url) as connection:
        with connection.stream("GET", "/") as stream, pytest.raises(_http.TransportError) as caught:
            for line in stream:
                lines.append(line)
    assert caught.value.kind == "broken"
    whole = body_of(STREAM).decode().splitlines()
    assert lines == whole[: len(lines)]
    if end == "close":
        assert len(lines) == sent


@pytest.mark.parametrize("end", ["reset", "close"])
def test_an_answer_that_is_too_short(end: str) -> None:
    response = respond(b"x" * 1000)
    with Stub(lambda request: broken(response, len(response) - 1, end)) as stub:
        with pytest.raises(_http.TransportError) as caught:
            _http.Connection(stub.url).request("GET", "/")
    assert caught.value.kind == "broken"


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00",
        b"220 smtp.example ESMTP\r\n",
        b"<html>",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"\0" * 5000,
    ],
    ids=["tls", "smtp", "html", "version", "zeros"],
)
def test_what_is_no_http(garbage: bytes) -> None:
    with Stub(lambda request: Answer([garbage], "close")) as stub:
        with pytest.raises(_http.TransportError) as caught:
            _http.Connection(stub.url).request("GET", "/")
    assert caught.value.kind in ("protocol", "broken")


def test_broken_chunks() -> None:
    response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\n\r\nZZ\r\n"
    with Stub(lambda request: Answer([response], "close")) as stub:
        with _http.Connection(stub.url).stream("GET", "/") as stream:
            assert next(stream) == "a"
            with pytest.raises(_http.TransportError) as caught:
                next(stream)
    assert caught.value.kind == "broken"


@pytest.fixture
def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


def test_tls_is_verified(tls: ssl.SSLContext, tmp_path: Path) -> None:
    with Stub(lambda request: STREAM, tls=tls) as stub:
        with pytest.raises(_http.TransportError) as caught:
            _http.Connection(stub.url).request("GET", "/")
        assert caught.value.kind == "tls"
        assert stub.requests == []
        with _http.Connection(stub.url, ca_file=CERTIFICATE) as connection:
            assert connection.request("GET", "/")[2] == body_of(STREAM)


def test_so_is_the_name_in_the_certificate(tls: ssl.SSLContext) -> None:
    with Stub(lambda request: STREAM, tls=tls) as stub:
        with pytest.raises(_http.TransportError) as caught:
            _http.Connection(
                f"https://127.0.0.2:{stub.port}", ca_file=CERTIFICATE, connect_timeout=1
            ).request("GET", "/")
        assert caught.value.kind in ("tls", "connect")  # 127.0.0.2 is not this machine everywhere
        assert stub.requests == []


def test_a_list_of_certificates_that_is_not_there() -> None:
    with pytest.raises(_http.TransportError) as caught:
        _http.Connection("https://127.0.0.1:1", ca_file="/nowhere.pem").request("GET", "/")
    assert caught.value.kind in ("tls", "connect")


def test_verification_can_be_switched_off(tls: ssl.SSLContext) -> None:
    with Stub(lambda request: STREAM, tls=tls) as stub:
        for host in ("127.0.0.1", "localhost"):
            connection = _http.Connection(f"https://{host}:{stub.port}", verify=False)
            assert connection.request("GET", "/")[2] == body_of(STREAM)


def test_a_certificate_of_the_client(tls: ssl.SSLContext, tmp_path: Path) -> None:
    """In one file with its key or beside it."""
    tls.load_verify_locations(CERTIFICATE)
    tls.verify_mode = ssl.CERT_REQUIRED
    both = Path(CERTIFICATE).read_text()
    start = both.index("-----BEGIN CERTIFICATE")
    end = both.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----\n")
    (tmp_path / "cert.pem").write_text(both[start:end])
    (tmp_path / "key.pem").write_text(both[:start] + both[end:])
    with Stub(lambda request: STREAM, tls=tls) as stub:
        with pytest.raises(_http.TransportError):
            _http.Connection(stub.url, ca_file=CERTIFICATE).request("GET", "/")
        apart = {"cert_file": str(tmp_path / "cert.pem"), "key_file": str(tmp_path / "key.pem")}
        for files in ({"cert_file": CERTIFICATE}, apart):
            connection = _http.Connection(stub.url, ca_file=CERTIFICATE, **files)
            assert connection.request("GET", "/")[2] == body_of(STREAM)
