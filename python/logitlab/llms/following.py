"""A sampler's chain on the best tokens of a row, when all that is known of the others is how much they can weigh.

The others, the tail, are bounded: how many they can be, the largest logit one of them can have, their weight together.
Each step turns the bounds into bounds, and wherever a cut may fall in more than one place all the places are followed.
So the result is a lowest and a highest probability for each token that is known, and it is sure only where nothing that
is not known can matter. Once no other token can be left, the steps are `Sampler`'s own.

A cut within 1e-5 of its bound is not sure: a server computes in float32, where the sums and the last digits of a
log-probability are no better than that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from logitlab.sampling import Sampler
    from logitlab.sampling.steps import Step

    Floats = npt.NDArray[np.float64]

Steps = Sequence[tuple[str, Mapping[str, Any]]]  # kinds with their options, in order

FLOAT32 = 1e-5  # how near to a bound a server's cut may fall on either side
SUM = 3e-4  # by how much the probabilities of a whole vocabulary, added in float32, miss 1
MOST = 1_000_000  # tokens of a vocabulary

MOVED = "more tokens than the {n} reported can be drawn, or move the cut"
NEAR = "a cut lies within float32's error of a token"


@dataclass(frozen=True, slots=True)
class Tail:
    """The candidates that are not known: at most `count` of them, with weights exp(logit)."""

    count: float
    top: float  # the largest logit that one can have
    low: float  # their weight together, at least
    high: float  # and at most


@dataclass(frozen=True, slots=True)
class Bounds:
    """Probabilities of the known tokens: at least, at most, and with the most weight beyond them.

    `why` is empty where all three are sure.
    """

    low: "Floats"
    high: "Floats"
    probs: "Floats"
    why: str = ""

    def within(self, kept: "npt.NDArray[np.intp]", n: int) -> "Bounds":
        """Return the same for a row of which these are some tokens; the others have been cut away."""
        low, high, probs = np.zeros((3, n))
        low[kept], high[kept], probs[kept] = self.low, self.high, self.probs
        return Bounds(low, high, probs, self.why)


def follow(logits: "Floats", tail: Tail | None, steps: Steps) -> Bounds:
    """Return the probabilities after `steps`, pairs of a kind and its options.

    `logits` may be in any order; penalties have been applied to them.
    """
    best = np.argsort(-logits, kind="stable")
    ranked = logits[best]
    largest = ranked[0] if tail is None else max(ranked[0], tail.top)
    if tail is not None:
        scale = np.exp(-largest)
        tail = Tail(tail.count, tail.top - largest, tail.low * scale, tail.high * scale)
    return _ranked(ranked - largest, tail, steps, 1.0).within(best, len(logits))


def _ranked(logits: "Floats", tail: Tail | None, steps: Steps, sharp: float) -> Bounds:
    """As `follow`, for logits in falling order; `sharp` is by how much a temperature has magnified their errors."""
    if tail is None or tail.high <= 0:
        return _settled(logits, steps, sharp)
    if not steps:
        return _drawn(logits, tail)
    (kind, options), *rest = steps
    if kind == "temperature" and options["temperature"] > 0:
        hotter = 1 / options["temperature"]
        return _ranked(logits * hotter, _tempered(tail, hotter), rest, max(sharp, sharp * hotter))
    if _does_nothing(kind, options):
        return _ranked(logits, tail, rest, sharp)
    if kind == "xtc":
        return _top_choices(logits, tail, options, rest, sharp)
    return _cut(logits, tail, steps, sharp)


def _does_nothing(kind: str, options: Mapping[str, Any]) -> bool:
    if kind == "xtc":
        return bool(options["xtc_probability"] <= 0 or options["xtc_threshold"] > 0.5)
    return bool(options[kind] >= 1 if kind == "top_p" else options[kind] <= 0 and kind in ("top_k", "min_p"))


def _drawn(logits: "Floats", tail: Tail) -> Bounds:
    """No step is left: each weight's share."""
    weights = np.exp(logits)
    total = weights.sum()
    most = weights / (total + tail.high)
    return Bounds(most, weights / (total + tail.low), most, MOVED)


def _tempered(tail: Tail, power: float) -> Tail:
    """Return the tail with its weights raised to a power.

    The sum is largest for few heavy tokens if the power is above 1, for many light ones if it is below.
    """
    top = np.exp(tail.top)
    spread = [tail.count * (weight / tail.count) ** power for weight in (tail.low, tail.high)]
    heavy = [weight * top ** (power - 1) for weight in (tail.low, tail.high)]
    low, high = (spread[0], heavy[1]) if power >= 1 else (heavy[0], spread[1])
    return Tail(tail.count, tail.top * power, low, min(high, tail.count * top**power))


def _cut(logits: "Floats", tail: Tail, steps: Steps, sharp: float) -> Bounds:
    """Return a step that keeps the best tokens: every number of known tokens that it may keep, and what of the tail."""
    (kind, options), *rest = steps
    places = _PLACES[kind](logits, tail, options.get(kind, 0), FLOAT32 * sharp)
    n = len(logits)
    gone = [kept for kept, left in places if left is None]
    if len(places) == len(gone) == 1 and kind != "top_p":
        return _settled(logits, steps, sharp)  # no other token is left, and our own step makes the cut
    followed = [
        _ranked(logits[:kept], left, rest, sharp).within(np.arange(kept), n)
        if kept
        else Bounds(np.zeros(n), np.zeros(n), np.zeros(n), MOVED)
        for kept, left in places
    ]
    return _any_of(followed)


def _any_of(followed: Sequence[Bounds]) -> Bounds:
    """Return what holds whichever of these is true; the last one has the most tokens."""
    low = np.min([one.low for one in followed], axis=0)
    high = np.max([one.high for one in followed], axis=0)
    why = next((one.why for one in followed if one.why), "")
    if not why and not np.array_equal(low, high):
        why = MOVED
    return Bounds(low, high, followed[-1].probs, why)


Places = list[tuple[int, Tail | None]]


def _mixed(logits: "Floats", tail: Tail) -> int:
    """Return the first known token that one of the tail may stand before."""
    return int((logits >= tail.top).sum())


def _top_k(logits: "Floats", tail: Tail, k: int, near: float) -> Places:
    n = len(logits)
    mixed = _mixed(logits, tail)
    places: Places = []
    for kept in range(min(mixed, k, n), min(n, k) + 1):
        room = min(tail.count, k - kept)
        share = tail.low * room / tail.count
        most = min(tail.high, room * float(np.exp(tail.top)))
        places.append((kept, Tail(room, tail.top, min(share, most), most) if room else None))
    return places


def _top_p(logits: "Floats", tail: Tail, p: float, near: float) -> Places:
    """Return the shortest prefix that reaches p, with every weight that the tail can have."""
    weights = np.exp(logits)
    reached = np.append(0.0, np.cumsum(weights))
    n, mixed = len(logits), _mixed(logits, tail)
    least = p * (reached[-1] + tail.low) * (1 - near)
    most = p * (reached[-1] + tail.high) * (1 + near)
    places: Places = []
    for kept in range(0 if mixed == 0 else 1, n + 1):
        beyond = kept == n or kept >= mixed  # a token of the tail may come next
        if kept > 1 and reached[kept - 1] >= most:
            break
        if reached[kept] + (tail.high if beyond or kept > mixed else 0.0) < least:
            continue
        after = max(0.0, most - reached[kept]) + float(np.exp(tail.top)) if reached[kept] < most else 0.0
        before = most - reached[kept - 1] if kept > mixed else 0.0
        high = min(tail.high, max(after if beyond else 0.0, before))
        low = min(max(0.0, least - reached[kept]), high)
        places.append((kept, Tail(tail.count, tail.top, low, high) if high > 0 else None))
    return places


def _min_p(logits: "Floats", tail: Tail, p: float, near: float) -> Places:
    """Return what is at least p times the largest, which may be one of the tail."""
    lowest = logits[0] + np.log(p)
    highest = max(logits[0], tail.top) + np.log(p)
    first, last = int((logits >= highest + near).sum()), int((logits >= lowest - near).sum())
    left = Tail(tail.count, tail.top, 0.0, tail.high) if tail.top >= lowest - near else None
    if left is None:
        return [(last, None)]  # how near the known tokens are to the bound is seen there
    return [(kept, left) for kept in range(first, last + 1)]


def _greedy(logits: "Floats", tail: Tail, _: float, near: float) -> Places:
    return _top_k(logits, tail, 1, near)


_PLACES = {"top_k": _top_k, "top_p": _top_p, "min_p": _min_p, "temperature": _greedy}


def _top_choices(
    logits: "Floats",
    tail: Tail,
    options: Mapping[str, Any],
    rest: Steps,
    sharp: float,
) -> Bounds:
    """XTC where others are left: followed if none of them can be a top choice."""
    n, near = len(logits), FLOAT32 * sharp
    chance, bound = options["xtc_probability"], options["xtc_threshold"]
    weights = np.exp(logits)
    least, most = weights.sum() + tail.low, weights.sum() + tail.high
    if _mixed(logits, tail) < n or np.exp(tail.top) / least >= bound * (1 - near):
        why = f"xtc_threshold {bound!r} is not followed where a token that is not reported may reach it"
        return Bounds(np.zeros(n), np.ones(n), _ranked(logits, tail, rest, sharp).probs, why)
    spared = _ranked(logits, tail, rest, sharp)
    sure = int((weights / most >= bound * (1 + near)).sum())
    possible = int((weights / least >= bound * (1 - near)).sum())
    followed = []
    for choices in range(sure, possible + 1):
        kept = np.arange(max(choices - 1, 0), n)
        fallen = _ranked(logits[kept], tail, rest, sharp).within(kept, n)
        followed.append(_mixture(chance, fallen, spared))
    return _any_of(followed)


def _mixture(chance: float, one: Bounds, other: Bounds) -> Bounds:
    """`one` with a chance, else `other`."""
    low, high, probs = (
        chance * ours + (1 - chance) * others
        for ours, others in ((one.low, other.low), (one.high, other.high), (one.probs, other.probs))
    )
    return Bounds(low, high, probs, one.why or other.why)


def _settled(logits: "Floats", steps: Steps, sharp: float) -> Bounds:
    """All candidates are known: what our own sampler says, and whether it hangs on float32's error."""
    cases = [_probs(logits, steps, near * FLOAT32 * sharp) for near in (0, -1, 1)]
    cases += [_probs(row, steps, 0.0) for row in _ties(logits, steps)]
    if all(((case > 0) == (cases[0] > 0)).all() for case in cases):
        return Bounds(cases[0], cases[0], cases[0])
    return Bounds(np.min(cases, axis=0), np.max(cases, axis=0), cases[0], NEAR)


def _ties(logits: "Floats", steps: Steps) -> "list[Floats]":
    """Return the row with each token that ties with the last one kept nudged to the front, in turn."""
    counts = [options["top_k"] for kind, options in steps if kind == "top_k" and options["top_k"] > 0]
    counts += [1 for kind, options in steps if kind == "temperature" and options["temperature"] == 0]
    rows = []
    for k in counts:
        if k < len(logits) and logits[k - 1] - logits[k] <= FLOAT32:
            for i in np.flatnonzero(np.abs(logits - logits[k - 1]) <= FLOAT32):
                rows.append(logits + 2 * FLOAT32 * (np.arange(len(logits)) == i))
    return rows


def _probs(logits: "Floats", steps: Steps, near: float) -> "Floats":
    """Our sampler's probabilities, with every bound of a cut moved by the share `near` of itself."""
    probs: Floats = _sampler(tuple((kind, *options.items()) for kind, options in steps), near).probs(logits)
    return probs


@lru_cache(256)  # the tokens of an answer share a few chains
def _sampler(steps: tuple[tuple[Any, ...], ...], near: float) -> "Sampler":
    from logitlab.sampling import Sampler  # only here: most answers are never asked for their distribution

    made: list[Step] = []
    for kind, *given in steps:
        options = dict(given)
        if kind == "temperature":
            made += Sampler(**options).steps
            near /= min(options[kind] or 1, 1)  # what it magnifies, it magnifies with its errors
        elif not _does_nothing(kind, options):
            moved = {name: min(value * (1 + near), 1.0) for name, value in options.items() if name in _BOUNDS}
            made += Sampler(**(options | moved)).steps
    return Sampler(made)


# what a cut compares with; top_k counts
_BOUNDS = ("top_p", "min_p", "xtc_threshold")
