"""Rows, histories and requests, and how a library's answer is held beside an engine's."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from peers.draws import Draw

from logitlab import Sampler
from logitlab.sampling import ENGINES
from logitlab.sampling.steps.base import registry

N, GENERATED = 200, 4

Request = dict[str, Any]

# options that only change what another one asks for
NEED = {
    "xtc_threshold": {"xtc_probability"},
    "repeat_last_n": {"repeat_penalty", "presence_penalty", "frequency_penalty"},
}


@dataclass(frozen=True)
class Library:
    """A library that has an engine's rules, and how it is asked."""

    engine: str
    versions: Mapping[str, str]  # what runs here
    requests: list[Request]  # of fixed rows without equal logits
    requests_with_ties: list[Request]  # of fixed rows with them; what the library does not say is not asked
    options: Mapping[str, Draw]
    scores: Callable[
        [np.ndarray, list[int], int, Request], np.ndarray
    ]  # logits in the end, -inf where removed
    defaults: Mapping[str, Any]

    def any_request(self, rng: np.random.Generator, n: int, history: list[int]) -> Request:
        """Return some options, each about as often as not."""
        request = {name: draw(rng, n, history) for name, draw in self.options.items() if rng.random() < 0.4}
        if "min_new_tokens" in request:
            request["eos_token_id"] = int(rng.integers(4, n))  # none of the tokens that are banned
        alone = [name for name, others in NEED.items() if others.isdisjoint(request)]
        return {name: value for name, value in request.items() if name not in alone}


def row_of(seed: int, step: float = 2.0**-20) -> np.ndarray:
    """Return logits from a recipe of exact operations, on a grid: the coarser, the more are equal."""
    words = np.random.PCG64(seed).random_raw(2 * N)
    unit = (words >> np.uint64(44)).astype(np.float64) * 2.0**-20
    spread = (unit[:N] + unit[N:] - 1) * (2 + seed % 5) * 4
    return (np.rint(spread / step) * step).astype(np.float32)


def history_of(logits: np.ndarray, seed: int) -> list[int]:
    """Return the tokens so far: few different ones, the best among them."""
    best = np.argsort(-logits, kind="stable")[:6]
    picks = np.random.PCG64(seed + 1000).random_raw(14) % np.uint64(6)
    return [int(best[int(i)]) for i in picks]


def any_row(rng: np.random.Generator) -> tuple[np.ndarray, list[int], int]:
    """Return a row, with or without equal logits, the tokens before it, and how many of them were generated."""
    n = int(rng.choice([9, 14, 60, 300]))  # more than bans can remove
    row = rng.standard_normal(n) * rng.choice([0.5, 2, 5])
    step = rng.choice([0.0, 0.25, 1.0])
    row = np.rint(row / step) * step if step else row
    best = np.argsort(-row, kind="stable")[:4]
    history = rng.choice(best, rng.integers(0, 30)).tolist()
    return row.astype(np.float32), history, int(rng.integers(0, len(history) + 1))


def sampler_of(engine: str, request: Request, *, without_edges: bool = False) -> Sampler:
    """Return the engine's sampler for a request, or one that has its order alone: rows must tell them apart."""
    biases = {"logit_bias": [(tuple(tokens), bias) for tokens, bias in request.get("logit_bias", [])]}
    sampler = Sampler(engine=engine, **request | {name: value for name, value in biases.items() if value})
    if not without_edges:
        return sampler
    edges = ENGINES[engine].edges
    defaults = {kind: {field.name: field.default for field in fields(registry[kind])} for kind in edges}
    return Sampler(
        step.replace(**{name: defaults[step.kind][name] for name in edges.get(step.kind, ())})
        for step in sampler.steps
    )


def ours(
    sampler: Sampler, logits: np.ndarray, history: list[int], generated: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return which tokens a sampler keeps, and their probabilities; every coin falls."""
    coins = [0.0] * sum(step.coins for step in sampler.steps)
    trace = sampler.trace(logits, history=history, generated=generated, coins=coins)
    return trace.removed_by == len(sampler.steps), trace.after.astype(np.float64)


def theirs(
    library: Library, logits: np.ndarray, history: list[int], generated: int, request: Request
) -> tuple[np.ndarray, np.ndarray]:
    """Return the same of the library."""
    scores = library.scores(logits.copy(), history, generated, request).astype(np.float64)
    weights = np.exp(scores - scores.max())
    return scores > -np.inf, weights / weights.sum()


def verdict(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> str:
    """Say whether two answers are the same, differ in which of equal tokens they keep, or differ."""
    (kept, p), (other, q) = a, b
    mine, foreign = kept & ~other, other & ~kept
    if not mine.any() and not foreign.any():
        return "same" if np.abs(p - q).max() <= 3e-5 else "shares"
    parted = np.concatenate([p[mine], q[foreign]])
    equal = mine.sum() == foreign.sum() and np.ptp(parted) <= 1e-5 * parted.max()
    rest = np.abs((p - q)[kept & other]).max(initial=0) <= 3e-5
    return "unspecified" if equal and rest else "kept"
