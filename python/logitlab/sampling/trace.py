"""Trace: what each step of a sampler did to a row, as arrays, as tables, as a plot and in sentences."""

import operator
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from logitlab.extras import need
from logitlab.messages import shown
from logitlab.sampling.figures import trace_figure
from logitlab.sampling.html import TOP, trace_html
from logitlab.sampling.names import names_of
from logitlab.sampling.steps.base import Step

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame  # type: ignore[import-untyped, unused-ignore]

_RECORD = ("count", "mass", "kept", "entropy", "threshold", "low", "high", "temperature")


class Steps(Protocol):
    """What a trace asks of the sampler that it is of, which is above it: its steps, and a repr."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps, in order."""


class Trace:
    """What each step of a sampler did to a row, or to each row of a batch.

    The arrays of the steps have one entry more than there are steps: the first is the row before any. All have the
    batch's shape in front.

    Attributes
    ----------
    sampler : Sampler
        Whose steps they are.
    count : ndarray of int64
        How many tokens are left.
    mass : ndarray of float64
        Their mass in the row's own distribution (softargmax at T = 1, before any step). Where a row has +inf, each
        of those has an equal part of it.
    kept : ndarray of float64
        Their mass in the distribution before this step.
    entropy : ndarray of float64
        Of the distribution that is left, in nats, at the temperature so far.
    threshold : ndarray of float64
        What the step compared with; each step's docstring says what it is. NaN where it has none, or did nothing.
    low, high : ndarray of float64
        The smallest and the largest logit that is left; -inf for `low` until a token is removed.
    temperature : ndarray of float64
        The temperature so far.
    removed_by : ndarray of int8
        For each token the step that removed it, counted from 0; the number of steps if it is left; -1 if it was -inf.
    margin : ndarray of float32 or float64
        For each token that a step removed: how far it is from what the step left, in logits divided by the temperature
        then, so that exp(margin) is how many times likelier it would have to be. inf for a ban, and beside +inf.
    before, after : ndarray
        The probabilities before any step, and after all.
    """

    def __init__(
        self,
        sampler: Steps,
        records: NDArray[np.float64],
        removed: NDArray[np.int8],
        margin: NDArray[Any],
        before: NDArray[Any],
        after: NDArray[Any],
        tokens: Any = None,
    ) -> None:
        self.sampler: Any = sampler
        self._records = records
        self._removed = removed
        self.margin = margin
        self.before = before
        self.after = after
        self._name = names_of(tokens, removed.shape[-1])

    @property
    def steps(self) -> tuple[Step, ...]:
        """The sampler's steps."""
        steps: tuple[Step, ...] = self.sampler.steps
        return steps

    def _column(self, name: str) -> NDArray[np.float64]:
        column: NDArray[np.float64] = self._records[..., _RECORD.index(name)]
        return column

    @property
    def count(self) -> NDArray[np.int64]:
        """How many tokens are left."""
        return self._column("count").astype(np.int64)

    @property
    def mass(self) -> NDArray[np.float64]:
        """Their mass in the row's own distribution."""
        return self._column("mass")

    @property
    def kept(self) -> NDArray[np.float64]:
        """Their mass in the distribution before this step."""
        return self._column("kept")

    @property
    def entropy(self) -> NDArray[np.float64]:
        """The entropy of the distribution that is left, in nats."""
        return self._column("entropy")

    @property
    def entropy_bits(self) -> NDArray[np.float64]:
        """The entropy in bits."""
        bits: NDArray[np.float64] = self.entropy / np.log(2)
        return bits

    @property
    def effective(self) -> NDArray[np.float64]:
        """The perplexity, exp(entropy): as many equally likely tokens would have the same entropy."""
        return np.exp(self.entropy)

    @property
    def threshold(self) -> NDArray[np.float64]:
        """What the step compared with; NaN where it has none, or did nothing."""
        return self._column("threshold")

    @property
    def low(self) -> NDArray[np.float64]:
        """The smallest logit that is left."""
        return self._column("low")

    @property
    def high(self) -> NDArray[np.float64]:
        """The largest logit that is left."""
        return self._column("high")

    @property
    def temperature(self) -> NDArray[np.float64]:
        """The temperature so far."""
        return self._column("temperature")

    @property
    def removed_by(self) -> NDArray[np.int8]:
        """For each token the step that removed it, counted from 0."""
        return self._removed - np.int8(1)

    @property
    def shape(self) -> tuple[int, ...]:
        """The batch's shape; () for one row."""
        return self._removed.shape[:-1]

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("the trace of one row has no length")
        return self.shape[0]

    def __getitem__(self, row: Any) -> "Trace":
        """Return the trace of some rows of a batch."""
        if not self.shape:
            raise IndexError("the trace is of one row")
        rows = row if isinstance(row, tuple) else (row,)
        if len(rows) > len(self.shape):
            raise IndexError(f"the batch has {len(self.shape)} dimensions, got {shown(row)}")
        parts = (part[row] for part in (self._records, self._removed, self.margin, self.before, self.after))
        trace = Trace(self.sampler, *parts)
        trace._name = self._name
        return trace

    def _one_row(self) -> None:
        if self.shape:
            raise ValueError(
                f"needed the trace of one row, got a batch of shape {self.shape}: choose one, trace[0]"
            )

    def text(self, token: int) -> str:
        """Return a token as sentences show it: its id, and its text where it is known."""
        return f"token {token}" if self._name is None else f"token {token} ({self._name(token)!r})"

    def why(self, token: int) -> str:
        """Say in one sentence what happened to a token.

        Examples
        --------
        >>> from logitlab import Sampler
        >>> trace = Sampler(top_k=2, temperature=0.5).trace([0.2, 0.3, 0.1, 0.4], tokens=["a", "b", "c", "d"])
        >>> trace.why(0)
        "token 0 ('a') was removed by step 1, TopK(2): it lies 0.1 below what was kept and would have to be 1.11 times as likely"
        >>> trace.why(3)
        "token 3 ('d') is left: its probability was 0.2887 and is 0.5498"
        """  # noqa: E501
        self._one_row()
        n = self._removed.shape[-1]
        if not 0 <= operator.index(token) < n:
            raise ValueError(f"token must be in [0, {n}), got {shown(token)}")
        step, text = int(self._removed[token]), self.text(token)
        if step == 0:
            return f"{text} was excluded from the start: its logit is -inf"
        if step == len(self.steps) + 1:
            before, after = float(self.before[token]), float(self.after[token])
            return f"{text} is left: its probability was {before:.4g} and is {after:.4g}"
        by = self.steps[step - 1]
        certain = bool(self.high[step - 1] == np.inf) and "changes_logits" not in by.traits
        margin = float(self.margin[token])
        if certain:
            how = "a logit of +inf takes all of the probability"
        else:
            how = by.removal(margin) if np.isfinite(margin) else "it was banned"
        return f"{text} was removed by step {step}, {by!r}: {how}"

    def steps_table(self) -> list[dict[str, Any]]:
        """Return one dict per step, the first for the row before any."""
        self._one_row()
        names = ["the row", *map(repr, self.steps)]
        return [
            {
                "step": name,
                "left": int(self.count[i]),
                "mass": float(self.mass[i]),
                "kept": float(self.kept[i]),
                "entropy (nats)": float(self.entropy[i]),
                "entropy (bits)": float(self.entropy_bits[i]),
                "effective choices": float(self.effective[i]),
                "threshold": float(self.threshold[i]),
            }
            for i, name in enumerate(names)
        ]

    def steps_frame(self) -> "DataFrame":
        """Return the steps as a pandas frame."""
        return need("pandas", "notebook").DataFrame(self.steps_table()).set_index("step")

    def frame(self, top: int | None = None) -> "DataFrame":
        """Return the tokens as a pandas frame, likeliest first; the `top` ones, or all.

        Columns: token, text (where it is known), before, after, removed_by (the step, or NaN), margin.
        """
        self._one_row()
        order = self._likeliest(top)
        steps = self._removers()
        columns: dict[str, Any] = {"token": order}
        if self._name is not None:
            columns["text"] = [self._name(int(token)) for token in order]
        columns |= {
            "before": self.before[order],
            "after": self.after[order],
            "removed_by": [steps[step] for step in self._removed[order]],
            "margin": self.margin[order],
        }
        return need("pandas", "notebook").DataFrame(columns).set_index("token")

    def _likeliest(self, top: int | None) -> NDArray[np.intp]:
        return np.argsort(-self.before.astype(np.float64), kind="stable")[:top]

    def _removers(self) -> list[str | None]:
        """Return what removed a token, by its number in the kernels' result; None for one that is left."""
        return ["not in the row", *map(repr, self.steps), None]

    def _lines(self, top: int) -> list[dict[str, Any]]:
        """Return the likeliest tokens, for tables and plots."""
        steps = self._removers()
        return [
            {
                "token": int(token),
                **({} if self._name is None else {"text": self._name(int(token))}),
                "before": float(self.before[token]),
                "after": float(self.after[token]),
                "removed_by": steps[self._removed[token]],
                "margin": float(self.margin[token]),
            }
            for token in self._likeliest(top)
        ]

    def __repr__(self) -> str:
        if self.shape:
            return f"<Trace of {self.sampler!r} over a batch of shape {self.shape}>"
        left = " -> ".join(map(str, self.count))
        return f"<Trace of {self.sampler!r}: {left} tokens, {self.mass[-1]:.1%} of the row's mass>"

    def _repr_html_(self) -> str | None:
        return None if self.shape else trace_html(repr(self.sampler), self.steps_table(), self._lines(TOP))

    def plot(self, top: int = 20) -> "Figure":
        """Draw the likeliest tokens before and after, in the colour of the step that removed them."""
        self._one_row()
        return trace_figure(repr(self.sampler), self._lines(top))
