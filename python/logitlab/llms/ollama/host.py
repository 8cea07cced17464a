"""Where the server is: every way of writing OLLAMA_HOST that Ollama itself takes.

The rules are those of `envconfig/config.go`: without a scheme it is http on port 11434, with one that
scheme's own port; 0.0.0.0 and ::, on which a server listens, are this machine to a client; ollama.com is
https. A port that is none is an error here (Ollama takes its default instead, and another server answers).
"""

import os
from urllib.parse import quote

from logitlab.messages import shown

_PORT = 11434


def address(host: str | None) -> str:
    """The base address for `host`, or for OLLAMA_HOST when that is None, without a slash at its end.

    Examples
    --------
    >>> address("example.com"), address("https://example.com/ollama/"), address(":8080"), address("[::]:1")
    ('http://example.com:11434', 'https://example.com:443/ollama', 'http://127.0.0.1:8080', 'http://[::1]:1')
    """
    text = _plain(os.environ.get("OLLAMA_HOST", "") if host is None else host)
    scheme, separator, rest = text.partition("://") if "://" in text else ("http", "", text)
    scheme = scheme.lower()
    if scheme not in ("http", "https"):
        raise ValueError(f"an Ollama server is reached by http or https, not {shown(text)}")
    port = {"http": 80, "https": 443}[scheme] if separator else _PORT
    authority, slash, path = rest.partition("/")
    user, at, authority = authority.rpartition("@")
    name, given = _split(authority, text)
    if not separator and name == "ollama.com" and not given:
        scheme, port = "https", 443
    path = quote((slash + path).rstrip("/"), safe="/%:@!$&'()*+,;=~-._")
    return f"{scheme}://{user}{at}{_client_name(name)}:{_port(given, text) if given else port}{path}"


def key_for(base: str) -> str | None:
    """OLLAMA_API_KEY, for ollama.com over https and no other host: it opens an account."""
    host = base.removeprefix("https://").partition("/")[0].rpartition(":")[0]
    if not base.startswith("https://") or not (host == "ollama.com" or host.endswith(".ollama.com")):
        return None
    return os.environ.get("OLLAMA_API_KEY") or None


def _plain(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"host needs to be a string such as 'localhost:11434', not {shown(text)}")
    return text.strip().strip("\"'").strip()


def _split(authority: str, text: str) -> tuple[str, str]:
    """The host's name and the port as written; an IPv6 address without a port may stand without brackets."""
    if authority.startswith("["):
        name, bracket, rest = authority[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"a host such as '[::1]:11434' is needed, not {shown(text)}")
        return f"[{name}]", rest[1:]
    if authority.count(":") > 1:
        return f"[{authority}]", ""
    name, _, port = authority.partition(":")
    return name, port


def _port(port: str, text: str) -> int:
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"a port is a number from 1 to 65535, not {shown(port)} in {shown(text)}")
    return int(port)


def _client_name(name: str) -> str:
    """What a client connects to where a server listens on all addresses; international names in ASCII."""
    if name in ("", "0.0.0.0"):
        return "127.0.0.1"
    if name == "[::]":
        return "[::1]"
    return name if name.isascii() else name.encode("idna").decode()
