"""What a model answers: text first, with LlamaIndex's names for the rest.

A response of a stream holds the pieces of the whole stream and how many of them had come, and joins them only
when `.text` is asked for: a stream of n tokens costs O(n), however long its text so far becomes.
"""

import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from logitlab.llms.drawn import DrawnToken, of_logprobs
from logitlab.llms.logprob import LogProb
from logitlab.llms.markdown import safe_markdown

if TYPE_CHECKING:
    from logitlab.llms.distribution import TokenDistribution
    from logitlab.llms.shown import Shown
    from logitlab.llms.timings import Timings

T = TypeVar("T")

_NOT_WATCHED = (
    "what the tokens were drawn from is known of an answer asked for with trace=True (the built-in model) or with "
    "logprobs=True, top_logprobs=10"
)


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn of a conversation: who speaks ("system", "user", "assistant", "tool") and what is said."""

    role: str = "user"
    content: str = ""
    additional_kwargs: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The content, by the name that an answer to a prompt has."""
        return self.content

    def __str__(self) -> str:
        return self.content

    def _repr_markdown_(self) -> str:
        return safe_markdown(self.content)


def plain(value: Any) -> Any:
    """Return a value as JSON has it: NumPy's numbers and arrays as Python's, what is no data as its repr."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        items = [plain(item) for item in value]
        return items if isinstance(value, list) else tuple(items)
    if callable(listed := getattr(value, "tolist", None)):
        return listed()
    return repr(value)


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
        When `logprobs=True` was asked for: one per token of `text`, but for tokens that a server put into one entry
        (`LogProb.merged`), and the token that ended the answer, which is not reported.
    additional_kwargs : dict
        `raw` without its text: counts, durations, why the answer ended.
    options : dict
        Every effective option of this answer, also those that nobody set, as values that `json.dumps` takes. A
        server is asked for the latter when they are looked at; what it cannot tell any more, as the model was
        changed or the server is gone, is unknown.
    """

    __slots__ = (
        "_delta_drawn", "_drawn", "_logprobs", "_options", "_receipt", "_text", "additional_kwargs", "delta", "raw",
    )  # fmt: skip

    def __init__(
        self,
        text: str | Prefix[str] = "",
        *,
        delta: str | None = None,
        raw: Any = None,
        logprobs: Sequence[LogProb] | Prefix[LogProb] | None = None,
        additional_kwargs: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        receipt: Mapping[str, Any] | str = "no model wrote this response",
        drawn: Sequence[DrawnToken] | Prefix[DrawnToken] | None = None,
        delta_drawn: Sequence[DrawnToken] = (),
    ) -> None:
        self._text = text
        self._logprobs = logprobs
        self.delta = delta
        self.raw = raw
        self.additional_kwargs = dict(additional_kwargs or {})
        self._options: Mapping[str, Any] = {} if options is None else options
        self._receipt = receipt  # or why there is none
        self._drawn = drawn
        self._delta_drawn = delta_drawn

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickled response holds: its text so far, not the stream that may still go on."""
        return {
            "_text": self.text,
            "_logprobs": None if self._logprobs is None else list(self._logprobs),
            "_options": plain(self._options) if isinstance(self._options, dict) else self._options,
            "_receipt": self._receipt,
            "_drawn": None if self._drawn is None else list(self._drawn),
            "_delta_drawn": list(self._delta_drawn),
            "additional_kwargs": self.additional_kwargs,
            "delta": self.delta,
            "raw": self.raw,
        }

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    @property
    def text(self) -> str:
        return self._text if isinstance(self._text, str) else "".join(self._text)

    @property
    def options(self) -> dict[str, Any]:
        return {name: plain(value) for name, value in self._options.items()}

    @property
    def logprobs(self) -> list[LogProb] | None:
        if self._logprobs is None:
            return None
        if untold := self._untold():
            warnings.warn(untold, stacklevel=2)
        return list(self._logprobs)

    def _untold(self) -> str:
        """Return what to say of a whole answer with a text and without the log-probabilities that were asked for."""
        done = isinstance(self.raw, Mapping) and self.raw.get("done") is True
        if self._logprobs is None or not done or not self.text or any(True for _ in self._logprobs):
            return ""
        return (
            "the server reported no log-probabilities of this text; Ollama reports them since version 0.12.11"
        )

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.text!r})"

    def _repr_markdown_(self) -> str:
        return safe_markdown(self.text)

    @property
    def drawn(self) -> list[DrawnToken]:
        """What each token of the text so far was drawn from: its probability, its rank, the entropy, the alternatives.

        Ask the built-in model with ``trace=True``. Of a server, and of the built-in model without it, what
        ``logprobs=True, top_logprobs=10`` tell is known: the probability, the rank among the tokens told, and these.

        Raises
        ------
        ValueError
            If the answer was asked for with neither.
        """
        if self._drawn is not None:
            return list(self._drawn)
        if self._logprobs is None or self._untold():
            raise ValueError(self._untold() or _NOT_WATCHED)
        return of_logprobs(self.logprobs or [])

    @property
    def delta_drawn(self) -> list[DrawnToken]:
        """The tokens of `.drawn` that this response of a stream adds: those of its `.delta`, mostly one.

        Only with ``trace=True``; a token whose text is held back, because it may become a stop string or is a part of a
        character, comes with its text.
        """
        return list(self._delta_drawn)

    def show(self) -> "Shown":
        """Return the text with each token coloured by its probability; below it, what else could have stood there.

        In a notebook it is HTML without a script: a token can be pointed at or reached with Tab. By `print` it is a
        table. It needs what `.drawn` needs.

        Examples
        --------
        >>> from logitlab.llms import CompletionResponse, LogProb
        >>> response = CompletionResponse("Hi!", logprobs=[LogProb("Hi", -0.1), LogProb("!", -2.3)])
        >>> print(response.show())
           model     rank     nats    drawn  choices  token
           90.5%        -        -        -        -  Hi
           10.0%        -        -        -        -  !
        """
        from logitlab.llms.shown import Shown

        return Shown(self.text, self.drawn)

    @property
    def receipt(self) -> dict[str, Any]:
        """All that the answer follows from and what it was, as a dict that `json.dumps` takes.

        It has the `model` (its name and the SHA-256 of its file), the tokens of the `prompt`, the `sampler` (its steps
        in order, with their values), the `seed`, the `options` that end an answer (num_predict, num_ctx, stop), the
        `answer` (its text, the number of its tokens and their SHA-256, why it ended), the version of logitlab and the
        format's, and a check of each field. `logitlab.replay` asks for the answer again.

        Raises
        ------
        NoReceiptError
            For a server's answer, and for one that did not come to its end.
        """
        if isinstance(self._receipt, str):
            from logitlab.llms.receipts import NoReceiptError

            raise NoReceiptError(self._receipt)
        return copy.deepcopy(dict(self._receipt))

    @property
    def timings(self) -> "Timings":
        """How long the answer took, in seconds, and its tokens per second; None where it was not reported."""
        from logitlab.llms.timings import Timings

        return Timings.of(self.additional_kwargs)

    def sampling_distribution(
        self, *, prompt_tokens: Sequence[str] | None = None
    ) -> "list[TokenDistribution]":
        """Per token of the answer, the probabilities that it was drawn from.

        `logprobs` tell the raw model, the same at every temperature; these are computed from them and the
        effective options. Ask for the answer with `logprobs=True, top_logprobs=20`.

        Parameters
        ----------
        prompt_tokens : list of str, optional
            The texts of the prompt's tokens, the template's included, oldest first (the last `repeat_last_n` are
            enough). Only penalties look at them: a server does not tell them.

        Returns
        -------
        list of TokenDistribution
            One per entry of `logprobs`; empty for an answer without a token. Each with `.tokens`, `.probs`, and
            whether it is `.exact`; if not, `.why`, how much mass is `.unknown`, and the bounds `.low` and `.high`.

        Raises
        ------
        ValueError
            If the answer came without top_logprobs, or if the effective options are not known.
        """
        from logitlab.llms.distribution import distributions

        if self._logprobs is not None and not self.text and not self.logprobs:
            return []
        if untold := self._untold():
            raise ValueError(untold)
        return distributions(
            self.logprobs, self._options, said=self.additional_kwargs, prompt_tokens=prompt_tokens
        )


class CompletionResponse(_Response):  # noqa: D101  # it has one, made of the base's
    __slots__ = ()
    __doc__ = "The answer to a prompt.\n\n" + (_Response.__doc__ or "").partition("\n\n")[2]


class ChatResponse(_Response):  # noqa: D101  # it has one, made of the base's
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
        return ChatMessage(role=said.get("role") or "assistant", content=self.text, additional_kwargs=beside)
