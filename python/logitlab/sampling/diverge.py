"""diverge: the same dice, another setting. Two samplers on one model with one seed, up to where their texts part.

One double per token makes it exact: as long as the texts are the same, both samplers hold the same u against the same
row, so the first difference is the setting's doing and nobody else's.
"""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from logitlab.sampling.sampler import Sampler
from logitlab.sampling.show import visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from logitlab.sampling.trace import Trace


class Model(Protocol):
    """What a model must have: logitlab.llms.BuiltIn does."""

    def tokenize(self, text: str) -> list[int]:
        """Turn text into token ids."""

    def detokenize(self, tokens: Iterable[int]) -> str:
        """Turn token ids into text."""

    def next_logits(self, text: Any) -> NDArray[Any]:
        """Give the logits of the token that follows some token ids."""


@dataclass(frozen=True)
class Landing:
    """Where u landed in one sampler's cumulative bar: [start, end) is the token's part of it, in token order."""

    sampler: Sampler
    token: int
    piece: str
    start: float
    end: float
    trace: "Trace"
    text: str  # that this sampler wrote, as far as it was run


@dataclass(frozen=True)
class Divergence:
    """Where two samplers' texts part. `index` is None if they did not, within the tokens that were drawn."""

    prompt: str
    seed: int
    common: str  # what both wrote before
    index: int | None  # of the first token that differs
    u: float | None  # the double that both held against their bars
    a: Landing | None
    b: Landing | None

    @property
    def why(self) -> str:
        """Say why the texts part."""
        if self.a is None or self.b is None:
            return "The texts are the same."
        return f"{self._moved(self.a, self.b)} {self._moved(self.b, self.a)}"

    def _moved(self, own: Landing, other: Landing) -> str:
        part = f"{own.start:.4f} to {own.end:.4f}"
        place = f"{own.sampler!r} gives {visible(own.piece)!r} the part from {part} of its bar"
        steps = len(other.trace.sampler.steps)
        if other.trace.removed_by[own.token] != steps:
            return f"{place}; in the other {other.trace.why(own.token)}."
        end = float(np.cumsum(other.trace.after, dtype=np.float64)[own.token])
        start = end - float(other.trace.after[own.token])
        return f"{place}; in the other its part is {start:.4f} to {end:.4f}."

    def __str__(self) -> str:
        if self.a is None or self.b is None:
            return f"With seed {self.seed} both write: {self.common}"
        return "\n".join(
            [
                f"With seed {self.seed} both write: {self.common!r}",
                f"Then u = {self.u:.4f} falls on {visible(self.a.piece)!r} for {self.a.sampler!r}",
                f"and on {visible(self.b.piece)!r} for {self.b.sampler!r}.",
                self.why,
                f"a: {self.a.text}",
                f"b: {self.b.text}",
            ]
        )

    def table(self, top: int = 10) -> list[dict[str, Any]]:
        """Give the likeliest tokens at the parting with their parts of both bars."""
        if self.a is None or self.b is None:
            return []
        p, q = (np.asarray(side.trace.after, dtype=np.float64) for side in (self.a, self.b))
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
        from logitlab.sampling.show import divergence_html

        return divergence_html(self)

    def plot(self, top: int = 10) -> "Figure":
        """Draw both cumulative bars with u across them."""
        from logitlab.sampling.show import divergence_figure

        return divergence_figure(self, top)


class _Writer:
    """One sampler, writing on."""

    def __init__(self, sampler: Sampler, model: Model, prompt: list[int], seed: int) -> None:
        self.sampler, self.model, self.prompt = sampler, model, prompt
        self.rng = np.random.Generator(np.random.PCG64(seed))
        self.written: list[int] = []

    def next(self, row: NDArray[Any]) -> tuple[int, float]:
        """Draw a token; give the double that decided it as well."""
        coins = sum(step.coins for step in self.sampler.steps)
        u = float(copy.deepcopy(self.rng).random(coins + 1)[-1])
        token = self.sampler.sample(row, rng=self.rng, history=self.context, generated=len(self.written))
        return int(token), u

    @property
    def context(self) -> list[int]:
        return self.prompt + self.written

    def write_on(self, n: int, stop: frozenset[int]) -> None:
        while len(self.written) < n and self.written[-1] not in stop:
            self.written.append(self.next(self.model.next_logits(self.context))[0])

    def landing(self, row: NDArray[Any], token: int, n: int, stop: frozenset[int]) -> Landing:
        trace = self.sampler.trace(
            row, history=self.context, generated=len(self.written), coins=None, tokens=self.model
        )
        end = float(np.cumsum(trace.after, dtype=np.float64)[token])
        start = end - float(trace.after[token])
        self.written.append(token)
        self.write_on(n, stop)
        text = self.model.detokenize(self.written)
        return Landing(self.sampler, token, self.model.detokenize([token]), start, end, trace, text)


def diverge(
    a: Sampler,
    b: Sampler,
    model: Model,
    prompt: str,
    *,
    seed: int = 0,
    max_tokens: int = 48,
    stop: Iterable[int] = (),
) -> Divergence:
    """Run two samplers on one model with one seed, and show where their texts part and why.

    Parameters
    ----------
    a, b : Sampler
        The settings.
    model : BuiltIn, or anything with tokenize, detokenize and next_logits
        The model.
    prompt : str
        The text to continue, as it is.
    seed : int, optional
        Of both.
    max_tokens : int, optional
        How many tokens each writes.
    stop : iterable of int, optional
        Token ids after which a text ends.

    Returns
    -------
    Divergence
        With `common`, `index`, `u`, `a`, `b`, `why`; it prints, and has `table` and `plot`.

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
    for name, sampler in (("a", a), ("b", b)):
        if not isinstance(sampler, Sampler):
            raise TypeError(f"{name} must be a Sampler, got {sampler!r}")
    start, stops = model.tokenize(prompt), frozenset(stop)
    first, second = (_Writer(sampler, model, start, seed) for sampler in (a, b))
    for index in range(max_tokens):
        row = np.asarray(model.next_logits(first.context))
        (x, u), (y, _) = first.next(row), second.next(row)
        if x != y:
            common = model.detokenize(first.written)
            sides = [
                writer.landing(row, token, max_tokens, stops) for writer, token in ((first, x), (second, y))
            ]
            return Divergence(prompt, seed, common, index, u, *sides)
        first.written.append(x)
        second.written.append(y)
        if x in stops:
            break
    return Divergence(prompt, seed, model.detokenize(first.written), None, None, None, None)
