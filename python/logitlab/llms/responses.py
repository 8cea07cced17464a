"""What a model answers: text first, with LlamaIndex's names for the rest.

A response of a stream holds the pieces of the whole stream and how many of them had come, and joins them only
when `.text` is asked for: a stream of n tokens costs O(n), however long its text so far becomes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from logitlab.llms.markdown import safe_markdown

if TYPE_CHECKING:
    from logitlab.llms.distribution import TokenDistribution
    from logitlab.llms.timings import Timings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LogProb:
    """One token of an answer and its log-probability under the model's raw logits.

    The raw logits are those before any penalty, temperature or top_k, so the number is the same at every
    temperature (as Ollama and llama.cpp report it). Natural logarithm, at most 0.
    """

    token: str
    logprob: float
    bytes: list[int] = field(default_factory=list)
    id: int | None = None
    top_logprobs: list["LogProb"] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn of a conversation: who speaks ("system", "user", "assistant", "tool") and what is said."""

    role: str = "user"
    content: str = ""
    additional_kwargs: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.content

    def __str__(self) -> str:
        return self.content

    def _repr_markdown_(self) -> str:
        return safe_markdown(self.content)


class Prefix(Generic[T]):
    """The first `count` items of a list that may still grow."""

    __slots__ = ("_count", "_items")

    def __init__(self, items: list[T], count: int | None = None) -> None:
        self._items = items
        self._count = len(items) if count is None else count

    def __iter__(self) -> Iterator[T]:
        return iter(self._items[: self._count])


class _Response:
    """What both kinds of response share. `str()` is the text; a notebook shows it as Markdown.

    Attributes
    ----------
    text : str
        The answer; in a stream, what has come so far.
    delta : str or None
        In a stream, what this response adds to the one before it.
    raw : object
        What the model itself said, as a dict in Ollama's words.
    logprobs : list of LogProb or None
        One per token of `text`, when `logprobs=True` was asked for.
    additional_kwargs : dict
        `raw` without its text: counts, durations, why the answer ended.
    options : dict
        Every option in force for this answer, also those that nobody set.
    """

    __slots__ = ("_logprobs", "_options", "_text", "additional_kwargs", "delta", "raw")

    def __init__(
        self,
        text: str | Prefix[str] = "",
        *,
        delta: str | None = None,
        raw: Any = None,
        logprobs: Sequence[LogProb] | Prefix[LogProb] | None = None,
        additional_kwargs: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        self._text = text
        self._logprobs = logprobs
        self.delta = delta
        self.raw = raw
        self.additional_kwargs = dict(additional_kwargs or {})
        self._options: Mapping[str, Any] = {} if options is None else options

    @property
    def text(self) -> str:
        return self._text if isinstance(self._text, str) else "".join(self._text)

    @property
    def options(self) -> dict[str, Any]:
        return dict(self._options)

    @property
    def logprobs(self) -> list[LogProb] | None:
        return None if self._logprobs is None else list(self._logprobs)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"

    def _repr_markdown_(self) -> str:
        return safe_markdown(self.text)

    @property
    def timings(self) -> "Timings":
        """How long the answer took, in seconds, and its tokens per second; None where it was not told."""
        from logitlab.llms.timings import Timings

        return Timings.of(self.additional_kwargs)

    def sampling_distribution(self) -> "list[TokenDistribution]":
        """Per token of the answer, the probabilities that it was drawn from.

        `logprobs` tell the raw model, the same at every temperature; these are computed from them and the
        options in force. Ask for the answer with `logprobs=True, top_logprobs=20`.

        Returns
        -------
        list of TokenDistribution
            Each with `.tokens`, `.probs`, and whether it is `.exact`; if not, `.why` and how much mass is
            `.unknown`.

        Raises
        ------
        ValueError
            If the answer came without top_logprobs.
        """
        from logitlab.llms.distribution import distributions

        return distributions(self.logprobs, self._options)


class CompletionResponse(_Response):
    __slots__ = ()
    __doc__ = "The answer to a prompt.\n\n" + (_Response.__doc__ or "").partition("\n\n")[2]


class ChatResponse(_Response):
    __slots__ = ()
    __doc__ = "The next message of a conversation.\n\n" + (_Response.__doc__ or "").partition("\n\n")[2]

    @property
    def message(self) -> ChatMessage:
        """The answer as a message, ready to be put at the end of the conversation.

        What the model said beside its text (`thinking`, `tool_calls`, `images`) is in its
        `additional_kwargs`, where it said such a thing.
        """
        said = self.raw.get("message", {}) if isinstance(self.raw, Mapping) else {}
        beside = {name: value for name, value in said.items() if name not in ("role", "content")}
        return ChatMessage(role=said.get("role", "assistant"), content=self.text, additional_kwargs=beside)
