"""The sentence beside an error sends the user to the right place; copy and delete are one request each."""

import socket
import ssl
import threading
from pathlib import Path
from typing import Any

import pytest
from wire.stub import Request, Stub, recorded, respond

from logitlab.llms import ModelNotFoundError, Ollama, OllamaConnectionError, OllamaError, OllamaResponseError

CERTIFICATE = Path(__file__).parents[1] / "wire" / "localhost.pem"


def missing(request: Request) -> bytes:
    return recorded("052-err-unknown-model")


def said(call: Any) -> str:
    with pytest.raises(OllamaError) as caught:
        call()
    return str(caught.value)


def test_copy_and_delete() -> None:
    with Stub(lambda request: respond(b"", type="text/plain")) as stub:
        llm = Ollama("gemma:7b", stub.url)
        assert llm.copy("my-gemma") is None
        assert llm.delete() is None
        for wrong in ("", None, 3):
            with pytest.raises(TypeError, match="name must be that of the copy"):
                llm.copy(wrong)  # type: ignore[arg-type]
    assert [(request.method, request.path, request.json) for request in stub.requests] == [
        ("POST", "/api/copy", {"source": "gemma:7b", "destination": "my-gemma"}),
        ("DELETE", "/api/delete", {"model": "gemma:7b"}),
    ]


@pytest.mark.parametrize(
    "call",
    [
        lambda llm: llm.delete(),
        lambda llm: llm.copy("another"),
        lambda llm: llm.request("DELETE", "/api/delete", {"model": "another"}),
    ],
    ids=["delete", "copy", "request"],
)
def test_who_deletes_a_model_is_not_told_to_pull_it(call: Any) -> None:
    with Stub(missing) as stub:
        llm = Ollama("nope", stub.url)
        with pytest.raises(ModelNotFoundError) as caught:
            call(llm)
    assert "not found" in str(caught.value)
    assert "pull" not in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda llm: llm.complete("x"),
        lambda llm: llm.chat([{"role": "user", "content": "x"}]),
        lambda llm: llm.show(),
        lambda llm: llm.embed("x"),
    ],
    ids=["complete", "chat", "show", "embed"],
)
def test_the_advice_for_a_missing_model_is_a_line_that_works(call: Any) -> None:
    with Stub(missing) as stub:
        message = said(lambda: call(Ollama("nope", stub.url)))
    assert "`ollama pull nope`" in message
    assert "Ollama('nope').pull()" in message


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_a_blob_that_is_not_there(method: str) -> None:
    answer = respond(b"", status="404 Not Found", type="text/plain")
    with Stub(lambda request: answer) as stub:
        message = said(lambda: Ollama("m", stub.url).request(method, "/api/blobs/sha256:00"))
    assert "does not have this blob" in message
    assert "Is this an Ollama server" not in message


@pytest.mark.parametrize("end", ["/api", "/api/"])
def test_a_host_that_ends_in_api(end: str) -> None:
    answer = respond(b"404 page not found", status="404 Not Found", type="text/plain")
    with Stub(lambda request: answer) as stub:
        message = said(Ollama("m", stub.url + end).version)
    assert "Leave /api out of host=" in message


def test_https_before_a_plain_server() -> None:
    """A real server answers a TLS greeting at once, with a 400; the stub would wait for the rest of a request."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request")

        threading.Thread(target=answer, daemon=True).start()
        where = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(OllamaConnectionError) as caught:
            Ollama("m", f"https://{where}").version()
    assert f"Use http://{where}" in str(caught.value)
    assert "certificate" not in str(caught.value)


def test_a_certificate_that_is_not_trusted_is_still_told_as_that() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with Stub(lambda request: respond(b"{}"), tls=context) as stub:
        assert "certificate" in said(Ollama("m", stub.url).version)


def test_http_before_a_server_that_speaks_tls() -> None:
    """Go's servers answer so."""
    words = b"Client sent an HTTP request to an HTTPS server.\n"
    with Stub(lambda request: respond(words, status="400 Bad Request", type="text/plain")) as stub:
        with pytest.raises(OllamaResponseError) as caught:
            Ollama("m", stub.url).version()
    assert "https://" in str(caught.value)
