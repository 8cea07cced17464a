"""AdaptiveP: a target for the probability of the tokens, held by a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from logitlab.ranges import Range
from logitlab.sampling.parameters import Number, number, plain
from logitlab.sampling.steps.base import Seen
from logitlab.sampling.steps.state import Stateful


@dataclass(frozen=True, eq=False, repr=False)
class AdaptiveP(Stateful):
    """Favour tokens whose probability is near an adaptive target.

    Rule: z' = 5 - 10 d^2 / (1 + d), d = | p - t | / 0.3, with p the probability of a remaining token and t = 2 target -
    average, held in [0, 1]; average is the mean of the p of the tokens drawn so far, each weighing decay times what the
    next one does, as if the target had been met until then. It removes nothing: put a filter such as min_p before it,
    and nothing after it, because the draw is part of the rule. It has a state, (weighted sum, total weight): use
    ``token, state = sampler.step(logits, state)``. From llama.cpp's adaptive-p (#17927, 2025). Threshold in a trace: t.

    Parameters
    ----------
    target : float or array_like of float
        The probability that is aimed at; in [0, 1].
    decay : float or array_like of float, optional
        How long what was drawn counts; in [0, 0.99].

    Examples
    --------
    >>> from logitlab.sampling import AdaptiveP, Sampler
    >>> sampler = Sampler([AdaptiveP(0.3, decay=0.5)])
    >>> token, state = sampler.step([0.0, 1.0, 2.0, 9.0], rng=0)
    >>> int(token), [round(sum_, 3) for sum_ in state[0]]
    (1, [0.3, 2.0])
    """

    kind: ClassVar[str] = "adaptive_p"
    options: ClassVar[Mapping[str, str]] = {"adaptive_target": "target", "adaptive_decay": "decay"}
    looks_before: ClassVar[bool] = True

    target: Number = number()
    decay: Number = number(0.9, range_=Range(0.0, 0.99))

    def start(self) -> tuple[Any, Any]:
        """Return the state before the first token: the sums of a past that met the target."""
        rest = 1.0 - plain(self.decay)
        return plain(self.target) / rest, 1.0 / rest

    def after(self, sums: Any, seen: Seen) -> tuple[Any, Any]:
        """Return the state after a token."""
        weighted_sum, total_weight = sums
        decay = plain(self.decay)
        return seen.probability + decay * weighted_sum, 1.0 + decay * total_weight
