"""The probabilities that a server drew from, from the log-probabilities that it reports.

A server reports those of the raw model: at most the 20 best tokens' and the drawn one's, before penalties,
temperature and cuts, the same at every temperature. The effective options turn them into what was drawn from,
with one gap: the tokens that are not reported. We know only an upper bound for each of them, the mass of the last one
reported, and their total. `following` computes what can follow from that; here it is said why where it is not
exact. Where a step cannot be followed at all, the bounds are 0 and 1.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from logitlab.llms import chain
from logitlab.llms.following import MOST, SUM, Tail, follow
from logitlab.llms.history import History, Stretch
from logitlab.llms.logprob import LogProb

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TokenDistribution:
    """What one token of an answer was drawn from.

    Attributes
    ----------
    token : str
        The token that was drawn; of an entry with several tokens the last one, where it can be told.
    tokens : list of str
        The tokens that the server reports, best first (the drawn one last when it is none of the best).
    probs : ndarray of float64, (tokens,)
        Their probabilities in the draw; 0 for what the options cut away. Where not exact: with as much mass as can be
        beyond these tokens.
    exact : bool
        Whether nothing that the server did not tell can matter.
    why : str
        If it can: what.
    unknown : float
        The mass under the raw model that candidates that are not reported can have together, at most.
    low, high : ndarray of float64, (tokens,)
        The least and the largest that each probability can be, whatever the server did not tell; both are `probs`
        where that is exact.
    """

    token: str
    tokens: list[str]
    probs: "Floats"
    exact: bool
    why: str
    unknown: float
    low: "Floats"
    high: "Floats"

    def __str__(self) -> str:
        best = sorted(
            ((p, token) for p, token in zip(self.probs, self.tokens, strict=True) if p), reverse=True
        )
        listed = ", ".join(f"{token!r} {p:.3f}" for p, token in best[:5])
        more = f" and {len(best) - 5} more" if len(best) > 5 else ""
        return f"{self.token!r} of {listed}{more}" + ("" if self.exact else f" (not exact: {self.why})")


def distributions(
    logprobs: Sequence[LogProb] | None,
    options: Mapping[str, Any],
    *,
    said: Mapping[str, Any] | None = None,
    prompt_tokens: Sequence[str] | None = None,
) -> list[TokenDistribution]:
    """One distribution per entry; `options` are the effective ones, `said` is what the server said at the end."""
    if not logprobs or not all(entry.top_logprobs for entry in logprobs):
        raise ValueError("the distribution needs an answer asked for with logprobs=True, top_logprobs=20")
    if "typical_p" not in options:  # every server's options have it
        raise ValueError(
            "this follows the chain of a server; the built-in model reports what it drew from with trace=True, or by "
            "the probs() of a Sampler on its next_logits()"
        )
    kinds, doubt = chain.order(options)
    return _Answer(
        logprobs, options, kinds, _doubt(options, kinds) or doubt, said or {}, prompt_tokens
    ).each()


def _doubt(options: Mapping[str, Any], kinds: Sequence[str]) -> str:
    """Why no token of this answer can be followed exactly; nothing if each can."""
    engine = getattr(options, "engine", "ollama")
    if not engine:
        return "the server does not tell whether the model is a GGUF file, and others are sampled in another order"
    if engine != "ollama":
        return "a model that is no GGUF file is sampled in another order, which is not followed"
    if options.get("format") not in (None, ""):
        return "format lets a grammar forbid tokens"
    if options.get("tools"):
        return "tools may bring a grammar that forbids tokens"
    if "typical_p" in kinds and options["typical_p"] != 1:
        return f"typical_p {options['typical_p']!r} is not followed"
    return ""


class _Answer:
    """The entries of one answer, with what is known of all of them."""

    def __init__(
        self,
        logprobs: Sequence[LogProb],
        options: Mapping[str, Any],
        kinds: Sequence[str],
        doubt: str,
        said: Mapping[str, Any],
        prompt_tokens: Sequence[str] | None,
    ) -> None:
        self._entries = logprobs
        self._options = _numbers(options, kinds)
        self._steps = [
            (kind, {name: self._options[name] for name in chain.OPTIONS_OF[kind]})
            for kind in kinds
            if kind not in ("penalties", "typical_p")
        ]
        self._doubt = doubt
        self._single, self._shortage = _counted(logprobs, said, options)
        self._penalties = self._looking_back(kinds, getattr(options, "raw_prompt", None), prompt_tokens)
        if self._penalties and list(kinds).index("penalties") + list(kinds).count("penalties") > 1:
            self._doubt = doubt or "penalties after other steps are not followed"

    def each(self) -> list[TokenDistribution]:
        return [self._distribution(i, entry) for i, entry in enumerate(self._entries)]

    def _distribution(self, i: int, entry: LogProb) -> TokenDistribution:
        told, that = list(entry.top_logprobs), entry.drawn
        drawn = next((at for at, other in enumerate(told) if other is that), len(told))
        if drawn == len(told):
            told.append(entry)
        logits = np.array([other.logprob for other in told])
        tail, unknown = self._beyond(logits, len(entry.top_logprobs))
        why = self._doubt
        if self._penalties:
            logits, tail, unsettled = self._penalties.applied(i, entry, told, logits, tail)
            why = why or unsettled
        bounds = follow(logits, tail, self._steps)
        low, high = (np.zeros(len(told)), np.ones(len(told))) if why else (bounds.low, bounds.high)
        why = why or bounds.why.format(n=len(entry.top_logprobs))
        if not why and that is None and not self._single:
            why = f"several tokens may stand in this entry{self._shortage}, and only the last one is reported"
        if not why and high[drawn] == 0:
            why = "these options rule out the token that was drawn: other options were effective"
        texts = [other.token for other in told]
        return TokenDistribution(texts[drawn], texts, bounds.probs, not why, why, unknown, low, high)

    def _beyond(self, logits: "Floats", best: int) -> tuple[Tail, float]:
        """Return what the tokens that are not reported can be, and the mass of those that can be candidates."""
        top = float(logits[:best].min())
        missing = 1.0 - float(np.exp(logits).sum())
        low, high = max(0.0, missing - SUM), max(0.0, missing) + SUM
        high = min(high, MOST * math.exp(top))
        k = min((options["top_k"] for kind, options in self._steps if kind == "top_k"), default=0)
        room = k if self._penalties else max(0, k - len(logits)) if k > best else 0
        unknown = high if k <= 0 else min(high, room * math.exp(top))
        return Tail(MOST, top, min(low, high), high), unknown

    def _looking_back(
        self, kinds: Sequence[str], raw_prompt: str | None, prompt_tokens: Sequence[str] | None
    ) -> "_Penalties | None":
        neutral = {"repeat_penalty": 1, "presence_penalty": 0, "frequency_penalty": 0}
        moves = any(self._options[name] != value for name, value in neutral.items())
        if "penalties" not in kinds or not moves or self._options["repeat_last_n"] == 0:
            return None
        prompt: list[str | Stretch] = [Stretch(None)]
        if prompt_tokens is not None:
            prompt = list(prompt_tokens)
        elif raw_prompt is not None:
            prompt = [Stretch(f" {raw_prompt}")]  # a tokenizer may put a space in front
        answer = [_added(entry, self._single) for entry in self._entries]
        history = History(prompt, answer, self._options["repeat_last_n"])
        return _Penalties(history, *(self._options[name] for name in neutral))


def _numbers(options: Mapping[str, Any], kinds: Sequence[str]) -> dict[str, Any]:
    """Return the options that the steps read.

    One that is not known is an error, but for repeat_penalty: it has 1 as its least value, and what it does is not
    followed anyway.
    """
    names = [name for kind in kinds for name in chain.OPTIONS_OF[kind]]
    off = {"xtc_probability": 0.0, "xtc_threshold": 0.1}
    values = {name: options.get(name, off[name]) if name in off else options[name] for name in names}
    for name, value in values.items():
        if not isinstance(value, int | float) and name != "repeat_penalty":
            raise ValueError(f"the distribution needs {name}, which is {value!r}; give it in the call")
    return {**dict.fromkeys(chain.OPTIONS_OF["penalties"], 0), **values}


def _counted(
    logprobs: Sequence[LogProb], said: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[bool, str]:
    """Whether the counts say that every entry is one token, and what they say otherwise.

    The model's own end of text is counted, and has no entry. A stop string may end an answer with an entry or without,
    and which of the two has ended it is not reported.
    """
    tokens = said.get("eval_count")
    if not isinstance(tokens, int):
        return False, ""
    ended = said.get("done_reason") == "stop"
    single = len(logprobs) == tokens or (ended and not options.get("stop") and len(logprobs) == tokens - 1)
    return single, "" if single else f" ({len(logprobs)} entries for {tokens} tokens)"


def _added(entry: LogProb, single: bool) -> list[str | Stretch]:
    """Return the tokens that an entry adds to the history."""
    if entry.merged is False or single:
        return [entry.token]
    drawn = entry.drawn
    return [_before(entry), drawn.token] if drawn else [Stretch(entry.token, 1)]


def _before(entry: LogProb) -> Stretch:
    """Return the text of an entry's tokens before its last one."""
    last = entry.drawn.token if entry.drawn else ""
    return Stretch(entry.token.removesuffix(last) if last else entry.token, 1)


_REWARD = 100.0  # nats: more than any two logits of a row are apart


@dataclass(frozen=True, slots=True)
class _Penalties:
    """Penalties for what stands in the window, followed where it is certain how often each token stands there."""

    history: History
    repeat: Any
    presence: float
    frequency: float

    def applied(
        self, i: int, entry: LogProb, told: Sequence[LogProb], logits: "Floats", tail: Tail
    ) -> tuple["Floats", Tail, str]:
        """Return the logits and the tail after the penalties, and why they are not sure."""
        before = _before(entry) if entry.merged else None
        counts = [self.history.counts(i, other.token, before) for other in told]
        why = ""
        for other, (low, high) in zip(told, counts, strict=True):
            matters = low != high if self.frequency else (low > 0) != (high > 0)
            if matters or (self.repeat != 1 and high > 0):
                why = self._unsettled(other.token)
                break
        if isinstance(self.repeat, int | float) and self.repeat < 1:
            why = self._raw()
        moved = logits + np.array([self._moves(low) for low, _ in counts])
        moves = [0.0, self._moves(1), self._moves(self.history.most(i) + (before is not None))]
        if max(moves) > _REWARD:
            why = why or "a penalty below 0 may put a token that is not reported in front"
            moves = [0.0]
        return moved, self._of_the_tail(tail, moves), why

    def _moves(self, count: float) -> float:
        """Return what presence and frequency penalties add to a logit."""
        if not count:
            return 0.0
        return -self.presence - (count * self.frequency if self.frequency else 0.0)

    def _of_the_tail(self, tail: Tail, moves: Sequence[float]) -> Tail:
        low = 0.0 if self.repeat != 1 else tail.low * math.exp(min(moves))
        return Tail(tail.count, tail.top + max(moves), low, tail.high * math.exp(max(moves)))

    def _unsettled(self, token: str) -> str:
        if self.repeat != 1:
            return self._raw()
        which = "presence_penalty" if self.presence else "frequency_penalty"
        return (
            f"{which} looks at the tokens before, and how often {token!r} stands among them is not reported: "
            "sampling_distribution(prompt_tokens=[...]) takes those of the prompt"
        )

    def _raw(self) -> str:
        rule = (
            "divides or multiplies raw logits by their sign, and a log-probability is a raw logit less a constant that "
            "is not reported; repeat_penalty=1 in the call settles it"
        )
        if isinstance(self.repeat, int | float):
            return f"repeat_penalty {self.repeat!r} {rule}"
        return f"repeat_penalty is {self.repeat!r}; one that is not 1 {rule}"
