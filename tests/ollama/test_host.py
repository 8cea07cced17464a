"""Where the server is: every spelling of OLLAMA_HOST, and whom the key is for."""

import pytest

from logitlab.llms import Ollama
from logitlab.llms.ollama.host import address, key_for

DEFAULT = "http://127.0.0.1:11434"


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("", DEFAULT),
        ("1.2.3.4", "http://1.2.3.4:11434"),
        ("example.com", "http://example.com:11434"),
        ("example.com:56789", "http://example.com:56789"),
        (":56789", "http://127.0.0.1:56789"),
        ("http://h", "http://h:80"),
        ("https://h", "https://h:443"),
        ("http://h:1", "http://h:1"),
        ("HTTPS://h", "https://h:443"),
        ("ollama.com", "https://ollama.com:443"),
        ("https://ollama.com", "https://ollama.com:443"),
        ("http://ollama.com", "http://ollama.com:80"),
        ("h:1/path/", "http://h:1/path"),
        ("http://user:word@h:1/", "http://user:word@h:1"),
        ("http://h:1/a/http://b", "http://h:1/a/http://b"),
        ("https://h/a/b", "https://h:443/a/b"),
        ("http://h:1/a b", "http://h:1/a%20b"),
        ("[::1]:1", "http://[::1]:1"),
        ("[::1]", "http://[::1]:11434"),
        ("::1", "http://[::1]:11434"),
        ("http://[fe80::1]", "http://[fe80::1]:80"),
        ("0.0.0.0", DEFAULT),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        ("::", "http://[::1]:11434"),
        ("[::]:2", "http://[::1]:2"),
        ("  example.com  ", "http://example.com:11434"),
        ('"example.com"', "http://example.com:11434"),
        (" 'http://h:1' ", "http://h:1"),
        ("bücher.example", "http://xn--bcher-kva.example:11434"),
    ],
)
def test_spellings(text: str, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", text)
    assert address(None) == base
    monkeypatch.setenv("OLLAMA_HOST", "elsewhere:1")
    assert address(text) == base


def test_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    assert Ollama("m").host == DEFAULT


@pytest.mark.parametrize(
    "text", ["h:65536", "h:0", "h:abc", "h:-1", "h:1.5", "ftp://h", "[::1", "[::1]x", "h:٣"]
)
def test_what_is_no_address(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_HOST", text)
    with pytest.raises(ValueError, match=r"port must be|host must be|http"):
        Ollama("m")


@pytest.mark.parametrize("mark", ["?", "#"])
@pytest.mark.parametrize(
    "base", ["http://h", "h:1", "h", "http://ana:s3cret@h:1", "https://h/api", "http://[::1]:1/"]
)
@pytest.mark.parametrize("rest", ["s3cret", "key=s3cret", "a/s3cret"])
def test_what_follows_an_address_is_no_part_of_it(base: str, mark: str, rest: str) -> None:
    """It would become a part of the path, and a key in it would be shown by every error."""
    with pytest.raises(ValueError, match="a host must be an address") as caught:
        Ollama("m", base + mark + rest)
    assert "s3cret" not in str(caught.value)


def test_a_password_may_have_any_character() -> None:
    assert "?#" not in repr(Ollama("m", "http://ana:s3?#cret@h"))


def test_the_type() -> None:
    with pytest.raises(TypeError, match="localhost:11434"):
        Ollama("m", 11434)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("base", "sent"),
    [
        ("https://ollama.com:443", True),
        ("https://api.ollama.com:443", True),
        ("http://ollama.com:80", False),
        (DEFAULT, False),
        ("https://example.com:443", False),
        ("https://notollama.com:443", False),
        ("https://ollama.com.example:443", False),
        ("https://example.com:443/ollama.com:443", False),
    ],
)
def test_the_key_is_for_ollama_com(base: str, sent: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OLLAMA_API_KEY", "secret")
    assert key_for(base) == ("secret" if sent else None)
    llm = Ollama("m", base)
    assert (any("secret" in header for header in llm._client._headers)) is sent
    own = Ollama("m", base, headers={"authorization": "Basic eDp5"})._client._headers
    assert not any("secret" in header for header in own)
    assert "authorization: Basic eDp5" in own
