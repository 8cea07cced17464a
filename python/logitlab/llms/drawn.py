"""What an answer's tokens were drawn from: for each its probability, its rank, the entropy and the alternatives."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

from logitlab import argtop_k
from logitlab.llms.logprob import LogProb

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from logitlab.sampling import Trace

    Floats = NDArray[np.float32]

LISTED = 10  # alternatives of a token


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that could have stood in a place; its probabilities are those of `DrawnToken`."""

    token: str
    id: int | None
    prob: float
    drawn_prob: float | None = None


@dataclass(frozen=True, slots=True)
class DrawnToken:
    """One token of an answer, and what it was drawn from.

    Attributes
    ----------
    token : str
        Its text; bytes that are no whole character become U+FFFD.
    id : int or None
        Its id, where it is known.
    bytes : list of int
        Its bytes.
    prob : float
        Its probability in the model's own distribution, before any step of the sampler, at every temperature the same.
    rank : int or None
        Its place in that distribution: 1 is the likeliest token. None where it is not among those that a server told.
    entropy : float or None
        The entropy of that distribution in nats; None where only a part of it is known.
    drawn_prob : float or None
        Its probability after all steps of the sampler: that with which it was drawn. None where it is not known.
    drawn_entropy : float or None
        The entropy of what it was drawn from, in nats.
    candidates : int or None
        How many tokens could be drawn.
    alternatives : tuple of Alternative
        The likeliest tokens of the model's own distribution, the best first; the drawn one may be among them.
    """

    token: str
    id: int | None
    bytes: list[int]
    prob: float
    rank: int | None
    entropy: float | None = None
    drawn_prob: float | None = None
    drawn_entropy: float | None = None
    candidates: int | None = None
    alternatives: tuple[Alternative, ...] = ()


def of_trace(token: int, logits: "Floats", trace: "Trace", probs: "Floats", tokenizer: Any) -> DrawnToken:
    """Return what is known of a token that was drawn from `probs`; `trace` is that of its sampler on `logits`."""
    best = argtop_k(logits, LISTED)[::-1].tolist()

    def alternative(each: int) -> Alternative:
        text = tokenizer.piece(each).decode(errors="replace") or tokenizer.decode([each])
        return Alternative(text, each, float(trace.before[each]), float(probs[each]))

    own = float(logits[token])
    piece = tokenizer.piece(token)
    return DrawnToken(
        piece.decode(errors="replace"),
        token,
        list(piece),
        float(trace.before[token]),
        1 + int((logits > own).sum()) + int((logits[:token] == own).sum()),
        float(trace.entropy[0]),
        float(probs[token]),
        float(trace.entropy[-1]),
        int(trace.count[-1]),
        tuple(map(alternative, best)),
    )


def of_logprobs(entries: Sequence[LogProb]) -> list[DrawnToken]:
    """Return what log-probabilities tell of an answer's tokens."""
    return [_of_logprob(entry) for entry in entries]


def _of_logprob(entry: LogProb) -> DrawnToken:
    told = sorted(entry.top_logprobs, key=lambda other: -other.logprob)
    alternatives = tuple(Alternative(other.token, other.id, exp(other.logprob)) for other in told)
    drawn = entry.drawn
    rank = next((i for i, other in enumerate(told, 1) if other is drawn), None)
    data = list(entry.bytes) or list(entry.token.encode(errors="replace"))
    return DrawnToken(entry.token, entry.id, data, exp(entry.logprob), rank, alternatives=alternatives)
