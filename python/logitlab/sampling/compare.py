"""compare: what engines make of the same numbers on one row, and the first step where they part."""

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logitlab._kernels import STEPS
from logitlab.extras import need
from logitlab.masks import plain
from logitlab.messages import shown
from logitlab.sampling.engines import ENGINES, Engine, engine_of
from logitlab.sampling.figures import comparison_figure
from logitlab.sampling.history import History
from logitlab.sampling.html import TOP, comparison_html
from logitlab.sampling.keywords import SamplerOptions
from logitlab.sampling.names import names_of
from logitlab.sampling.options import kinds_of, named
from logitlab.sampling.sampler import Sampler
from logitlab.sampling.steps import TopK, TopP
from logitlab.sampling.steps.base import Step
from logitlab.sampling.trace import Trace

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame  # type: ignore[import-untyped, unused-ignore]


# at temperature 0 the likeliest token is left by these
_KEEP_THE_BEST = {
    kind for kind, (traits, _) in STEPS.items() if "filter" in traits and "removes_best" not in traits
}
# the same tokens, and the same probabilities at the end, wherever a temperature stands
_BY_RANK = {"temperature"} | {kind for kind, (traits, _) in STEPS.items() if "by_rank" in traits}
_RANKS = "top_k orders the logits, and no temperature changes their order"
_SPREAD = "no temperature changes how many standard deviations logits lie apart"
_TIES = {
    "top_k": "One keeps exactly k, the lowest tokens among equal logits; the other all that equal the k-th.",
    "top_p": "One keeps as many of equal logits as p needs, the lowest tokens first; the other all of them.",
    "epsilon_cutoff": "No token reaches epsilon: one keeps the first of the best; the other all that equal it.",
}
_CUTS = {
    "top_k": "at the k-th place",
    "top_p": "where top_p ends",
    "epsilon_cutoff": "as the best, below epsilon_cutoff",
}
_ONE = "it makes no difference when a temperature of 1 is applied"


def _listed(steps: Iterable[Step]) -> str:
    return ", ".join(map(repr, steps))


def _tokens(n: int) -> str:
    return f"{n} token" if n == 1 else f"{n} tokens"


def _temperature(trace: Trace, before: int | None = None) -> float:
    """Return the temperature so far; that of the trace is what is still to be applied to its logits."""
    steps = enumerate(trace.steps[:before], 1)
    applied = [float(trace.threshold[i]) for i, step in steps if "scales" in step.traits]
    return 0.0 if 0 in applied else float(math.prod(applied))


def _effective(trace: Trace) -> tuple[Step, ...]:
    """Return the steps without an edge rule that their numbers, or what is before them, do not meet."""
    steps, is_first = list(trace.steps), True
    for place, step in enumerate(steps):
        if isinstance(step, TopK):
            steps[place] = step.replace(ties=step.ties if step.k != 0 else "index")
        if isinstance(step, TopP):
            cuts = step.p != 1 and (step.p != 0 or step.zero == "one")
            steps[place] = step.replace(
                zero="one" if step.p != 0 else step.zero,
                renormalise=is_first or step.renormalise,
                ties=step.ties if cuts else "index",
            )
        is_first = (
            is_first and "filter" not in step.traits
        )  # what is banned is no part of the whole of a top_p
    return tuple(steps)


def _without_ties(steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps as they are on rows on which no equal logits stand where they cut."""
    return tuple(step.replace(ties="index") if step.kind in _CUTS else step for step in steps)


def _where(chains: Iterable[tuple[Step, ...]]) -> str:
    """Return the rows on which the chains' rules for ties make no difference."""
    rules = {kind: {step for steps in chains for step in steps if step.kind == kind} for kind in _CUTS}
    cuts = [_CUTS[kind] for kind, steps in rules.items() if len({dict(step)["ties"] for step in steps}) > 1]
    return f"every row on which no equal logits stand {' or '.join(cuts)}" if cuts else "every row"


def _close(p: NDArray[Any], q: NDArray[Any]) -> bool:
    """Whether two distributions are equal, to rounding."""
    eps = float(np.finfo(p.dtype).eps)
    return bool(np.allclose(p.astype(np.float64), q.astype(np.float64), rtol=16 * eps, atol=0))


def compare(
    logits: ArrayLike,
    engines: Iterable[str] | Mapping[str, Sampler] | None = None,
    *,
    history: History = None,
    generated: int | None = None,
    tokens: Any = None,
    **options: Unpack[SamplerOptions],
) -> "Comparison":
    """Run the same numbers through several engines on one row.

    Parameters
    ----------
    logits : array_like
        One row.
    engines : iterable of str, or mapping of names to Sampler, optional
        Which engines; all that can do it, if not given. Samplers of your own can be compared too: then
        give no options.
    history, generated, tokens
        As for `Sampler.trace`.
    **options
        As for `Sampler`.

    Returns
    -------
    Comparison

    Raises
    ------
    TypeError
        For samplers and options together; for an option that is none, with the nearest name.
    ValueError
        For fewer than two engines, or a named engine that does not have a step, or does something else for a value.

    Examples
    --------
    >>> from logitlab import compare
    >>> found = compare([3.0, 2.0, 1.0], ["ollama", "transformers"], top_p=0.8, temperature=0.5)
    >>> print(found)
    ollama: 2 of 3 tokens kept; transformers: 1.
    ollama and transformers part at top_p: in ollama, at temperature 1, TopP(0.8) leaves 2 of 3 tokens; in transformers, at temperature 0.5, TopP(0.8) leaves 1 of 3 tokens.
    """  # noqa: E501
    if isinstance(engines, Mapping):
        if options:
            raise TypeError("compare takes samplers or options, not both")
        samplers, without = dict(engines), dict[str, str]()
    else:
        samplers, without = _samplers(engines, options)
    if len(samplers) < 2:
        others = "".join(f"; {name} {why}" for name, why in without.items())
        raise ValueError(f"compare needs at least two engines, got {', '.join(samplers) or 'none'}{others}")
    row = plain(logits, "logits")
    if row.ndim != 1:
        raise ValueError(f"compare needs one row of logits, got an array of shape {row.shape}")
    names = names_of(tokens, row.size)
    traces = {
        name: sampler.trace(row, history=history, generated=generated, tokens=names)
        for name, sampler in samplers.items()
    }
    for name, trace in traces.items():
        if trace.shape:
            raise ValueError(f"compare needs one number for each option, got {shown(samplers[name])}")
    notes = {} if isinstance(engines, Mapping) else _notes(traces)
    return Comparison(traces, without, notes)


def _notes(traces: Mapping[str, Trace]) -> dict[str, list[str]]:
    """Return what is not modelled of the engines' steps, with the engines that have it."""
    notes = dict[str, list[str]]()
    for name, trace in traces.items():
        kinds = {step.kind for step in trace.steps}
        for note in ENGINES[name].notes:
            if not kinds.isdisjoint(note.steps):
                notes.setdefault(note.says, []).append(name)
    return notes


def _samplers(
    engines: Iterable[str] | None, options: Mapping[str, Any]
) -> tuple[dict[str, Sampler], dict[str, str]]:
    """Return the engines' samplers, and why others are left out where nobody named them."""
    Sampler(**options)  # says what is wrong with an option, whatever the engines
    made, without = dict[str, Sampler](), dict[str, str]()
    for name in ENGINES if engines is None else engines:
        engine = engine_of(name)
        why = _why_not(engine, options)
        if why is None:
            made[engine.name] = Sampler(engine=engine.name, **options)
        elif engines is None:
            without[engine.name] = why
        else:
            raise ValueError(f"the engine {engine.name!r} {why}")
    return made, without


def _why_not(engine: Engine, options: Mapping[str, Any]) -> str | None:
    """Why an engine cannot be asked for these options; None if it can."""
    given = named(options)
    if missing := [kind for kind in kinds_of(given) if kind not in engine.order]:
        return f"has no {', no '.join(missing)}"
    for unlike in engine.unlike:
        if unlike.option in given and given[unlike.option] in unlike:
            return unlike.says
    return None


class Comparison:
    """What several engines, or samplers, make of one row.

    Attributes
    ----------
    traces : dict of str to Trace
        By engine.
    without : dict of str to str
        Engines that are left out, and why: they do not have a step, or do something else for a value.
    notes : dict of str to list of str
        What is not modelled of the steps that were asked for, with the engines that have it.
    """

    def __init__(
        self, traces: dict[str, Trace], without: dict[str, str], notes: dict[str, list[str]] | None = None
    ) -> None:
        self.traces = traces
        self.without = without
        self.notes = notes or {}

    @cached_property
    def kept(self) -> dict[str, NDArray[np.intp]]:
        """The tokens that each engine keeps, ascending."""
        return {
            name: np.flatnonzero(trace.removed_by == len(trace.steps)) for name, trace in self.traces.items()
        }

    @cached_property
    def probs(self) -> dict[str, NDArray[Any]]:
        """The distribution that each engine draws from."""
        return {name: trace.after for name, trace in self.traces.items()}

    @cached_property
    def groups(self) -> list[list[str]]:
        """Engines that keep the same tokens, together; the first group is that of the first engine."""
        groups: dict[bytes, list[str]] = {}
        for name, kept in self.kept.items():
            groups.setdefault(kept.tobytes(), []).append(name)
        return list(groups.values())

    @property
    def same_tokens(self) -> bool:
        """Whether all keep the same tokens."""
        return len(self.groups) == 1

    @cached_property
    def same_probs(self) -> bool:
        """Whether all draw from the same distribution, to rounding."""
        first, *others = self.probs.values()
        return all(_close(p, first) for p in others)

    @property
    def reason(self) -> str:
        """Say where the engines part, or why they agree."""
        if not self.same_tokens:
            first, *others = (group[0] for group in self.groups)
            return "\n".join(self._parting(first, other) for other in others)
        return self._agreement() if self.same_probs else self._other_shares()

    def _agreement(self) -> str:
        chains = [_effective(trace) for trace in self.traces.values()]
        if not any(chains):
            return "They agree on every row: no step is asked for."
        if all(steps == chains[0] for steps in chains):
            return "They agree on every row: the steps, their order and their edge rules are the same."
        where, chains = _where(chains), [_without_ties(steps) for steps in chains]
        if all(steps == chains[0] for steps in chains):
            return f"They agree on {where}: the steps, their order and their other edge rules are the same."
        kinds = {step.kind for steps in chains for step in steps}
        if kinds <= _BY_RANK:
            reasons = [_RANKS] * ("top_k" in kinds) + [_SPREAD] * ("top_n_sigma" in kinds)
            return f"They agree on {where}: {'; '.join(reasons)}."
        temperatures = {_temperature(trace) for trace in self.traces.values()}
        if temperatures == {0} and kinds <= {*_KEEP_THE_BEST, "temperature"}:
            return "They agree on every row: at temperature 0 the likeliest token is left, and no filter removes it."
        if temperatures != {1}:
            return f"They agree on this row, not on every one: {self._chains()}."
        bare = [tuple(step for step in steps if step.kind != "temperature") for steps in chains]
        if all(steps == bare[0] for steps in bare):
            return f"They agree on {where}: {_ONE}."
        return f"They agree on this row, not on every one: {_ONE}, but the others differ; {self._chains()}."

    def _chains(self) -> str:
        """Return the different lists of steps, each with one engine that has it."""
        chains: dict[tuple[Step, ...], str] = {}
        for name, trace in self.traces.items():
            chains.setdefault(_effective(trace), name)
        return "; ".join(f"{name} applies {_listed(steps) or 'no step'}" for steps, name in chains.items())

    def _other_shares(self) -> str:
        """Why engines that keep the same tokens draw them with other probabilities."""
        first, *others = self.traces
        other = next(name for name in others if not _close(self.probs[first], self.probs[name]))
        mine, theirs = _listed(self._unlike(first, other)), _listed(self._unlike(other, first))
        rest = f"{other} {theirs}" if theirs else f"{other} does not"
        return f"They keep the same tokens with other probabilities: {first} applies {mine}, {rest}."

    def _unlike(self, name: str, other: str, before: int | None = None) -> list[Step]:
        """Return the steps of one engine that change logits, or rank them, otherwise than the same step of another."""
        theirs = _effective(self.traces[other])
        return [step for step in _effective(self.traces[name])[:before] if step not in theirs]

    def first_difference(self, a: str, b: str) -> tuple[int | None, int | None]:
        """Return the first steps that leave other tokens, as their places in a's and in b's list.

        Only steps that remove tokens are compared, in order; if one engine has none left, it is its step of the same
        kind, or None.
        """
        for mine, theirs in zip_longest(self._removals(a), self._removals(b)):
            if mine is None or theirs is None:
                return (
                    (mine[0], self._twin(b, a, mine[0])) if mine else (self._twin(a, b, theirs[0]), theirs[0])
                )
            if not np.array_equal(mine[1], theirs[1]):
                return mine[0], theirs[0]
        return None, None

    def _twin(self, name: str, other: str, place: int) -> int | None:
        """Where an engine has the step that stands at a place of another."""
        steps, kind = self.traces[name].steps, self._kind(other, place)
        return next((i for i, step in enumerate(steps) if step.kind == kind), None)

    def _removals(self, name: str) -> list[tuple[int, NDArray[np.intp]]]:
        """Return the steps that remove a token, with the remaining tokens after each."""
        removed_by = self.traces[name].removed_by
        steps = np.unique(removed_by[removed_by >= 0])
        last = len(self.traces[name].steps)
        return [(int(i), np.flatnonzero(removed_by > i)) for i in steps if i != last]

    def _parting(self, a: str, b: str) -> str:
        places = self.first_difference(a, b)
        kinds = [self._kind(name, i) for name, i in zip((a, b), places, strict=True)]
        at = " and ".join(dict.fromkeys(kind for kind in kinds if kind))
        said = f"{a} and {b} part at {at}: {self._at(a, places[0])}; {self._at(b, places[1])}."
        changes = [step for step in self._unlike(a, b, places[0]) if "scales" not in step.traits]
        if changes:
            said += (
                f" Before it {a} applies {_listed(changes)}, {b} {_listed(self._unlike(b, a, places[1]))}."
            )
        ties = "" if changes else self._ties(a, b, places)
        return f"{said} {ties}" if ties else said

    def _kind(self, name: str, place: int | None) -> str:
        return "" if place is None else self.traces[name].steps[place].kind

    def _ties(self, a: str, b: str, places: tuple[int | None, int | None]) -> str:
        """Return what two steps do with equal logits, where they differ in nothing else."""
        if places[0] is None or places[1] is None:
            return ""
        mine, theirs = _effective(self.traces[a])[places[0]], _effective(self.traces[b])[places[1]]
        alike = mine != theirs and _without_ties([mine]) == _without_ties([theirs])
        as_warm = _temperature(self.traces[a], places[0]) == _temperature(self.traces[b], places[1])
        return _TIES[mine.kind] if alike and (as_warm or mine.kind in _BY_RANK) else ""

    def _at(self, name: str, place: int | None) -> str:
        trace = self.traces[name]
        if place is None:
            return f"{name} removes nothing more"
        at, step = f"at temperature {_temperature(trace, place):g}", _effective(trace)[place]
        return f"in {name}, {at}, {step!r} leaves {trace.count[place + 1]} of {_tokens(trace.count[place])}"

    def __str__(self) -> str:
        n = next(iter(self.traces.values())).before.size
        sizes = [len(self.kept[group[0]]) for group in self.groups]
        parts = [f"{', '.join(self.groups[0])}: {sizes[0]} of {_tokens(n)} kept"]
        for i, group in enumerate(self.groups[1:], 1):
            others = (" other" if sizes[i] == 1 else " others") if sizes[i] in sizes[:i] else ""
            parts.append(f"{', '.join(group)}: {sizes[i]}{others}")
        lines = ["; ".join(parts) + ".", self.reason]
        lines += [f"Left out: {name} {why}." for name, why in self.without.items()]
        lines += [f"Note on {', '.join(names)}: {says}." for says, names in self.notes.items()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"<Comparison of {', '.join(self.traces)}: {'same' if self.same_tokens else 'different'} tokens>"
        )

    @cached_property
    def alike(self) -> list[list[str]]:
        """Engines that keep the same tokens with the same probabilities, together."""
        groups = list[list[str]]()
        for name, p in self.probs.items():
            own = next((group for group in groups if _close(self.probs[group[0]], p)), None)
            if own is None:
                groups.append([name])
            else:
                own.append(name)
        return groups

    def shown(self, top: int = 20) -> NDArray[np.intp]:
        """Return the tokens to look at, likeliest first: half the likeliest, half those that not all keep."""
        before = next(iter(self.traces.values())).before.astype(np.float64)
        ranked = np.argsort(-before, kind="stable")
        kept = np.sum([p > 0 for p in self.probs.values()], axis=0)
        disputed = ranked[(kept[ranked] > 0) & (kept[ranked] < len(self.probs))][: top // 2]
        rest = ranked[~np.isin(ranked, disputed)][: top - len(disputed)]
        return ranked[np.isin(ranked, [*disputed, *rest])]

    def table(self, top: int = 20) -> list[dict[str, Any]]:
        """Return the tokens of `shown` with their probability in each engine, as a list of dicts."""
        first = next(iter(self.traces.values()))
        order = self.shown(top)
        lines = []
        for token in order:
            line: dict[str, Any] = {"token": int(token)}
            if first._name is not None:
                line["text"] = first._name(int(token))
            line["before"] = float(first.before[token])
            lines.append(line | {name: float(p[token]) for name, p in self.probs.items()})
        return lines

    def frame(self, top: int = 20) -> "DataFrame":
        """Return the same as a pandas frame."""
        return need("pandas", "notebook").DataFrame(self.table(top)).set_index("token")

    def _repr_html_(self) -> str:
        engines = [
            {
                "engine": name,
                "steps": " \N{RIGHTWARDS ARROW} ".join(map(repr, trace.steps)),
                "left": int(trace.count[-1]),
                "mass": float(trace.mass[-1]),
                "bits": float(trace.entropy_bits[-1]),
            }
            for name, trace in self.traces.items()
        ]
        return comparison_html(str(self), engines, self.table(TOP), list(self.traces))

    def plot(self, top: int = 20) -> "Figure":
        """Draw the probabilities of the tokens of `shown` side by side; engines that agree share a panel."""
        groups = [(group, int(self.traces[group[0]].count[-1])) for group in self.alike]
        return comparison_figure(self.table(top), groups)
