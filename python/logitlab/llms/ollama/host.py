"""Where the server is: every way of writing OLLAMA_HOST that Ollama itself takes.

The rules are those of `envconfig/config.go`: without a scheme it is http on port 11434, with one that
scheme's own port; 0.0.0.0 and ::, on which a server listens, are this machine to a client; ollama.com is
https. A port that is none is an error here (Ollama takes its default instead, and another server answers).

An address may hold a user's name and password. They are split off here, before anything is sent or shown.
"""

import ipaddress
import os
import re
import socket
from urllib.parse import quote, unquote

from logitlab.messages import shown

_PORT = 11434
_IPv4 = re.compile(r"(0[xX][0-9a-fA-F]+|[0-9]+)(\.(0[xX][0-9a-fA-F]+|[0-9]+)){0,3}")


def address(host: str | None) -> str:
    """Return the base address for `host`, or for OLLAMA_HOST when that is None, without a slash at its end.

    Examples
    --------
    >>> address("example.com"), address("https://example.com/ollama/"), address(":8080"), address("[::]:1")
    ('http://example.com:11434', 'https://example.com:443/ollama', 'http://127.0.0.1:8080', 'http://[::1]:1')
    """
    text = _plain(os.environ.get("OLLAMA_HOST", "") if host is None else host)
    scheme, separator, rest = text.partition("://") if "://" in text else ("http", "", text)
    scheme = scheme.lower()
    if scheme not in ("http", "https"):
        raise ValueError(f"an Ollama server is reached by http or https, not {shown(hidden(text))}")
    port = {"http": 80, "https": 443}[scheme] if separator else _PORT
    authority, slash, path = rest.partition("/")
    user, at, authority = authority.rpartition("@")
    _check_plain(authority + slash + path, hidden(text))
    name, given = _split(authority, text)
    if not separator and name == "ollama.com" and not given:
        scheme, port = "https", 443
    path = quote((slash + path).rstrip("/"), safe="/%:@!$&'()*+,;=~-._")
    user = quote(user, safe="%:!$&'()*+,;=~-._")
    return f"{scheme}://{user}{at}{_client_name(name)}:{_port(given, text) if given else port}{path}"


def _check_plain(place: str, shown_as: str) -> None:
    """Refuse a query and a fragment: a server never sees them, and what they hold may be a key."""
    if odd := next((mark for mark in place if mark in "?#"), None):
        raise ValueError(
            f"a host must be an address that ends before {odd!r}, got more behind {shown(shown_as.partition(odd)[0])}; "
            "a key goes into headers= or before the host, as in http://user:password@host"
        )


def hidden(text: str) -> str:
    """`text`, an address as somebody wrote it, without the user and the password that may be in it."""
    start = text.find("://") + 3 if "://" in text else 0
    at = text.rfind("@")
    return text if at < start else f"{text[:start]}***{text[at:]}"


def without_user(base: str) -> tuple[str, str, tuple[str, str] | None]:
    """Return a base address without its user, the same as it may be shown, and the user and password if there are any.

    Examples
    --------
    >>> without_user("http://ana:s3cret@example.com:80")
    ('http://example.com:80', 'http://ana:***@example.com:80', ('ana', 's3cret'))
    """
    scheme, _, rest = base.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, place = authority.rpartition("@")
    if not at:
        return base, base, None
    name, colon, password = user.partition(":")
    shown = f"{name}:***" if colon else "***"  # a single word may be a token
    clean = f"{place}{slash}{path}"
    return f"{scheme}://{clean}", f"{scheme}://{shown}@{clean}", (unquote(name), unquote(password))


def host_of(base: str) -> str:
    """Return the host's name in a base address without a user, with the brackets of IPv6."""
    return base.partition("://")[2].partition("/")[0].rpartition(":")[0]


def is_this_machine(base: str) -> bool:
    """Whether the host is this machine, however it is spelt: a proxy could not reach it.

    Examples
    --------
    >>> [is_this_machine(f"http://{host}:80") for host in ("LocalHost.", "0x7f.1", "[::ffff:127.0.0.1]", "10.0.0.1")]
    [True, True, True, False]
    """
    name = host_of(base)
    plain = name.lower().rstrip(".")
    if plain == "localhost" or plain.endswith(".localhost"):
        return True
    ip = _ip(name)
    return ip is not None and (ip.is_loopback or ip.is_unspecified)


def _ip(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that a name is, in every spelling of a number that `inet_aton` takes."""
    if name.startswith("["):
        try:
            six = ipaddress.IPv6Address(name[1:-1])
        except ValueError:
            return None
        return six.ipv4_mapped or six
    if not _IPv4.fullmatch(name):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(name))
    except OSError:
        return None


def key_for(base: str) -> str | None:
    """OLLAMA_API_KEY, for ollama.com over https and no other host: it opens an account."""
    host = host_of(base)
    if not base.startswith("https://") or not (host == "ollama.com" or host.endswith(".ollama.com")):
        return None
    return os.environ.get("OLLAMA_API_KEY", "").strip() or None


_LONGEST = 1000  # of an address with its path; every error about a server shows it


def _plain(text: object) -> str:
    if not isinstance(text, str):
        raise TypeError(f"host must be a string such as 'localhost:11434', got {shown(text)}")
    if len(text) > _LONGEST:
        raise ValueError(f"a host must be an address of at most {_LONGEST} characters, got {len(text)}")
    return text.strip().strip("\"'").strip()


def _split(authority: str, text: str) -> tuple[str, str]:
    """Return the host's name and the port as written; an IPv6 address without a port may stand without brackets."""
    if authority.startswith("["):
        name, bracket, rest = authority[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"host must be like '[::1]:11434', got {shown(hidden(text))}")
        return f"[{name}]", rest[1:]
    if authority.count(":") > 1:
        return f"[{authority}]", ""
    name, _, port = authority.partition(":")
    return name, port


def _port(port: str, text: str) -> int:
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        came = f"{shown(port)} in {shown(text)}" if hidden(text) == text else shown(hidden(text))
        raise ValueError(f"the port must be in [1, 65535], got {came}")
    return int(port)


def _client_name(name: str) -> str:
    """Return what a client connects to where a server listens on all addresses; international names in ASCII."""
    ip = _ip(name)
    if not name or (ip is not None and ip.is_unspecified):
        return "[::1]" if ip is not None and ip.version == 6 else "127.0.0.1"
    return name if name.isascii() else name.encode("idna").decode()
