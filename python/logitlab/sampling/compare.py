"""compare: what engines make of the same numbers on one row, and the first step where they part."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from logitlab.sampling.engines import ENGINES, engine_of
from logitlab.sampling.sampler import History, Sampler
from logitlab.sampling.trace import Trace

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame  # type: ignore[import-untyped, unused-ignore]


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
        Which engines; all that have the options' steps, if not given. Samplers of your own can be compared too: then
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
        For fewer than two engines, or a named engine that does not have a step.

    Examples
    --------
    >>> from logitlab import compare
    >>> same = compare([3.0, 2.0, 1.0], ["ollama", "transformers"], top_p=0.8, temperature=0.5)
    >>> print(same)
    ollama keeps 2 of 3 tokens, transformers 1.
    They part at top_p: ollama does it at temperature 1, transformers does it at temperature 0.5.
    """
    if isinstance(engines, Mapping):
        if options:
            raise TypeError("compare takes samplers or options, not both")
        samplers, without = dict(engines), dict[str, str]()
    else:
        samplers, without = _samplers(engines, options)
    if len(samplers) < 2:
        raise ValueError(f"compare needs at least two engines, got {', '.join(samplers) or 'none'}")
    row = np.asarray(logits)
    if row.ndim != 1:
        raise ValueError(f"compare needs one row of logits, got an array of shape {row.shape}")
    traces = {
        name: sampler.trace(row, history=history, generated=generated, tokens=tokens)
        for name, sampler in samplers.items()
    }
    return Comparison(traces, without)


def _samplers(
    engines: Iterable[str] | None, options: Mapping[str, Any]
) -> tuple[dict[str, Sampler], dict[str, str]]:
    """The engines' samplers, and why others are left out where nobody named them."""
    made, without = dict[str, Sampler](), dict[str, str]()
    for name in ENGINES if engines is None else engines:
        try:
            made[name] = Sampler(engine=engine_of(name).name, **options)
        except ValueError as error:
            if engines is not None or "has no" not in str(error):
                raise
            without[name] = str(error)
    return made, without


class Comparison:
    """What several engines, or samplers, make of one row.

    Attributes
    ----------
    traces : dict of str to Trace
        By engine.
    without : dict of str to str
        Engines that do not have one of the steps, and which.
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
        first, *others = (p.astype(np.float64) for p in self.probs.values())
        size = np.finfo(np.asarray(next(iter(self.probs.values()))).dtype).eps
        return all(np.allclose(p, first, rtol=16 * size, atol=0) for p in others)

    @property
    def reason(self) -> str:
        """Say in one sentence where the engines part, or why they agree."""
        if not self.same_tokens:
            return self._parting()
        if not self.same_probs:
            return "They keep the same tokens with other probabilities: a temperature or a penalty differs."
        return self._agreement()

    def _agreement(self) -> str:
        samplers = [trace.sampler for trace in self.traces.values()]
        if all(sampler.steps == samplers[0].steps for sampler in samplers):
            return "They agree: the steps and their order are the same."
        kinds = {step.kind for sampler in samplers for step in sampler.steps}
        if kinds <= {"temperature", "top_k", "top_n_sigma"}:
            return "They agree on every row: top_k orders the logits, and no temperature changes their order."
        if all(np.all(trace.temperature == 1) for trace in self.traces.values()):
            return "They agree here: at temperature 1 it makes no difference when it is applied."
        counts = {name: int(trace.count[-1]) for name, trace in self.traces.items()}
        return f"They agree on this row, by chance: the orders differ, and each keeps {next(iter(counts.values()))}."

    def _parting(self) -> str:
        a, b = self.groups[0][0], self.groups[1][0]
        kind = self.first_difference(a, b)
        return f"They part at {kind}: {self._at(a, kind)}, {self._at(b, kind)}."

    def first_difference(self, a: str, b: str) -> str:
        """The kind of the first step, in a's order, after which a's removals differ from what b's same step removed."""
        removed = {name: self._removed_by_kind(name) for name in (a, b)}
        for step in self.traces[a].sampler.steps:
            mine, theirs = removed[a].get(step.kind), removed[b].get(step.kind)
            if mine is None or theirs is None or not np.array_equal(mine, theirs):
                return step.kind
        return next(kind for kind in removed[b] if kind not in removed[a])

    def _removed_by_kind(self, name: str) -> dict[str, NDArray[np.intp]]:
        trace = self.traces[name]
        return {
            step.kind: np.flatnonzero(trace.removed_by == i) for i, step in enumerate(trace.sampler.steps)
        }

    def _at(self, name: str, kind: str) -> str:
        trace = self.traces[name]
        for i, step in enumerate(trace.sampler.steps):
            if step.kind == kind:
                at = f"{name} does it at temperature {trace.temperature[i]:g}"
                return at if trace.count[i] == trace.count[0] else f"{at}, of {trace.count[i]} tokens"
        return f"{name} does not have it"

    def __str__(self) -> str:
        n = next(iter(self.traces.values())).count[0]
        counts = [f"{name} {trace.count[-1]}" for name, trace in self.traces.items()]
        first, *others = counts
        name, count = first.rsplit(" ", 1)
        lines = [f"{name} keeps {count} of {n} tokens, {', '.join(others)}.", self.reason]
        lines += [f"Left out: {why}." for why in self.without.values()]
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
