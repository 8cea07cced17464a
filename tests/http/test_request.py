"""What is sent and what comes back: methods, headers, bodies, redirects, reuse of connections."""

import multiprocessing
import socket
import ssl
import sys
import threading
from collections.abc import Iterator

import pytest
from wire.stub import RECORDINGS, Answer, Request, Stub, respond

from logitlab import _http

OK = respond(b"{}")
CERTIFICATE = str(RECORDINGS.parent / "localhost.pem")


def echo(request: Request) -> bytes:
    return respond(request.body or b"nothing", type="text/plain")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "body", [None, b"", b"{}", b"\0\xff" * 700_000], ids=["none", "empty", "short", "long"]
)
def test_method_and_body(method: str, body: bytes | None) -> None:
    with Stub(echo) as stub, _http.Connection(stub.url) as connection:
        answer = connection.request(method, "/a/b?c", body)
    assert answer == (200, "text/plain", body or b"nothing")
    (request,) = stub.requests
    assert (request.method, request.path, request.body) == (method, "/a/b?c", body or b"")


def test_head_has_no_body() -> None:
    with Stub(lambda request: b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n") as stub:
        assert _http.Connection(stub.url).request("HEAD", "/") == (200, "", b"")


def test_headers_of_the_connection_and_of_the_request() -> None:
    with Stub(lambda request: OK) as stub, _http.Connection(stub.url, headers=["A: 1", "B: 2"]) as connection:
        connection.request("POST", "/", b"x" * 2_000_000, ["C: 3"])
    headers = stub.requests[0].headers
    assert (headers["a"], headers["b"], headers["c"]) == ("1", "2", "3")
    assert "expect" not in headers  # which would wait a second for servers that do not know it


@pytest.mark.parametrize("header", ["A: 1\r\nB: 2", "A: 1\nB: 2", "A\r: 1"])
def test_a_header_can_not_smuggle_another(header: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        _http.Connection("http://127.0.0.1:1").request("GET", "/", None, [header])
    with pytest.raises(ValueError, match="one line"):
        _http.Connection("http://127.0.0.1:1", headers=[header]).request("GET", "/")


@pytest.mark.parametrize("path", ["/a b", "/a\r\nHost: x", "/\x7f", "/é"])
def test_a_path_can_not_either(path: str) -> None:
    with pytest.raises(ValueError, match="percent-encoded"):
        _http.Connection("http://127.0.0.1:1").request("GET", path)


@pytest.mark.parametrize("base", ["localhost:1", "ftp://localhost", "file:///etc/passwd", ""])
def test_only_http(base: str) -> None:
    with pytest.raises(ValueError, match="http:// or https://"):
        _http.Connection(base)


@pytest.mark.parametrize(
    "changed",
    [{"connect_timeout": 0}, {"connect_timeout": float("nan")}, {"silence": -1}, {"silence": float("nan")}],
)
def test_times_that_are_none(changed: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="connect_timeout"):
        _http.Connection("http://localhost", **changed)


def test_wrong_types_are_errors_and_send_nothing() -> None:
    with Stub(echo) as stub, _http.Connection(stub.url) as connection:
        for arguments in [
            ("GET",),
            ("GET", 1),
            ("POST", "/", "text"),
            ("GET", "/", None, 3),
            ("GET", "/", None, [1]),
        ]:
            with pytest.raises(TypeError):
                connection.request(*arguments)  # type: ignore[arg-type]
    assert stub.requests == []


@pytest.mark.parametrize(
    "status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"]
)
@pytest.mark.parametrize("method", ["POST", "DELETE", "GET"])
def test_redirects_keep_method_and_body(status: str, method: str) -> None:
    def answer(request: Request) -> bytes:
        if request.path == "/old/":
            return respond(b"", status=status, Location="/new")
        return echo(request)

    body = None if method == "GET" else b"payload"
    with Stub(answer) as stub, _http.Connection(stub.url) as connection:
        assert connection.request(method, "/old/", body)[2] == (body or b"nothing")
    assert [request.method for request in stub.requests] == [method, method]


def test_redirects_end() -> None:
    with Stub(lambda request: respond(b"", status="307 Again", Location="/")) as stub:
        with pytest.raises(_http.TransportError) as caught:
            _http.Connection(stub.url).request("GET", "/")
    assert caught.value.kind == "redirect"
    assert len(stub.requests) == 6


def test_redirects_do_not_leave_http() -> None:
    with Stub(lambda request: respond(b"", status="307 Away", Location="file:///etc/hostname")) as stub:
        with pytest.raises(_http.TransportError) as caught:
            _http.Connection(stub.url).request("GET", "/")
    assert caught.value.kind == "protocol"


def test_a_secret_stays_with_its_host() -> None:
    """A redirect to another port is another host: the key must not follow."""
    with (
        Stub(lambda request: OK) as other,
        Stub(lambda request: respond(b"", status="307 Away", Location=other.url)) as first,
    ):
        _http.Connection(first.url, headers=["Authorization: Bearer secret"]).request("POST", "/", b"{}")
    assert first.requests[0].headers["authorization"] == "Bearer secret"
    assert "authorization" not in other.requests[0].headers


def test_direct_means_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub(lambda request: OK) as proxy, Stub(lambda request: OK) as stub:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("all_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert _http.Connection(stub.url, direct=True).request("GET", "/")[0] == 200
        _http.Connection("http://somewhere.invalid").request("GET", "/x")
    assert len(stub.requests) == 1
    assert [request.path for request in proxy.requests] == ["http://somewhere.invalid/x"]


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 Forbidden", "502 Bad Gateway"])
def test_a_proxy_that_refuses_to_connect(status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub(lambda request: respond(b"no", status=status)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        with pytest.raises(_http.TransportError, match=status[:3]) as caught:
            _http.Connection("https://somewhere.invalid").request("GET", "/x")
    assert caught.value.kind == "proxy"


@pytest.mark.parametrize("type", ["text/plän", "text/plain; charset=\xff"])
def test_a_content_type_that_is_not_ascii(type: str) -> None:
    """Its bytes are Latin-1, wherever it is asked for."""
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: %s\r\n\r\n{}" % type.encode("latin-1")
    with Stub(lambda request: answer) as stub, _http.Connection(stub.url) as connection:
        assert connection.request("GET", "/") == (200, type, b"{}")
        with connection.stream("GET", "/") as stream:
            assert stream.wait()
            assert stream.content_type == type


def test_connections_are_reused() -> None:
    with Stub(lambda request: OK) as stub, _http.Connection(stub.url) as connection:
        for _ in range(20):
            connection.request("GET", "/")
        for _ in range(20):
            with connection.stream("GET", "/") as stream:
                assert list(stream) == ["{}"]
    assert stub.connections == 1


def test_finish_keeps_the_connection_after_the_last_line() -> None:
    chunks = [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\n\r\n", b"0\r\n\r\n"]
    with Stub(lambda request: Answer(list(chunks))) as stub, _http.Connection(stub.url) as connection:
        for _ in range(5):
            with connection.stream("GET", "/") as stream:
                assert next(stream) == "a"
                stream.finish(1.0)
    assert stub.connections == 1


def test_a_connection_that_died_while_idle_is_replaced() -> None:
    with Stub(lambda request: Answer([OK], "close")) as stub, _http.Connection(stub.url) as connection:
        for _ in range(5):
            assert connection.request("POST", "/", b"{}")[0] == 200
    assert stub.connections == 5


def test_many_threads_on_one_connection_object() -> None:
    with Stub(echo) as stub, _http.Connection(stub.url) as connection:
        wrong: list[object] = []

        def work(name: bytes) -> None:
            for i in range(30):
                body = b"%s-%d" % (name, i)
                if connection.request("POST", "/", body)[2] != body:
                    wrong.append(body)

        threads = [threading.Thread(target=work, args=(b"%d" % i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert len(stub.requests) == 240
    assert stub.connections <= 8


def test_closed_means_closed() -> None:
    with Stub(lambda request: OK) as stub:
        connection = _http.Connection(stub.url)
        with connection:
            connection.request("GET", "/")
            stream = connection.stream("GET", "/")
        assert list(stream) == ["{}"]  # what was begun goes on
        with pytest.raises(ValueError, match="closed"):
            connection.request("GET", "/")


def _child(connection: _http.Connection) -> None:
    sys.exit(0 if connection.request("POST", "/", b"child")[2] == b"child" else 1)


@pytest.mark.skipif(sys.platform != "linux", reason="not on this machine: fork without danger")
def test_a_forked_child_leaves_the_parents_connection_alone() -> None:
    with Stub(echo) as stub, _http.Connection(stub.url) as connection:
        connection.request("GET", "/")
        child = multiprocessing.get_context("fork").Process(target=_child, args=(connection,))
        child.start()
        child.join(20)
        assert child.exitcode == 0
        assert stub.connections == 2
        assert connection.request("POST", "/", b"parent")[2] == b"parent"
    assert stub.connections == 2


def _end_of_a_stream(stream: _http.Stream, way: str) -> None:
    """In the child of a fork: 0 when what the child may not do is refused, and nothing else happens."""
    if way == "close":
        stream.close()
    elif way == "read":
        with pytest.raises(_http.TransportError) as caught:
            stream.read()
        sys.exit(0 if caught.value.kind == "forked" else 1)
    elif way == "next":
        with pytest.raises(_http.TransportError) as caught:
            next(stream)
        sys.exit(0 if caught.value.kind == "forked" else 1)
    sys.exit(0)


@pytest.mark.skipif(sys.platform != "linux", reason="not on this machine: fork without danger")
@pytest.mark.parametrize("way", ["close", "read", "next", "drop"])
def test_a_forked_child_leaves_the_parents_stream_alone(way: str) -> None:
    """Over TLS, where closing a connection says goodbye on it: the server would hang up on the parent."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    go = threading.Event()

    def answer(request: Request) -> Answer:
        def pieces() -> Iterator[bytes]:
            yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\n\r\n"
            assert go.wait(20)
            yield b"2\r\nb\n\r\n0\r\n\r\n"

        return Answer(pieces())

    with (
        Stub(answer, tls=context) as stub,
        _http.Connection(stub.url, ca_file=CERTIFICATE) as connection,
    ):
        stream = connection.stream("GET", "/")
        assert next(stream) == "a"
        child = multiprocessing.get_context("fork").Process(target=_end_of_a_stream, args=(stream, way))
        child.start()
        child.join(20)
        assert child.exitcode == 0
        go.set()
        assert list(stream) == ["b"]
        assert connection.request("GET", "/")[2] == b"a\nb\n"
    assert stub.connections == 1


def test_ipv6_loopback() -> None:
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("not on this machine: IPv6")
    with listener:
        port = listener.getsockname()[1]

        def serve() -> None:
            client, _ = listener.accept()
            client.recv(1000)
            client.sendall(OK)
            client.close()

        threading.Thread(target=serve, daemon=True).start()
        assert _http.Connection(f"http://[::1]:{port}").request("GET", "/")[0] == 200
