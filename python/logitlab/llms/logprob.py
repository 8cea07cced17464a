"""What a model reports of one token that it drew: its log-probability, and those of the best."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LogProb:
    """One entry of an answer's log-probabilities: mostly one token, and its log-probability under the raw logits.

    The raw logits are those before any penalty, temperature or top_k, so the number is the same at every
    temperature (as Ollama and llama.cpp report it). Natural logarithm, at most 0.

    A server may put several tokens into one entry: while the text might become a stop string or a mark of the chat
    template, it holds text back, and a character of several tokens comes whole. Then `token` is the joined text,
    without what a stop string cut off; `logprob` and `top_logprobs` are those of the last token alone, and those of the
    tokens before it are not known. `merged` recognises this.
    """

    token: str
    logprob: float
    bytes: list[int] = field(default_factory=list)
    id: int | None = None
    top_logprobs: list["LogProb"] = field(default_factory=list)

    @property
    def drawn(self) -> "LogProb | None":
        """The token of `top_logprobs` that was drawn: the one with this log-probability. None if it is none of them."""
        same = [other for other in self.top_logprobs if abs(other.logprob - self.logprob) <= _SAME]
        whole = [other for other in same if other.token == self.token]
        ending = [other for other in same if self.token.endswith(other.token)]
        return next(iter([*whole, *ending, *same]), None)

    @property
    def merged(self) -> bool | None:
        """Whether `token` is more than the one token that was drawn; None where that is unknown.

        Examples
        --------
        >>> best = [LogProb(" a", -0.5), LogProb(" the", -1.5)]
        >>> LogProb(" a", -0.5, top_logprobs=best).merged, LogProb(" is a", -0.5, top_logprobs=best).merged
        (False, True)
        """
        if self.id is not None:
            return False
        drawn = self.drawn
        return None if drawn is None else drawn.token != self.token


# within one answer a token's log-probability is the same number wherever it stands
_SAME = 1e-5
