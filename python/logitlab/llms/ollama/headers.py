"""The headers of every request, checked when a client is made: an error there names the header, never its value.

Values are mostly keys. One that comes from a file ends in a newline, so the blanks around a value are left out;
what could not be one line of a request is an error before anything is sent.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from typing import Any

import logitlab
from logitlab.llms.ollama.host import key_for

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


def request_headers(base: str, user: tuple[str, str] | None, own: Any) -> list[str]:
    """Return the lines of the headers: the user's own before ours, since who gives an Authorization means it.

    Parameters
    ----------
    base : str
        The server's address: OLLAMA_API_KEY is for some of them.
    user : tuple of str, optional
        Name and password of the address, sent as basic authentication.
    own : mapping or iterable of pairs, optional
        Header names and values; a value of None leaves its header out.
    """
    ours = {"User-Agent": f"logitlab/{logitlab.__version__}"}
    if user is not None:
        ours["Authorization"] = "Basic " + base64.b64encode(":".join(user).encode()).decode()
    elif key := key_for(base):
        ours["Authorization"] = f"Bearer {_value('OLLAMA_API_KEY', key)}"
    given = _checked(own)
    names = {name.lower() for name in given}
    merged = {name: value for name, value in ours.items() if name.lower() not in names} | given
    return [f"{name}: {value}" for name, value in merged.items()]


def _checked(own: Any) -> dict[str, str]:
    return {
        _name(name): _value(f"the header {name}", value) for name, value in _pairs(own) if value is not None
    }


def _pairs(own: Any) -> list[tuple[Any, Any]]:
    if own is None:
        return []
    pairs = list(own.items()) if isinstance(own, Mapping) else own
    if isinstance(pairs, str | bytes) or not isinstance(pairs, Iterable):
        raise TypeError(f"headers must be a mapping of names to values, got {type(own).__name__}")
    pairs = list(pairs)
    if not all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
        raise TypeError("headers must be a mapping of names to values, or pairs of them, got something else")
    return [(name, value) for name, value in pairs]


def _name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"the name of a header must be a string, got {type(name).__name__}")
    if not _NAME.fullmatch(name):
        raise ValueError(
            "the name of a header must be letters, digits and hyphens, without its value, "
            f"got {name.partition(':')[0][:40]!r} and more"
        )
    return name


def _value(where: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{where} must be a string, got {type(value).__name__}")
    plain = value.strip()
    if not plain:
        raise ValueError(f"{where} must have a value, got an empty string; None leaves it out")
    if _CONTROL.search(plain):
        raise ValueError(f"{where} must be one line, got one with a line end or a control character in it")
    return plain
