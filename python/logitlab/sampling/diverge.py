"""diverge: the same dice, another setting. Two samplers on one model with one seed, up to where their texts part.

One double per token makes it exact: as long as the texts are the same, both samplers hold the same u against the same
row, so the first difference is the setting's doing and nobody else's.
"""

import copy
import numbers
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from logitlab.habits import answered
from logitlab.masks import no_mask, plain
from logitlab.messages import shown
from logitlab.ranges import Range
from logitlab.sampling.figures import divergence_figure
from logitlab.sampling.html import divergence_html
from logitlab.sampling.names import visible
from logitlab.sampling.parameters import iterable, sequence, token
from logitlab.sampling.sampler import Sampler
from logitlab.sampling.trace import Trace

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Model(Protocol):
    """What a model must have: logitlab.llms.BuiltIn does."""

    def tokenize(self, text: str) -> list[int]:
        """Turn text into token ids."""

    def detokenize(self, tokens: Iterable[int]) -> str:
        """Turn token ids into text."""

    def next_logits(self, text: Any) -> NDArray[Any]:
        """Return the logits of the token that follows some token ids."""


@dataclass(frozen=True)
class Landing:
    """Where u landed in one sampler's cumulative bar: [start, end) is the token's part of it, in token order."""

    sampler: Sampler
    token: int
    piece: str
    start: float
    end: float
    trace: Trace
    text: str  # that this sampler wrote, as far as it was run

    def part(self, token: int) -> str:
        """Say which part of the bar a token has, or why it has none."""
        if self.trace.removed_by[token] != len(self.sampler.steps):
            return f"it has no part: {self.trace.why(token)}"
        start, end = _part(self.trace, token)
        return f"its part is {start:.4f} to {end:.4f}"


@dataclass(frozen=True)
class Divergence:
    """Where two samplers' texts part. `index`, `u`, `a` and `b` are None if they did not.

    Attributes
    ----------
    samplers : tuple of Sampler
        The two settings.
    prompt : str
        What both continue.
    seed : int
        Of both.
    common : str
        What both wrote before their texts part.
    length : int
        How many tokens that is.
    index : int or None
        Of the first token that differs.
    u : float or None
        The double that both held against their bars there.
    a, b : Landing or None
        Where it landed.
    """

    samplers: tuple[Sampler, Sampler]
    prompt: str
    seed: int
    common: str
    length: int
    index: int | None = None
    u: float | None = None
    a: Landing | None = None
    b: Landing | None = None

    @property
    def why(self) -> str:
        """Say why the texts part, or that they do not."""
        if self.a is None or self.b is None:
            return self._same()
        return "\n".join(
            [self._lands("a", self.a, "b", self.b), self._lands("b", self.b, "a", self.a), self._cause()]
        )

    def _same(self) -> str:
        if self.samplers[0] == self.samplers[1]:
            return "The texts are the same, as the samplers are."
        return (
            "The texts are the same: each u fell on the same token of both bars. Another seed may part them."
        )

    def _lands(self, name: str, own: Landing, other: str, theirs: Landing) -> str:
        return (
            f"On {name}'s bar u lies in the part of {visible(own.piece)!r}, {own.start:.4f} to {own.end:.4f}; "
            f"on {other}'s bar {theirs.part(own.token)}."
        )

    def _cause(self) -> str:
        assert self.a is not None
        assert self.b is not None
        left = {name: int(side.trace.count[-1]) for name, side in (("a", self.a), ("b", self.b))}
        if np.array_equal(self.a.trace.after > 0, self.b.trace.after > 0):
            return f"Both keep the same tokens, {left['a']}, with other probabilities: so the parts lie elsewhere."
        n = self.a.trace.before.size
        kept = f"Of {n} tokens a keeps {left['a']} and b {left['b']}"
        return f"{kept}; what is kept fills the whole bar, so the parts move."

    def __str__(self) -> str:
        a, b = (f"{name} = {sampler!r}" for name, sampler in zip("ab", self.samplers, strict=True))
        tokens = f"the same {self.length} token" + "s" * (self.length != 1)
        lines = [a, b, f"With seed {self.seed} both write {tokens}: {self.common!r}"]
        if self.a is None or self.b is None:
            return "\n".join([*lines, self.why])
        lines[-1] = lines[-1] if self.length else f"With seed {self.seed} they part at the first token."
        said = f"Then u = {self.u:.4f}, and a writes {visible(self.a.piece)!r}, b writes {visible(self.b.piece)!r}."
        return "\n".join([*lines, said, self.why, f"a: {self.a.text!r}", f"b: {self.b.text!r}"])

    def table(self, top: int = 10) -> list[dict[str, Any]]:
        """Return the likeliest tokens at the parting with their parts of both bars."""
        if self.a is None or self.b is None:
            return []
        p, q = (_shares(side.trace) for side in (self.a, self.b))
        ends = [np.cumsum(p), np.cumsum(q)]
        order = np.argsort(-np.maximum(p, q), kind="stable")[:top]
        order = np.unique(np.concatenate([order, [self.a.token, self.b.token]]))
        return [
            {
                "token": int(t),
                "text": self.a.trace._name(int(t)) if self.a.trace._name else str(t),
                "a": float(p[t]),
                "a from": float(ends[0][t] - p[t]),
                "b": float(q[t]),
                "b from": float(ends[1][t] - q[t]),
            }
            for t in order
            if p[t] > 0 or q[t] > 0
        ]

    def _repr_html_(self) -> str:
        return divergence_html(str(self), self.u, self.table())

    def plot(self, top: int = 10) -> "Figure":
        """Draw both cumulative bars with u across them."""
        sides = [(key, side) for key, side in (("a", self.a), ("b", self.b)) if side is not None]
        drawn = [(key, repr(side.sampler), side.token) for key, side in sides]
        return divergence_figure(str(self), self.u, drawn, self.table(top))


def _shares(trace: Trace) -> NDArray[np.float64]:
    return np.asarray(trace.after, dtype=np.float64)


def _part(trace: Trace, token: int) -> tuple[float, float]:
    """From where to where a token's part of the bar goes."""
    shares = _shares(trace)
    end = float(np.cumsum(shares)[token])
    return end - float(shares[token]), end


class _Writer:
    """One sampler, writing on."""

    def __init__(self, sampler: Sampler, model: Model, prompt: list[int], seed: int) -> None:
        self.sampler, self.model, self.prompt = sampler, model, prompt
        self.rng = np.random.Generator(np.random.PCG64(seed))
        self.written: list[int] = []

    def next(self, row: NDArray[Any]) -> tuple[int, list[float]]:
        """Draw a token; give the doubles of it as well: the coins', and last u."""
        doubles = copy.deepcopy(self.rng).random(_coins(self.sampler) + 1).tolist()
        token = self.sampler.sample(row, rng=self.rng, history=self.context, generated=len(self.written))
        if np.ndim(token):
            raise ValueError(f"a text needs one number for each parameter, got {shown(self.sampler)}")
        return int(token), doubles

    @property
    def context(self) -> list[int]:
        return self.prompt + self.written

    def write_on(self, n: int, stop: frozenset[int]) -> None:
        while len(self.written) < n and self.written[-1] not in stop:
            self.written.append(self.next(self.model.next_logits(self.context))[0])

    def landing(
        self, row: NDArray[Any], token: int, coins: list[float], n: int, stop: frozenset[int]
    ) -> Landing:
        trace = self.sampler.trace(
            row, history=self.context, generated=len(self.written), coins=coins, tokens=self.model
        )
        self.written.append(token)
        self.write_on(n, stop)
        piece, text = self.model.detokenize([token]), self.model.detokenize(self.written)
        return Landing(self.sampler, token, piece, *_part(trace, token), trace, text)


def _coins(sampler: Sampler) -> int:
    return sum(step.coins for step in sampler.steps)


def _checked(a: Sampler, b: Sampler, max_tokens: int) -> None:
    for name, sampler in (("a", a), ("b", b)):
        if not isinstance(sampler, Sampler):
            raise TypeError(f"{name} must be a Sampler, got {shown(sampler)}")
    if _coins(a) != _coins(b):
        raise ValueError(
            f"a tosses {_coins(a)} coins for a token and b {_coins(b)}, so they would not hold the same u; "
            "XTC(0.0) is a step that never applies"
        )
    Range(1, whole=True).one("max_tokens", max_tokens)


def _seed(seed: Any) -> int:
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or seed < 0:
        raise (ValueError if isinstance(seed, int) else TypeError)(
            f"seed must be an integer >= 0, got {shown(seed)}"
        )
    return int(seed)


@answered()
def diverge(
    a: Sampler,
    b: Sampler,
    model: Model,
    prompt: str | Sequence[int],
    *,
    seed: int = 0,
    max_tokens: int = 48,
    stop: Iterable[int] | None = None,
) -> Divergence:
    """Run two samplers on one model with one seed, and show where their texts part and why.

    Parameters
    ----------
    a, b : Sampler
        The settings.
    model : BuiltIn, or anything with tokenize, detokenize and next_logits
        The model.
    prompt : str or sequence of int
        The text to continue, as it is, or its token ids: `llm.tokenize(question, chat=True)`.
    seed : int, optional
        Of both.
    max_tokens : int, optional
        How many tokens each writes at most.
    stop : iterable of int, optional
        Token ids after which a text ends; `model.ends`, if not given and the model has it.

    Returns
    -------
    Divergence
        With `common`, `index`, `u`, `a`, `b`, `why`; it prints, and has `table` and `plot`.

    Raises
    ------
    TypeError
        For what is no Sampler.
    ValueError
        For samplers of which one has an XTC step more: its coin takes a double, and the dice would not be the same. For
        a step with a state, a parameter that is an array, or a max_tokens below 1.

    Examples
    --------
    >>> from logitlab import Sampler, diverge
    >>> class Letters:  # a model that knows one row
    ...     def tokenize(self, text): return ["abc".index(c) for c in text]
    ...     def detokenize(self, tokens): return "".join("abc"[t] for t in tokens)
    ...     def next_logits(self, tokens): return [0.0, 1.0, 0.5]
    >>> found = diverge(Sampler(temperature=0.5), Sampler(temperature=2.0), Letters(), "a", seed=1, max_tokens=8)
    >>> found.common, found.index, found.a.piece, found.b.piece
    ('bc', 2, 'b', 'a')
    """
    _checked(a, b, max_tokens)
    seed = _seed(seed)
    for name, tokens in (("prompt", prompt), ("stop", stop)):
        no_mask(tokens, name)
    start = model.tokenize(prompt) if isinstance(prompt, str) else list(sequence("prompt", prompt))
    text = prompt if isinstance(prompt, str) else model.detokenize(start)
    stops = frozenset(
        getattr(model, "ends", ())
        if stop is None
        else (token("stop", each) for each in iterable("stop", stop))
    )
    first, second = (_Writer(sampler, model, start, seed) for sampler in (a, b))
    for index in range(max_tokens):
        row = plain(model.next_logits(first.context), "logits")
        (x, doubles), (y, _) = first.next(row), second.next(row)
        if x != y:
            common, (*coins, u) = model.detokenize(first.written), doubles
            sides = [
                writer.landing(row, token, coins, max_tokens, stops)
                for writer, token in ((first, x), (second, y))
            ]
            return Divergence((a, b), text, seed, common, index, index, u, sides[0], sides[1])
        first.written.append(x)
        second.written.append(y)
        if x in stops:
            break
    written = first.written
    return Divergence((a, b), text, seed, model.detokenize(written), len(written))
