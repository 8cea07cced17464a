"""What can go wrong with a server, each told apart: `except OllamaError` catches all of it.

The message holds the server's own words and what to do. An exception that ended an answer has the text that
had come by then as a response in `.partial`.
"""

import json
import re
from typing import TYPE_CHECKING, Any

from logitlab.llms.ollama.present import present

if TYPE_CHECKING:
    from logitlab._http import TransportError
    from logitlab.llms.ollama.proxy import Proxy
    from logitlab.llms.responses import ChatResponse, CompletionResponse


class OllamaError(Exception):
    """A request to Ollama that failed.

    Attributes
    ----------
    status : int or None
        The HTTP status of the answer; None when there was no answer.
    partial : CompletionResponse or ChatResponse
        What had come before, on an exception raised by complete, chat or their streams.
    """

    partial: "CompletionResponse | ChatResponse"

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class OllamaConnectionError(OllamaError, ConnectionError):
    """No server was reached, or it is not to be trusted."""


class OllamaTimeoutError(OllamaError, TimeoutError):
    """The server was silent for longer than `timeout` seconds."""


class OllamaResponseError(OllamaError):
    """The server refused or failed, and said so: by a status, or by an error line in a stream (then 200)."""


class ModelNotFoundError(OllamaResponseError):
    """The server does not have the model."""


class OllamaIncompleteError(OllamaError):
    """The answer ended before its end: no last line, or a connection that broke."""


class OllamaProtocolError(OllamaError):
    """What came is not what an Ollama server says."""


_START = (
    "Start the server with `ollama serve` (or the Ollama app; https://ollama.com/download), or set "
    "OLLAMA_HOST or host= to where it runs."
)


# what OpenSSL, LibreSSL, GnuTLS and Secure Transport say of a server that answers in plain HTTP
_NO_TLS = re.compile(
    r"wrong version number|unknown protocol|packet length too long|http request|unexpected TLS packet"
)
_NOT_FOUND = re.compile(r"model ['\"](.*)['\"] not found\b.*")


def from_transport(error: "TransportError", base: str, status: int, proxy: "Proxy | None") -> OllamaError:
    """Return the error for a request that got no answer, or not all of it."""
    said = str(error)
    if proxy is not None and error.kind in ("connect", "proxy"):
        return OllamaConnectionError(f"no way to {base} by {proxy.name} ({said}): {proxy.way_around}")
    through = "" if proxy is None else f". The request went by {proxy.name}; {proxy.way_around}"
    return _by_kind(error.kind, said, base, status or None, through)


def _by_kind(kind: str, said: str, base: str, status: int | None, through: str) -> OllamaError:
    if kind == "files":
        return OllamaConnectionError(
            f"too many open files: nothing was sent to {base}. {_limit_of_files()}Close the models that are "
            "not used any more, or ask one for all answers"
        )
    if kind == "setup":
        return OllamaConnectionError(f"this libcurl cannot make the request to {base} ({said})")
    if kind in ("connect", "resolve"):
        return OllamaConnectionError(f"no Ollama server at {base} ({said}). {_START}{through}")
    if kind == "tls" and _NO_TLS.search(said):
        return OllamaConnectionError(
            f"the server at {base} does not speak TLS ({said}). Use {base.replace('https', 'http', 1)}{through}"
        )
    if kind == "tls":
        return OllamaConnectionError(
            f"the certificate of {base} cannot be trusted, or cert= cannot be used ({said}). verify=, or "
            f"SSL_CERT_FILE, names a file of certificates to trust; verify=False trusts any{through}"
        )
    if kind == "silence":
        return OllamaTimeoutError(
            f"{base}: {said}. A large model takes minutes to load: a larger timeout=, or None, waits for it"
            f"{through}",
            status,
        )
    if kind == "broken" and "certificate required" in said:
        return OllamaConnectionError(f"{base} asks for a client's certificate ({said}): cert= names one")
    if kind in ("broken", "closed", "forked"):
        return OllamaIncompleteError(
            f"the connection to {base} broke before the answer's end ({said}){through}", status
        )
    return OllamaProtocolError(f"{base} does not answer as an Ollama server does ({said}){through}", status)


def _limit_of_files() -> str:
    try:
        import resource
    except ImportError:
        return ""
    return f"This process may have {resource.getrlimit(resource.RLIMIT_NOFILE)[0]} (`ulimit -n`). "


def not_ollama(message: str, status: int, proxy: "Proxy | None") -> OllamaProtocolError:
    """Return the error for what no Ollama server says; a proxy on the way may have said it."""
    return OllamaProtocolError(message + _by(proxy), status)


def _by(proxy: "Proxy | None") -> str:
    return "" if proxy is None else f". It may be said by {proxy.name}; {proxy.way_around}"


def from_answer(status: int, body: bytes, base: str, path: str, proxy: "Proxy | None") -> OllamaError:
    """Return the error for an answer with a status of 400 or more, whatever its body is.

    What to do about it is said only where Ollama itself has answered: its errors are JSON.
    """
    said = _words(body)
    where = f"HTTP {status} from {base}{path}"
    message = f"{said} ({where})" if said else f"{where}, without a message"
    missing = _NOT_FOUND.fullmatch(said) if status == 404 else None
    if missing:
        if path in ("/api/delete", "/api/copy"):  # who deletes a model does not want it first
            return ModelNotFoundError(message, status)
        message += f". Get it with `ollama pull {missing[1]}`, or Ollama({missing[1]!r}).pull()"
        return ModelNotFoundError(message, status)
    if _is_ollamas(body):
        return OllamaResponseError(message + _advice(status, said, base, path), status)
    return OllamaResponseError(message + (_by(proxy) or _doubt(status, body, said, base, path)), status)


def _is_ollamas(body: bytes) -> bool:
    """Whether it is an error as Ollama writes them: a JSON object with an "error" that is a string."""
    try:
        value = json.loads(body)
    except ValueError:
        return False
    return isinstance(value, dict) and isinstance(value.get("error"), str)


def _doubt(status: int, body: bytes, said: str, base: str, path: str) -> str:
    """Return what to think of an answer that is no error of Ollama's, where no proxy is known."""
    if status in (400, 404) and (advice := _advice(status, said, base, path)):
        return advice  # about the address, whoever answers there
    if status == 403 and not body:
        return ". Ollama answers so when it does not serve this host name: OLLAMA_HOST on its side decides"
    if not body:
        return ""
    return ". Ollama says its errors in JSON: a server in front of it may have answered, such as nginx"


def from_line(error: Any, base: str, path: str) -> OllamaError:
    """Return the error for a line {"error": ...} in an answer that began well."""
    return OllamaResponseError(f"{_message(present(error))} (in the answer of {base}{path})", 200)


def _words(body: bytes) -> str:
    """Return the server's own words: JSON's "error", or the text as it is."""
    text = body.decode("utf-8", "replace")
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip()[:500]
    value = present(value)
    if value == {}:
        return ""
    if isinstance(value, dict) and "error" in value:
        return _message(value["error"])
    return text.strip()[:500]


def _message(error: Any) -> str:
    """Return an "error" is a string, a string that holds JSON with another error in it, or OpenAI's object."""
    if isinstance(error, dict):
        inner = error.get("error") or error.get("message")
        return _message(inner) if inner else json.dumps(error)
    if isinstance(error, str) and error.startswith("{"):
        try:
            return _message(present(json.loads(error)))
        except ValueError:
            return error
    return str(error)


def _advice(status: int, said: str, base: str, path: str) -> str:
    """Return what to do, where that is known: a sentence of its own."""
    if status == 400 and "HTTP request to an HTTPS server" in said:
        return f". Use {base.replace('http', 'https', 1)}"
    if status == 404 and path.startswith("/api/blobs/"):
        return ". The server does not have this blob: POST it to the same path"
    if status == 404 and base.endswith("/api"):
        return ". Leave /api out of host=: it is added to every request"
    if status == 404:
        return ". Is this an Ollama server, and a recent one?"
    if status == 401:
        return ". `ollama signin`, or OLLAMA_API_KEY for ollama.com, says who you are"
    if status == 501 and "embed" in said:
        return ". Embeddings need a model made for them, such as nomic-embed-text"
    if status == 503:
        return ". It is busy: OLLAMA_MAX_QUEUE on its side is how many may wait"
    if "does not support thinking" in said:
        return ". Leave think= out for this model"
    return ""
