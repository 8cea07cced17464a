"""What a proxy of the environment says is told as the proxy's, and this machine is reached without one."""

import asyncio
import contextlib
import socket
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from wire.stub import Stub, broken, ndjson, respond

from logitlab.llms import Ollama, OllamaConnectionError, OllamaError
from logitlab.llms.ollama.host import address, is_this_machine
from logitlab.llms.ollama.proxy import proxy_for

DONE = {"model": "m", "response": "hi", "message": {"role": "assistant", "content": "hi"}, "done": True}
FAR = "http://192.0.2.7:11434"  # an address that nobody has


@pytest.fixture(autouse=True)
def _no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def _drain(stream: Any) -> None:
    async for _ in stream:
        pass


WAYS: dict[str, Callable[[Ollama], Any]] = {
    "sync": lambda llm: llm.complete("hi"),
    "stream": lambda llm: list(llm.stream_complete("hi")),
    "async": lambda llm: asyncio.run(llm.acomplete("hi")),
    "async stream": lambda llm: asyncio.run(_drain(llm.astream_chat([{"role": "user", "content": "hi"}]))),
    "request": lambda llm: llm.version(),
}
SAID: dict[str, Any] = {
    "503": respond(b"<html>Service Unavailable</html>", status="503 No", type="text/html"),
    "403": respond(b"", status="403 Forbidden"),
    "407": respond(b"who are you?", status="407 Proxy Authentication Required"),
    "401": respond(b"<html>log in</html>", status="401 No", type="text/html"),
    "404": respond(b"<html>no such page</html>", status="404 No", type="text/html"),
    "a page": respond(b"<html>log in</html>", type="text/html"),
    "nothing": respond(b"", status="304 Not Modified"),
    "half": broken(ndjson(DONE), 150, "close"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SAID)
def test_what_a_proxy_says_is_the_proxys(name: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub(lambda request: SAID[name]) as proxy:
        monkeypatch.setenv("http_proxy", f"http://ana:s3cret@127.0.0.1:{proxy.port}")
        with pytest.raises(OllamaError) as caught:
            WAYS[way](Ollama("m", FAR))
    said = str(caught.value)
    assert f"proxy http://***@127.0.0.1:{proxy.port}" in said
    assert "variable http_proxy" in said
    assert "no_proxy=192.0.2.7" in said
    assert "s3cret" not in said
    for advice in (
        "OLLAMA_MAX_QUEUE",
        "host name",
        "signin",
        "ollama serve",
        "an Ollama server, and a recent",
    ):
        assert advice not in said


@pytest.mark.parametrize("way", WAYS)
def test_a_proxy_that_is_not_there(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    monkeypatch.setenv("all_proxy", f"http://127.0.0.1:{port}")
    with pytest.raises(OllamaConnectionError, match=f"by the proxy http://127.0.0.1:{port}") as caught:
        WAYS[way](Ollama("m", FAR))
    said = str(caught.value)
    assert "variable all_proxy" in said
    assert "no_proxy=192.0.2.7" in said
    assert "ollama serve" not in said


@pytest.mark.parametrize(
    "value", ["ana:s3cret@nowhere.invalid:1", "http://ana:s3cret@127.0.0.1:xyz", "socks9://ana:s3cret@h"]
)
def test_a_proxy_that_is_no_address(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", value)
    with pytest.raises(OllamaError, match="variable http_proxy") as caught:
        Ollama("m", FAR).complete("hi")
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("status", ["407 Who", "403 No"])
@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_tunnel_that_is_refused(status: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub(lambda request: respond(b"no", status=status)) as proxy:
        monkeypatch.setenv(variable, proxy.url)
        with pytest.raises(OllamaConnectionError, match=f"{status[:3]}.*no_proxy=192.0.2.7") as caught:
            Ollama("m", FAR.replace("http", "https")).complete("hi")
    assert f"variable {variable}" in str(caught.value)


def test_an_error_of_ollamas_own_keeps_its_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub(lambda request: respond(b'{"error": "server busy"}', status="503 B")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with pytest.raises(OllamaError, match="OLLAMA_MAX_QUEUE"):
            Ollama("m", FAR).complete("hi")


@pytest.mark.parametrize("status", [401, 403, 404, 413, 500, 502, 503, 504])
@pytest.mark.parametrize(
    "body", [b"<html><h1>nginx</h1></html>", b"Bad Gateway", b'{"message": "no"}', b"[]"]
)
def test_a_server_in_front_of_ollama_gets_no_advice_of_ollamas(status: int, body: bytes) -> None:
    with (
        Stub(lambda request: respond(body, status=f"{status} No")) as stub,
        pytest.raises(OllamaError) as caught,
    ):
        Ollama("m", stub.url).complete("hi")
    said = str(caught.value)
    assert f"HTTP {status}" in said
    for advice in ("OLLAMA_MAX_QUEUE", "host name", "signin", "think="):
        assert advice not in said
    assert ("an Ollama server" if status == 404 else "in front of it") in said


THIS = [
    "localhost",
    "Localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "127.0.0.1",
    "127.1",
    "127.255.0.3",
    "0x7f.1",
    "2130706433",
    "017700000001",
    "0.0.0.0",
    "0",
    "0x0",
    "[::1]",
    "::1",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[0::0]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:0.0.0.0]",
]
OTHER = [
    "192.0.2.7",
    "128.0.0.1",
    "127.example.com",
    "localhost.example.com",
    "xlocalhost",
    "[::2]",
    "[2001:db8::1]",
    "1",
    "[::ffff:192.0.2.7]",
    "127.0.0.1.example.com",
    "256.0.0.1",
]


@pytest.mark.parametrize("host", THIS)
def test_this_machine_is_reached_without_a_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub(lambda request: ndjson(DONE)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert is_this_machine(address(host))
        assert proxy_for(address(host)) is None
        with Stub(lambda request: ndjson(DONE)) as stub:
            bracketed = f"[{host}]" if host.count(":") > 1 and "[" not in host else host
            with contextlib.suppress(OllamaConnectionError):  # a name or IPv6 need not lead here
                Ollama("m", f"{bracketed}:{stub.port}").complete("hi")
    assert proxy.requests == []


@pytest.mark.parametrize("host", OTHER)
def test_another_machine_is_not_this_one(host: str) -> None:
    assert not is_this_machine(address(host))


@pytest.mark.parametrize(
    ("host", "listed", "around"),
    [
        ("example.com", "example.com", True),
        ("api.example.com", "example.com", True),
        ("api.example.com", ".example.com", True),
        ("notexample.com", "example.com", False),
        ("example.com", "a.com, EXAMPLE.com", True),
        ("example.com", "a.com b.com", False),
        ("example.com", "*", True),
        ("example.com", "", False),
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.0/24", True),
        ("192.0.2.7", "192.0.3.0/24", False),
        ("[2001:db8::1]", "2001:db8::1", True),
    ],
)
def test_whom_no_proxy_is_for(host: str, listed: str, around: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule that explains is the rule that holds: curl asks the proxy exactly where we say so."""
    from logitlab import _http

    with Stub(lambda request: respond(b"{}")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", listed)
        assert (proxy_for(f"http://{host}:1") is None) == around
        with contextlib.suppress(_http.TransportError):
            _http.Connection(f"http://{host}:1", connect_timeout=0.3).request("GET", "/")
    assert bool(proxy.requests) == (not around)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "named", ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
)
def test_which_variable_names_it(scheme: str, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(named, "h:1")
    expected = named.lower().startswith(("all", f"{scheme}_")) and named != "HTTP_PROXY"
    proxy = proxy_for(f"{scheme}://example.com:1")
    assert (proxy is not None and proxy.variable == named) == expected
