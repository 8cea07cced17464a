"""The interface that all models share, written once.

A model implements `_stream`: it takes a `Request` and yields `Chunk`s. Everything else follows from it here:
`complete` and `chat` run the stream to its end, `stream_*` give what has come so far, the `a...` twins run
the same stream in a worker thread, so that a running event loop goes on. An error or Ctrl-C keeps the text
so far, as the response it would have been, in the exception's `.partial`.

Options are checked when a method is called, not when its stream is first read.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, Unpack

from logitlab.llms.closable import Closable
from logitlab.llms.drawn import DrawnToken
from logitlab.llms.keywords import ChatOptions, CompleteOptions, LLMOptions
from logitlab.llms.logprob import LogProb
from logitlab.llms.messages import Messages, chat_messages
from logitlab.llms.options import Option, collect
from logitlab.llms.responses import ChatMessage, ChatResponse, CompletionResponse, Prefix
from logitlab.llms.surrogates import check
from logitlab.messages import shown

if TYPE_CHECKING:
    from logitlab.llms.worker import AsyncStream

R = TypeVar("R", CompletionResponse, ChatResponse)


@dataclass(slots=True)
class Request:
    """One thing asked of a model: a prompt, or the messages of a conversation (then `prompt` is None).

    `given` holds what the user set, in the constructor or in the call; `options` every effective value. A
    model calls `cancelled()` whenever it can and ends its stream when it is True: nobody waits for the
    answer any more.
    """

    prompt: str | None
    messages: tuple[ChatMessage, ...]
    given: dict[str, Any]
    options: Mapping[str, Any]
    cancelled: Callable[[], bool]


@dataclass(slots=True)
class Chunk:
    """A piece of an answer.

    `raw` is what the model said with it; the last chunk's stands for the whole answer.
    """

    delta: str = ""
    raw: Mapping[str, Any] | None = None
    logprobs: Sequence[LogProb] = ()
    additional_kwargs: Mapping[str, Any] = field(default_factory=dict)
    receipt: Mapping[str, Any] | None = None  # of the whole answer, with its last chunk
    drawn: Sequence[DrawnToken] = ()  # what the tokens of the piece were drawn from


class LLM(Closable, ABC):
    """A language model that completes prompts and carries on conversations.

    Parameters
    ----------
    **options
        Sampling options for every call, by Ollama's names; a call's own options go before them.
        None is "not set".

    Examples
    --------
    A model of one's own needs the options it takes and a stream:

    >>> from logitlab.llms.options import rows
    >>> class Echo(LLM):
    ...     _takes = rows("seed")
    ...     def _stream(self, request):
    ...         yield from map(Chunk, request.prompt.partition(" "))
    >>> print(Echo().complete("What is Singapore?"))
    What is Singapore?
    >>> [response.delta for response in Echo().stream_complete("What is Singapore?")]
    ['What', ' ', 'is Singapore?']

    A model that is not needed any more can be closed:

    >>> with Echo() as llm:
    ...     print(llm.complete("What is Singapore?"))
    What is Singapore?
    >>> llm.complete("What is Singapore?")
    Traceback (most recent call last):
    ValueError: this model was closed: make a new one, or ask before its close()
    """

    _takes: ClassVar[Mapping[str, Option]]

    _closed = False

    _tells: ClassVar[bool] = False  # log-probabilities, from which what it drew from can be computed

    # why a response has no receipt
    _no_receipt: ClassVar[str] = (
        "only the built-in model's answers have a receipt: no server promises the same text for the same seed on "
        "another machine, or tells all that the text follows from"
    )

    def __init__(self, **options: Unpack[LLMOptions]) -> None:
        self._given = collect(options, self._takes, type(self).__name__)

    @property
    def defaults(self) -> dict[str, Any]:
        """The options that the constructor was given: those of every call that does not set them itself.

        Examples
        --------
        >>> from logitlab.llms import Ollama
        >>> Ollama("gemma:7b", temperature=0.6, stop="END").defaults
        {'temperature': 0.6, 'stop': ['END']}
        """
        return dict(self._given)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy starts with, also one in another process: it is open."""
        return {name: value for name, value in self.__dict__.items() if name != "_closed"}

    def close(self) -> None:
        """Free what the model holds: connections or memory. A `with` block does it at its end.

        Afterwards every question is a ValueError; answers stay as they are, and a stream under way goes on.
        Closing twice is no error. A copy of a closed model is open.
        """
        self._closed = True

    @abstractmethod
    def _stream(self, request: Request) -> Generator[Chunk, None, None]:
        """Return the answer, chunk by chunk; at least one. It is closed when nobody reads on."""

    def _in_force(self, given: dict[str, Any]) -> Mapping[str, Any]:
        """Return every effective option when `given` are set: what a response's `.options` are."""
        return given

    def complete(self, prompt: str, **options: Unpack[CompleteOptions]) -> CompletionResponse:
        """Return the model's answer to `prompt`.

        Parameters
        ----------
        prompt : str
            The question; the model puts it into its chat template.
        **options
            What the model takes; see its class. They go before those of the constructor.

        Returns
        -------
        CompletionResponse
            Its `str()` is the text.

        Raises
        ------
        TypeError, ValueError
            For an unknown option or a value it cannot take, before anything is asked of the model.

        Notes
        -----
        Ctrl-C and errors keep the answer so far: it is in the exception's `.partial`.
        """
        return _last(self.stream_complete(prompt, **options))

    def chat(self, messages: Messages, **options: Unpack[ChatOptions]) -> ChatResponse:
        """Return the next message of a conversation.

        Parameters
        ----------
        messages : list of ChatMessage, dict or object
            Each with a role ("system", "user", "assistant" or "tool") and a content; a dict may also have
            Ollama's images, thinking, tool_calls, tool_name and tool_call_id. Messages of the ollama package
            and of LlamaIndex are taken as they are.
        **options
            As for `complete`.

        Returns
        -------
        ChatResponse
            Its `str()` is the text, its `.message` goes at the end of `messages` for the next turn.

        Raises
        ------
        TypeError, ValueError
            For a message that carries what the model does not take, before anything is sent.
        """
        return _last(self.stream_chat(messages, **options))

    def stream_complete(
        self, prompt: str, **options: Unpack[CompleteOptions]
    ) -> Iterator[CompletionResponse]:
        """Return the answer to `prompt` as it comes: each response has its text so far and a `.delta`."""
        return _responses(CompletionResponse, *self._start(_text(prompt), (), options, never))

    def stream_chat(self, messages: Messages, **options: Unpack[ChatOptions]) -> Iterator[ChatResponse]:
        """Return the next message of a conversation as it comes."""
        return _responses(ChatResponse, *self._start(None, chat_messages(messages), options, never))

    async def acomplete(self, prompt: str, **options: Unpack[CompleteOptions]) -> CompletionResponse:
        """`complete` in a worker thread; a cancelled task ends it."""
        return await _alast(self.astream_complete(prompt, **options))

    async def achat(self, messages: Messages, **options: Unpack[ChatOptions]) -> ChatResponse:
        """`chat` in a worker thread; a cancelled task ends it."""
        return await _alast(self.astream_chat(messages, **options))

    def astream_complete(
        self, prompt: str, **options: Unpack[CompleteOptions]
    ) -> "AsyncStream[CompletionResponse]":
        """`stream_complete` in a worker thread: `async for r in llm.astream_complete(p)`."""
        from logitlab.llms.worker import AsyncStream, Cancel  # not before: it needs asyncio

        cancel = Cancel()
        started = self._start(_text(prompt), (), options, cancel)
        return AsyncStream(_responses(CompletionResponse, *started), cancel)

    def astream_chat(self, messages: Messages, **options: Unpack[ChatOptions]) -> "AsyncStream[ChatResponse]":
        """`stream_chat` in a worker thread."""
        from logitlab.llms.worker import AsyncStream, Cancel

        cancel = Cancel()
        started = self._start(None, chat_messages(messages), options, cancel)
        return AsyncStream(_responses(ChatResponse, *started), cancel)

    def _start(
        self,
        prompt: str | None,
        messages: tuple[ChatMessage, ...],
        options: Mapping[str, Any],
        cancelled: Callable[[], bool],
    ) -> tuple[Generator[Chunk, None, None], Mapping[str, Any], str, bool]:
        if self._closed:
            raise ValueError("this model was closed: make a new one, or ask before its close()")
        given = self._given | collect(options, self._takes, type(self).__name__)
        check(prompt, "the prompt")
        check([message.content for message in messages], "the content of messages")
        check(given.get("system"), "system")
        request = Request(prompt, messages, given, self._in_force(given), cancelled)
        return self._stream(request), request.options, self._no_receipt, bool(given.get("trace"))

    def _whole(self, kind: type[R], chunks: Generator[Chunk, None, None], options: Mapping[str, Any]) -> R:
        """Return the answer that chunks make."""
        return _last(_responses(kind, chunks, options, self._no_receipt, bool(options.get("trace"))))


def never() -> bool:
    """Nobody cancels the answer."""
    return False


def _responses(
    kind: type[R],
    chunks: Generator[Chunk, None, None],
    options: Mapping[str, Any],
    no_receipt: str,
    traced: bool,
) -> Generator[R, None, None]:
    """Each chunk with what came before it, in time and memory linear in their number."""
    pieces: list[str] = []
    logprobs: list[LogProb] = []
    drawn: list[DrawnToken] = []
    wanted = bool(options.get("logprobs"))

    def so_far(chunk: Chunk) -> R:
        return kind(
            Prefix(pieces),
            delta=chunk.delta,
            raw=chunk.raw,
            logprobs=Prefix(logprobs) if wanted else None,
            additional_kwargs=chunk.additional_kwargs,
            options=options,
            receipt=chunk.receipt or no_receipt,
            drawn=Prefix(drawn, len(drawn)) if traced else None,
            delta_drawn=chunk.drawn,
        )

    try:
        with closing(chunks):
            for chunk in chunks:
                pieces.append(chunk.delta)
                logprobs.extend(chunk.logprobs)
                drawn.extend(chunk.drawn)
                yield so_far(chunk)
    except GeneratorExit:
        raise
    except BaseException as error:
        _keep(error, so_far(Chunk()))
        raise


def _keep(error: BaseException, response: CompletionResponse | ChatResponse) -> None:
    """Put the answer so far on an exception."""
    response.delta = None
    error.partial = response  # type: ignore[attr-defined]


def _last(responses: Iterator[R]) -> R:
    """Return the whole answer. Ctrl-C may also arrive here, between two chunks."""
    last = None
    try:
        for response in responses:
            last = response
    except BaseException as error:
        if last is not None and not hasattr(error, "partial"):
            _keep(error, last)
        raise
    return _whole(last)


async def _alast(responses: "AsyncStream[R]") -> R:
    last = None
    try:
        async for response in responses:
            last = response
    except BaseException as error:
        if last is not None and not hasattr(error, "partial"):
            _keep(error, last)
        raise
    return _whole(last)


def _whole(last: R | None) -> R:
    if last is None:
        raise RuntimeError("the model's stream ended without any response")
    last.delta = None
    return last


def _text(prompt: Any) -> str:
    if not isinstance(prompt, str):
        raise TypeError(f"the prompt must be a string, got {shown(prompt)}")
    return prompt
