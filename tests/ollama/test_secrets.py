"""Keys and passwords are sent to whom they are for, and never shown: in no text, no error, no answer."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from wire.stub import RECORDINGS, Stub, ndjson, recorded, respond

from logitlab.llms import Ollama, OllamaError, connect
from logitlab.llms.ollama.host import address, without_user

DONE = {"model": "m", "response": "hi", "message": {"role": "assistant", "content": "hi"}, "done": True}


def with_user(url: str, user: str) -> str:
    return url.replace("://", f"://{user}@")


@pytest.mark.parametrize(
    ("user", "sent"),
    [
        ("ana:s3cret", "ana:s3cret"),
        ("ana:s3%40cret", "ana:s3@cret"),
        ("ana:s3@cret:x", "ana:s3@cret:x"),
        ("ana:s3cret é", "ana:s3cret é"),
        ("s3cret", "s3cret:"),
        (":s3cret", ":s3cret"),
    ],
)
def test_a_password_in_the_address(
    user: str, sent: str, capfd: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    monkeypatch.setattr("logitlab.llms.ollama.client.PATIENCE", 0.0)
    monkeypatch.delenv("LOGITLAB_CONNECT", raising=False)
    with Stub(lambda request: recorded("005-show") if request.path == "/api/show" else ndjson(DONE)) as stub:
        llm = connect("m", host=with_user(stub.url, user))
        assert isinstance(llm, Ollama)
        response = llm.complete("hi")
        shown = [repr(llm), str(llm), llm.host, repr(response), *capfd.readouterr()]
    for request in stub.requests:
        assert base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode() == sent
    for text in shown:
        assert "cret" not in text
    assert "***@" in repr(llm)
    assert "cret" not in _failures(llm)


def _failures(llm: Ollama) -> str:
    """All that errors say, when the server is gone."""
    said = []
    for call in (lambda: llm.complete("hi"), llm.version, lambda: asyncio.run(llm.acomplete("hi"))):
        with pytest.raises(OllamaError) as caught:
            call()
        said.append(f"{caught.value!r} {caught.value} {caught.value.__cause__}")
    return " ".join(said)


ANSWERS: dict[str, Any] = {
    "no JSON": respond(b"<html>", type="text/html"),
    "a status": respond(b"no", status="500 No"),
    "a redirect": respond(b"", status="307 Away", Location="http://:x/"),
    "an error": ndjson({"error": "boom"}),
    "nothing": ndjson(),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_no_error_shows_it(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with Stub(lambda request: ANSWERS[name]) as stub:
        llm = Ollama("m", with_user(stub.url, "ana:s3cret"), headers={"X-Key": "k3y"})
        for call in (lambda: llm.complete("hi"), llm.version, llm.pull, lambda: llm.embed("hi"), llm.list):
            with pytest.raises(OllamaError) as caught:
                call()
            text = f"{caught.value!r} {caught.value.__cause__} {caught.value.__context__}"
            assert "s3cret" not in text
            assert "k3y" not in text
    assert "s3cret" not in "".join(capfd.readouterr())


NONE = [
    "ftp://ana:s3cret@h",
    "http://ana:s3cret@h:99999",
    "http://ana:s3/cret@h",
    "http://ana:s3cret@[::1",
    "ana:s3cret@h:x",
    "http://ana:s3cret@h h",
]


@pytest.mark.parametrize("host", NONE)
def test_an_address_that_is_none_is_not_shown_whole(host: str) -> None:
    with pytest.raises((ValueError, OllamaError)) as caught:
        Ollama("m", host).version()
    assert "cret" not in f"{caught.value}{caught.value.__cause__}"


def test_what_is_shown_of_a_user() -> None:
    assert without_user(address("http://ana:s3cret@h/p"))[:2] == ("http://h:80/p", "http://ana:***@h:80/p")
    assert without_user(address("http://t0ken@h"))[1] == "http://***@h:80"
    assert without_user(address("h"))[1] == "http://h:11434"


def test_who_gives_an_authorization_means_it() -> None:
    with Stub(lambda request: ndjson(DONE)) as stub:
        Ollama("m", with_user(stub.url, "ana:x"), headers={"authorization": "Bearer mine"}).complete("hi")
    assert stub.requests[0].headers["authorization"] == "Bearer mine"


GOOD: dict[str, tuple[Any, str | None]] = {
    "plain": ("abc", "abc"),
    "from a file": ("Bearer abc\n", "Bearer abc"),
    "from Windows": ("abc\r\n", "abc"),
    "blanks": ("  a b\t", "a b"),
    "None": (None, None),
}


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("kind", [dict, list, iter])
def test_headers_that_are_good(name: str, kind: Callable[[Any], Any]) -> None:
    value, sent = GOOD[name]
    with Stub(lambda request: ndjson(DONE)) as stub:
        Ollama("m", stub.url, headers=kind({"X-Key": value}.items())).complete("hi")
    assert stub.requests[0].headers.get("x-key") == sent


BAD: dict[str, tuple[Any, type[Exception], str]] = {
    "empty": ({"X-Key": ""}, ValueError, "X-Key.*empty"),
    "blank": ({"X-Key": " \n"}, ValueError, "X-Key.*empty"),
    "two lines": ({"X-Key": "s3cret\nX-Other: s3cret"}, ValueError, "X-Key.*one line"),
    "NUL": ({"X-Key": "s3cret\0"}, ValueError, "X-Key.*one line"),
    "bytes": ({"X-Key": b"s3cret"}, TypeError, "X-Key.*string, got bytes"),
    "number": ({"X-Key": 5}, TypeError, "X-Key.*string, got int"),
    "list": ({"X-Key": ["s3cret"]}, TypeError, "X-Key.*string, got list"),
    "a name of two words": ({"X Key": "s3cret"}, ValueError, "name of a header.*'X Key'"),
    "a line as name": ({"X-Key: s3cret": ""}, ValueError, "name of a header.*'X-Key'"),
    "no name": ({"": "s3cret"}, ValueError, "name of a header"),
    "bytes as name": ({b"X-Key": "s3cret"}, TypeError, "name of a header.*bytes"),
    "a line": ("X-Key: s3cret", TypeError, "mapping.*str"),
    "lines": (["X-Key: s3cret"], TypeError, "mapping"),
    "a number": (5, TypeError, "mapping.*int"),
}


@pytest.mark.parametrize("name", BAD)
def test_headers_that_are_bad(name: str) -> None:
    """The constructor says it, and names the header, never its value."""
    given, error, needed = BAD[name]
    with pytest.raises(error, match=f"(?s){needed}") as caught:
        Ollama("m", headers=given)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "sent"),
    [("s3cret\n", "Bearer s3cret"), (" s3cret ", "Bearer s3cret"), ("\n", None), ("", None)],
)
def test_the_key_of_the_environment(value: str, sent: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", value)
    headers = Ollama("m", "https://ollama.com")._client._headers
    assert [line for line in headers if line.startswith("Authorization")] == (
        [f"Authorization: {sent}"] if sent else []
    )
    monkeypatch.setenv("OLLAMA_API_KEY", "s3cret\nX-Other: s3cret")
    with pytest.raises(ValueError, match="OLLAMA_API_KEY must be one line") as caught:
        Ollama("m", "https://ollama.com")
    assert "s3cret" not in str(caught.value)
    Ollama("m", "localhost")  # for whom it is not


CERTIFICATE = str(RECORDINGS.parent / "localhost.pem")


@pytest.fixture
def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


@pytest.mark.parametrize("verify", [CERTIFICATE, RECORDINGS.parent / "localhost.pem", False])
def test_whom_a_client_trusts(verify: Any, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with Stub(lambda request: ndjson(DONE), tls=tls) as stub:
        with pytest.raises(OllamaError, match=r"verify=.*SSL_CERT_FILE"):
            Ollama("m", stub.url).complete("hi")
        assert Ollama("m", stub.url, verify=verify).complete("hi").text == "hi"
        monkeypatch.setenv("SSL_CERT_FILE", CERTIFICATE)
        assert Ollama("m", stub.url).complete("hi").text == "hi"


@pytest.mark.parametrize(
    "cert", [CERTIFICATE, (CERTIFICATE,), (CERTIFICATE, CERTIFICATE), (CERTIFICATE, CERTIFICATE, "s3cret")]
)
def test_the_clients_own_certificate(cert: Any, tls: ssl.SSLContext) -> None:
    tls.load_verify_locations(CERTIFICATE)
    tls.verify_mode = ssl.CERT_REQUIRED
    with Stub(lambda request: ndjson(DONE), tls=tls) as stub:
        with pytest.raises(OllamaError):
            Ollama("m", stub.url, verify=CERTIFICATE).complete("hi")
        llm = Ollama("m", stub.url, verify=CERTIFICATE, cert=cert)
        assert llm.complete("hi").text == "hi"
        with contextlib.suppress(OllamaError):
            llm.complete("hi", keep_alive=1)
    assert "s3cret" not in repr(llm)


@pytest.mark.parametrize(
    ("given", "error", "needed"),
    [
        ({"verify": "/nowhere.pem"}, FileNotFoundError, "verify must be True, False or the path.*nowhere"),
        ({"verify": None}, TypeError, "verify must be True, False or the path.*NoneType"),
        ({"verify": 1}, TypeError, "verify must be.*int"),
        ({"cert": "/nowhere.pem"}, FileNotFoundError, "cert must be the path.*nowhere"),
        ({"cert": (CERTIFICATE, "/nowhere.pem")}, FileNotFoundError, "cert must be the path.*nowhere"),
        ({"cert": ()}, TypeError, "cert must be.*0 parts"),
        ({"cert": (CERTIFICATE, CERTIFICATE, 5)}, TypeError, "password of type int"),
        ({"cert": 5}, TypeError, "cert must be.*int"),
    ],
)
def test_files_that_are_not_there(given: Any, error: type[Exception], needed: str) -> None:
    with pytest.raises(error, match=needed):
        Ollama("m", "https://h", **given)
