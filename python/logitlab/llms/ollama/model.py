"""A model of an Ollama server, with the interface of all models, and the server's own commands beside it."""

import builtins
from collections.abc import Generator, Mapping, Sequence
from copy import copy
from os import PathLike
from typing import TYPE_CHECKING, Any, ClassVar, Unpack

from logitlab.llms.base import LLM, Chunk, Request
from logitlab.llms.keywords import EmbedOptions, OllamaCallOptions, OllamaOptions
from logitlab.llms.ollama.about import Asker, Memory, field_of, object_of
from logitlab.llms.ollama.answers import chunks
from logitlab.llms.ollama.client import Client
from logitlab.llms.ollama.cut import warn_of_a_cut
from logitlab.llms.ollama.effective import EffectiveOptions, effective
from logitlab.llms.ollama.errors import (
    ModelNotFoundError,
    OllamaError,
    OllamaIncompleteError,
)
from logitlab.llms.ollama.fields import TAKES, route
from logitlab.llms.ollama.in_force import InForce
from logitlab.llms.ollama.loaded import warn_of_a_load
from logitlab.llms.ollama.names import understood
from logitlab.llms.options import Option, collect
from logitlab.llms.progress import Bar
from logitlab.messages import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from logitlab.llms.keywords import OllamaChatOptions, OllamaCompleteOptions
    from logitlab.llms.messages import Messages
    from logitlab.llms.responses import ChatResponse, CompletionResponse
    from logitlab.llms.worker import AsyncStream


class Ollama(LLM):
    """A model of an Ollama server.

    Every option given reaches the server: a sampling option in the request's `options`, a request field in
    its place. Nothing else is sent, so the model's own defaults hold for the rest: see `effective_options`.

    Parameters
    ----------
    model : str
        Its name on the server, such as "gemma:7b".
    host : str, optional
        Where the server is, as OLLAMA_HOST is written; default: OLLAMA_HOST, else 127.0.0.1:11434.
    timeout : float, optional
        The longest silence of the server in seconds; default none: loading a large model takes minutes.
        Connecting has 3 seconds of its own.
    keep_alive : float or str, optional
        How long the model stays loaded: seconds (negative: for ever), or "10m".
    headers : mapping, optional
        Sent with every request. Blanks around a value are left out, and a header whose value is None.
    verify : bool or path, optional
        Whose certificates are trusted over https: the system's, or those of SSL_CERT_FILE (True, the default);
        those of a file; anybody's (False).
    cert : path or tuple, optional
        The client's own certificate: a file with its key in it, (certificate, key) or (certificate, key,
        password).
    **options
        The default of every call; a call's own options go before them. LlamaIndex's `base_url`,
        `request_timeout`, `context_window`, `additional_kwargs`, `json_mode` and `thinking` are understood.

    Notes
    -----
    A model is a context manager; `close` closes its connections. Without it they are closed when nobody holds the
    model any more: an answer does not. A copy, also one that was pickled, has the address, headers and options
    and opens a connection of its own.

    Raises
    ------
    ImportError
        At the first request, where libcurl is missing; it says what to install.
    OllamaError
        From every method that asks the server; see `logitlab.llms.ollama.errors`.

    Examples
    --------
    >>> llm = Ollama(model="gemma3-270m")
    >>> print(llm.complete("The capital of France is", temperature=0, num_predict=12))
     the capital of the country of France. It is the largest
    >>> Ollama(model="gemma:7b", temprature=1)
    Traceback (most recent call last):
    TypeError: Ollama has no option 'temprature'; did you mean 'temperature'?
    """

    _takes: ClassVar[Mapping[str, Option]] = TAKES
    _tells = True

    def __init__(
        self,
        model: str,
        host: str | None = None,
        *,
        timeout: float | None = None,
        keep_alive: float | str | None = None,
        headers: Mapping[str, str | None] | None = None,
        verify: bool | str | PathLike[str] = True,
        cert: Any = None,
        **options: Unpack[OllamaOptions],
    ) -> None:
        if not model or not isinstance(model, str):
            raise TypeError(f"model must be the name of a model, such as 'gemma:7b', got {shown(model)}")
        named, asked = understood({"host": host, "timeout": timeout}, options)
        super().__init__(**asked | {"keep_alive": keep_alive})
        self.model = model
        self._client = Client(named["host"], named["timeout"], headers, verify=verify, cert=cert)
        # what the server said of itself and of the model, when it was asked last; shared with copies
        self._known = Memory()

    if TYPE_CHECKING:  # the methods are LLM's, the options this model's

        def complete(self, prompt: str, **options: Unpack[OllamaCompleteOptions]) -> CompletionResponse: ...
        def stream_complete(
            self, prompt: str, **options: Unpack[OllamaCompleteOptions]
        ) -> Iterator[CompletionResponse]: ...
        async def acomplete(
            self, prompt: str, **options: Unpack[OllamaCompleteOptions]
        ) -> CompletionResponse: ...
        def astream_complete(
            self, prompt: str, **options: Unpack[OllamaCompleteOptions]
        ) -> AsyncStream[CompletionResponse]: ...
        def chat(self, messages: Messages, **options: Unpack[OllamaChatOptions]) -> ChatResponse: ...
        def stream_chat(
            self, messages: Messages, **options: Unpack[OllamaChatOptions]
        ) -> Iterator[ChatResponse]: ...
        async def achat(self, messages: Messages, **options: Unpack[OllamaChatOptions]) -> ChatResponse: ...
        def astream_chat(
            self, messages: Messages, **options: Unpack[OllamaChatOptions]
        ) -> AsyncStream[ChatResponse]: ...

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_client": copy(self._client)}

    def close(self) -> None:
        """Free what the model holds: connections or memory; closing twice is no error."""
        super().close()
        self._client.close()

    def _asker(self) -> Asker:
        return Asker(self._client, self.model, self._known)

    @property
    def host(self) -> str:
        """The server's address, as it may be shown: a password in it is replaced by `***`."""
        return self._client.base

    def __repr__(self) -> str:
        return f"Ollama({self.model!r}, host={self.host!r})"

    def __str__(self) -> str:
        return f"{self.model} of the Ollama server at {self.host}"

    def _stream(self, request: Request) -> Generator[Chunk, None, None]:
        chat = request.prompt is None
        path = "/api/chat" if chat else "/api/generate"
        payload: dict[str, Any] = {"model": self.model}
        if chat:
            payload |= _conversation(request)
        else:
            payload |= {"prompt": request.prompt, **route(request.given, path)}
        objects = self._client.objects("POST", path, payload, loads=self.model, cancelled=request.cancelled)
        return self._answer(objects, request, chat)

    def _answer(
        self, objects: Generator[dict[str, Any], None, None], request: Request, chat: bool
    ) -> Generator[Chunk, None, None]:
        in_force = request.options
        if isinstance(in_force, InForce) and request.given.get("raw"):
            in_force.raw_prompt = request.prompt
        try:
            for chunk in chunks(objects, chat):
                raw = chunk.raw or {}
                if isinstance(in_force, InForce):
                    in_force.began(raw.get("created_at"))
                yield chunk
                if raw.get("done") is True:
                    warn_of_a_cut(raw, request)  # after the words: a filter may make it an error
                    warn_of_a_load(raw, chat)
        except OllamaIncompleteError:
            if not request.cancelled():
                raise
        finally:
            objects.close()

    def _in_force(self, given: dict[str, Any]) -> Mapping[str, Any]:
        return InForce(self._asker(), given)

    def check(self, timeout: float = 10.0) -> None:
        """Asks whether the server has this model, and nothing else.

        Parameters
        ----------
        timeout : float
            Seconds of silence to wait for.

        Raises
        ------
        OllamaError
            What `complete` would raise: no server, or one without this model; then the message names those
            that it has.
        """
        payload = {"model": self.model}
        patient = self._client.patient(timeout)
        try:
            object_of(patient.request("POST", "/api/show", payload))
        except ModelNotFoundError as error:
            raise ModelNotFoundError(f"{error}. {_in_stock(patient)}", error.status) from None
        finally:
            patient.release()

    def effective_options(self, **options: Unpack[OllamaCallOptions]) -> EffectiveOptions:
        """Every effective sampling option of a call with `options`, and where each comes from.

        The call goes before the object, the object before the Modelfile, the Modelfile before Ollama's own defaults.
        The server is asked each time (/api/version, /api/show), so the answer is what holds now. `options` of a
        response are those of its call: values are unknown there if the model was changed after the answer.
        The order of the steps, XTC and mirostat have no option in Ollama: they are listed where the model's own file
        sets them.

        Parameters
        ----------
        **options
            As for `complete`.

        Returns
        -------
        EffectiveOptions
            A dict of name to value whose `.source` has the same names; a table when printed.

        Examples
        --------
        >>> options = Ollama("gemma3-270m").effective_options(temperature=1.0)
        >>> options["top_k"], options.source["top_k"], options.source["temperature"]
        (40, "Ollama's default (0.33)", 'call')
        """
        call = collect(options, TAKES, "Ollama")
        about = self._asker().about()
        return effective(about.version, about.shown, self._given, call)

    def embed(self, input: str | Sequence[str], **fields: Unpack[EmbedOptions]) -> "npt.NDArray[np.float32]":
        """Return the embedding of a text, or of each of several, by /api/embed.

        Parameters
        ----------
        input : str or list of str
            What is embedded.
        **fields
            Ollama's `truncate`, `dimensions` and `keep_alive`, and options such as `num_ctx`.

        Returns
        -------
        ndarray of float32, (dimensions,) or (texts, dimensions)
            Vectors of length 1.

        Raises
        ------
        OllamaResponseError
            With status 501 if the model is not made for embeddings.
        """
        from logitlab.llms.ollama.embedding import embed

        return embed(self._client, self.model, input, self._given, fields)

    def list(self) -> "builtins.list[dict[str, Any]]":
        """Return the models that the server has, each as the dict that /api/tags gives.

        Examples
        --------
        >>> [model["name"] for model in Ollama("gemma3-270m").list()]
        ['gemma3-270m:latest', 'smollm2:latest']
        """
        return _models(self._client.request("GET", "/api/tags"))

    def ps(self) -> "builtins.list[dict[str, Any]]":
        """Return the models that are loaded, each as the dict that /api/ps gives.

        Examples
        --------
        >>> [(model["name"], model["context_length"]) for model in Ollama("gemma3-270m").ps()]
        [('gemma3-270m:latest', 4096), ('smollm2:latest', 4096)]
        """
        return _models(self._client.request("GET", "/api/ps"))

    def show(self, *, verbose: bool = False) -> dict[str, Any]:
        """Return what the server knows of this model, as the dict that /api/show gives.

        Parameters
        ----------
        verbose : bool
            With the vocabulary and the merges: tens of megabytes.

        Examples
        --------
        >>> Ollama("gemma3-270m").show()["details"]["quantization_level"]
        'Q4_K_M'
        """
        return self._asker().show(**({"verbose": True} if verbose else {}))

    def version(self) -> str:
        """Return the server's version.

        Examples
        --------
        >>> Ollama("gemma3-270m").version()
        '0.33.0-rc2'
        """
        return self._asker().version()

    def pull(self, *, insecure: bool = False, progress: bool = True) -> None:
        """Fetch this model to the server.

        Parameters
        ----------
        insecure : bool
            From a registry without TLS as well.
        progress : bool
            Whether a progress bar is shown, on standard error.
        """
        payload = {"model": self.model} | ({"insecure": True} if insecure else {})
        last: dict[str, Any] = {}
        with Bar(f"Pulling {self.model}", progress) as bar:
            for last in self._client.objects("POST", "/api/pull", payload):
                bar.show(last.get("status", ""), last.get("completed"), last.get("total"))
        if last.get("status") != "success":
            raise OllamaIncompleteError(f"pulling {self.model} ended without success: {last}", 200)

    def copy(self, name: str) -> None:
        """Make a copy of this model on the server, under another name; it takes no room of its own.

        Parameters
        ----------
        name : str
            The copy's name; a model that already has it is replaced.

        Raises
        ------
        ModelNotFoundError
            If the server does not have this model.
        """
        if not name or not isinstance(name, str):
            raise TypeError(f"name must be that of the copy, such as 'my-gemma', got {shown(name)}")
        self._client.request("POST", "/api/copy", {"source": self.model, "destination": name})

    def delete(self) -> None:
        """Delete this model from the server.

        Raises
        ------
        ModelNotFoundError
            If the server does not have it.
        """
        self._client.request("DELETE", "/api/delete", {"model": self.model})
        self._known.about = None

    def unload(self) -> None:
        """Frees the memory that this model has on the server, now."""
        self._client.request("POST", "/api/generate", {"model": self.model, "keep_alive": 0})

    def request(self, method: str, path: str, payload: Any = None, *, stream: bool = False) -> Any:
        """Any request: what this class has no method for.

        Parameters
        ----------
        method, path : str
            For example "POST", "/api/create".
        payload : object, optional
            Sent as JSON; bytes are sent as they are.
        stream : bool
            Whether the objects of the answer are given one by one, as they come.

        Returns
        -------
        object or iterator of dict
            The answer, decoded as it came, nulls included (of a streamed one the last object); text or None when it
            is no JSON.

        Examples
        --------
        >>> Ollama("gemma3-270m").request("GET", "/api/version")
        {'version': '0.33.0-rc2'}
        """
        if not path.startswith("/"):
            raise ValueError(f"path must start with a slash, as '/api/tags' does, got {shown(path)}")
        if stream:
            return self._client.objects(method, path, payload, as_said=True)
        return self._client.request(method, path, payload, as_said=True)


def _conversation(request: Request) -> dict[str, Any]:
    fields = route(request.given, "/api/chat")
    messages = [
        {"role": message.role, "content": message.content, **message.additional_kwargs}
        for message in request.messages
    ]
    system = fields.pop("system", None)
    if system is not None:
        if any(message["role"] == "system" for message in messages):
            raise ValueError("system= is given, and the conversation has a system message of its own")
        messages.insert(0, {"role": "system", "content": system})
    return {"messages": messages, **fields}


def _models(answer: Any) -> list[dict[str, Any]]:
    """Return the list of /api/tags and /api/ps: Go writes an empty one as null."""
    models: list[dict[str, Any]] = field_of({"models": []} | object_of(answer), "models", list)
    return models


def _in_stock(client: Client) -> str:
    """Return a sentence about the models that a server has, where it lists them."""
    try:
        models = field_of(client.request("GET", "/api/tags"), "models", list)
        names = [str(model["name"]) for model in models]
    except (OllamaError, KeyError, TypeError):
        return "The server does not tell which models it has"
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f"The server has {', '.join(names[:20])}{more}" if names else "The server has no models yet"
