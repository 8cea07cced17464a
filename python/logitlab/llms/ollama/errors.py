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


def from_transport(error: "TransportError", base: str, status: int) -> OllamaError:
    """The error for a request that got no answer, or not all of it."""
    said = str(error)
    if error.kind in ("connect", "resolve"):
        return OllamaConnectionError(f"no Ollama server at {base} ({said}). {_START}")
    if error.kind == "tls" and _NO_TLS.search(said):
        return OllamaConnectionError(
            f"the server at {base} does not speak TLS ({said}). Use {base.replace('https', 'http', 1)}"
        )
    if error.kind == "tls":
        return OllamaConnectionError(
            f"the certificate of {base} can not be trusted ({said}). SSL_CERT_FILE names a file of more."
        )
    if error.kind == "silence":
        return OllamaTimeoutError(
            f"{base}: {said}. A large model takes minutes to load: a larger timeout=, or None, waits for it.",
            status or None,
        )
    if error.kind in ("broken", "closed"):
        return OllamaIncompleteError(
            f"the connection to {base} broke before the answer's end ({said})", status or None
        )
    return OllamaProtocolError(f"{base} does not answer as an Ollama server does ({said})", status or None)


def from_answer(status: int, body: bytes, base: str, path: str) -> OllamaError:
    """The error for an answer with a status of 400 or more, whatever its body is."""
    said = _words(body)
    where = f"HTTP {status} from {base}{path}"
    message = f"{said} ({where})" if said else f"{where}, without a word"
    missing = _NOT_FOUND.fullmatch(said) if status == 404 else None
    if missing:
        if path in ("/api/delete", "/api/copy"):  # who deletes a model does not want it first
            return ModelNotFoundError(message, status)
        message += f". Get it with `ollama pull {missing[1]}`, or Ollama({missing[1]!r}).pull()"
        return ModelNotFoundError(message, status)
    return OllamaResponseError(message + _advice(status, said, base, path), status)


def from_line(error: Any, base: str, path: str) -> OllamaError:
    """The error for a line {"error": ...} in an answer that began well."""
    return OllamaResponseError(f"{_message(present(error))} (in the answer of {base}{path})", 200)


def _words(body: bytes) -> str:
    """The server's own words: JSON's "error", or the text as it is."""
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
    """An "error" is a string, a string that holds JSON with another error in it, or OpenAI's object."""
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
    """What to do, where that is known: a sentence of its own."""
    if status == 400 and "HTTP request to an HTTPS server" in said:
        return f". Use {base.replace('http', 'https', 1)}"
    if status == 404 and path.startswith("/api/blobs/"):
        return ". The server does not have this blob: POST it to the same path"
    if status == 404 and base.endswith("/api"):
        return ". Leave /api out of host=: it is added to every request"
    if status == 404:
        return ". Is this an Ollama server, and a recent one?"
    if status == 403 and not said:
        return ". The server does not serve this host name: OLLAMA_HOST on its side decides"
    if status == 401:
        return ". `ollama signin`, or OLLAMA_API_KEY for ollama.com, says who you are"
    if status == 501 and "embed" in said:
        return ". Embeddings need a model made for them, such as nomic-embed-text"
    if status == 503:
        return ". It is busy: OLLAMA_MAX_QUEUE on its side is how many may wait"
    if "does not support thinking" in said:
        return ". Leave think= out for this model"
    return ""
