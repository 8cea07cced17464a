"""compare: what engines make of the same numbers on one row, and the first step where they part."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logitlab.sampling.engines import ENGINES, Engine, engine_of
from logitlab.sampling.options import kinds_of, named
from logitlab.sampling.sampler import History, Sampler
from logitlab.sampling.steps.base import Step
from logitlab.sampling.trace import Trace

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame  # type: ignore[import-untyped, unused-ignore]


_KEEP_THE_BEST = {"top_k", "top_p", "min_p", "top_n_sigma", "top_h", "epsilon_cutoff", "eta_cutoff"}
_BY_RANK = {"temperature", "top_k", "top_n_sigma"}
_RANKS = "top_k orders the logits, and no temperature changes their order"
_SPREAD = "no temperature changes how many standard deviations logits lie apart"
_TIES = "One keeps exactly k, the lowest tokens among equal logits; the other all that equal the k-th."
_ONE = "it makes no difference when a temperature of 1 is applied"


def _tokens(n: int) -> str:
    return f"{n} token" if n == 1 else f"{n} tokens"


def _temperature(trace: Trace, before: int | None = None) -> float:
    """The temperature so far; a trace has none of its own after temperature 0, where one token is left."""
    steps = trace.sampler.steps[:before]
    if any(step.kind == "temperature" and step.temperature == 0 for step in steps):  # type: ignore[attr-defined]
        return 0.0
    return float(trace.temperature[len(steps)])


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
    **options: Any,
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
    row = np.asarray(logits)
    if row.ndim != 1:
        raise ValueError(f"compare needs one row of logits, got an array of shape {row.shape}")
    traces = {
        name: sampler.trace(row, history=history, generated=generated, tokens=tokens)
        for name, sampler in samplers.items()
    }
    for name, trace in traces.items():
        if trace.shape:
            raise ValueError(f"compare needs one number for each option, got {samplers[name]!r}")
    return Comparison(traces, without)


def _samplers(
    engines: Iterable[str] | None, options: Mapping[str, Any]
) -> tuple[dict[str, Sampler], dict[str, str]]:
    """The engines' samplers, and why others are left out where nobody named them."""
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
    """Why an engine can not be asked for these options; None if it can."""
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
    """

    def __init__(self, traces: dict[str, Trace], without: dict[str, str]) -> None:
        self.traces = traces
        self.without = without

    @cached_property
    def kept(self) -> dict[str, NDArray[np.intp]]:
        """The tokens that each engine keeps, ascending."""
        return {
            name: np.flatnonzero(trace.removed_by == len(trace.sampler.steps))
            for name, trace in self.traces.items()
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
        chains = [trace.sampler.steps for trace in self.traces.values()]
        if not any(chains):
            return "They agree on every row: no step is asked for."
        if all(steps == chains[0] for steps in chains):
            return "They agree on every row: the steps, their order and their edge rules are the same."
        kinds = {step.kind for steps in chains for step in steps}
        if kinds <= _BY_RANK:
            ties = len({step for steps in chains for step in steps if step.kind == "top_k"}) > 1
            where = "every row on which no equal logits stand at the k-th place" if ties else "every row"
            reasons = [_RANKS] * ("top_k" in kinds) + [_SPREAD] * ("top_n_sigma" in kinds)
            return f"They agree on {where}: {'; '.join(reasons)}."
        temperatures = {_temperature(trace) for trace in self.traces.values()}
        if temperatures == {0} and kinds <= {*_KEEP_THE_BEST, "temperature"}:
            return "They agree on every row: at temperature 0 the likeliest token is left, and no filter removes it."
        if temperatures != {1}:
            return f"They agree on this row, not on every one: {self._chains()}."
        bare = [tuple(step for step in steps if step.kind != "temperature") for steps in chains]
        if all(steps == bare[0] for steps in bare):
            return f"They agree on every row: {_ONE}."
        return f"They agree on this row, not on every one: {_ONE}, but the others differ; {self._chains()}."

    def _chains(self) -> str:
        """The different lists of steps, each with one engine that has it."""
        chains: dict[tuple[Step, ...], str] = {}
        for name, trace in self.traces.items():
            chains.setdefault(trace.sampler.steps, name)
        return "; ".join(f"{name} applies {', '.join(map(repr, steps))}" for steps, name in chains.items())

    def _other_shares(self) -> str:
        """Why engines that keep the same tokens draw them with other probabilities."""
        first, *others = self.traces
        other = next(name for name in others if not self._alike(first, name))
        kind = self.first_difference(first, other)
        mine, theirs = (self._step(name, kind)[0] for name in (first, other))
        rest = f"{other} {theirs!r}" if theirs else f"{other} does not"
        return f"They keep the same tokens with other probabilities: {first} applies {mine!r}, {rest}."

    def _alike(self, a: str, b: str) -> bool:
        return _close(self.probs[a], self.probs[b])

    def _parting(self, a: str, b: str) -> str:
        kind = self.first_difference(a, b)
        said = f"{a} and {b} part at {kind}: {self._at(a, kind)}; {self._at(b, kind)}."
        return f"{said} {_TIES}" if kind == "top_k" and self._ties(a) != self._ties(b) else said

    def _ties(self, name: str) -> list[str]:
        steps = self.traces[name].sampler.steps
        return [step.ties for step in steps if step.kind == "top_k"]  # type: ignore[attr-defined]

    def first_difference(self, a: str, b: str) -> str:
        """Give the kind of the first step, in a's order, that does not do in b what it does in a.

        It removes other tokens; or, if all remove the same, it has other parameters.
        """
        removed = {name: self._removed_by_kind(name) for name in (a, b)}
        steps = {name: self.traces[name].sampler.steps for name in (a, b)}
        for step in steps[a]:
            mine, theirs = removed[a][step.kind], removed[b].get(step.kind)
            if theirs is None or not np.array_equal(mine, theirs):
                return step.kind
        unlike = [step for step in (*steps[a], *steps[b]) if step not in steps[a] or step not in steps[b]]
        return unlike[0].kind if unlike else steps[a][0].kind

    def _removed_by_kind(self, name: str) -> dict[str, NDArray[np.intp]]:
        """What each kind of step removes; a kind that occurs twice counts as one step."""
        trace, removed = self.traces[name], dict[str, NDArray[np.intp]]()
        for i, step in enumerate(trace.sampler.steps):
            before = removed.get(step.kind, np.empty(0, np.intp))
            removed[step.kind] = np.union1d(before, np.flatnonzero(trace.removed_by == i))
        return removed

    def _step(self, name: str, kind: str) -> tuple[Step | None, int]:
        """The first step of a kind, and how many stand before it."""
        steps = self.traces[name].sampler.steps
        return next(((step, i) for i, step in enumerate(steps) if step.kind == kind), (None, len(steps)))

    def _at(self, name: str, kind: str) -> str:
        (step, i), trace = self._step(name, kind), self.traces[name]
        if step is None:
            return f"{name} does not apply it"
        at = f"at temperature {_temperature(trace, i):g}"
        return f"in {name}, {at}, {step!r} leaves {trace.count[i + 1]} of {_tokens(trace.count[i])}"

    def __str__(self) -> str:
        n = next(iter(self.traces.values())).before.size
        sizes = [len(self.kept[group[0]]) for group in self.groups]
        parts = [f"{', '.join(self.groups[0])}: {sizes[0]} of {_tokens(n)} kept"]
        for i, group in enumerate(self.groups[1:], 1):
            others = " others" if sizes[i] in sizes[:i] else ""
            parts.append(f"{', '.join(group)}: {sizes[i]}{others}")
        lines = ["; ".join(parts) + ".", self.reason]
        lines += [f"Left out: {name} {why}." for name, why in self.without.items()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"<Comparison of {', '.join(self.traces)}: {'same' if self.same_tokens else 'different'} tokens>"
        )

    def table(self, top: int = 20) -> list[dict[str, Any]]:
        """Give the likeliest tokens with their probability in each engine, as a list of dicts."""
        first = next(iter(self.traces.values()))
        order = np.argsort(-first.before.astype(np.float64), kind="stable")[:top]
        lines = []
        for token in order:
            line: dict[str, Any] = {"token": int(token)}
            if first._name is not None:
                line["text"] = first._name(int(token))
            line["before"] = float(first.before[token])
            lines.append(line | {name: float(p[token]) for name, p in self.probs.items()})
        return lines

    def frame(self, top: int = 20) -> "DataFrame":
        """Give the same as a pandas frame."""
        from logitlab.sampling.trace import _pandas

        return _pandas().DataFrame(self.table(top)).set_index("token")

    def _repr_html_(self) -> str:
        from logitlab.sampling.show import comparison_html

        return comparison_html(self)

    def plot(self, top: int = 20) -> "Figure":
        """Draw each engine's probabilities of the likeliest tokens side by side."""
        from logitlab.sampling.show import comparison_figure

        return comparison_figure(self, top)
