"""Mirostat: a target for the surprise of the tokens, held by a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from logitlab.sampling.parameters import Number, Range, number
from logitlab.sampling.steps.base import Seen, Step


@dataclass(frozen=True, eq=False, repr=False)
class Mirostat(Step):
    """Keep a top_k that adapts.

    Rule: k = (e 2^mu / (1 - n^-e))^(1/s), e = s - 1, with s the exponent of Zipf's law that the best tokens
    suggest. After each draw mu' = mu - eta (S - tau), S the surprise of the token, -log2 p, in the distribution
    that it was drawn from. mu starts at 2 tau. It has a state: use ``token, state = sampler.step(logits, state)``.
    From Basu et al. 2021 (arXiv:2007.14966), as llama.cpp has it.

    Parameters
    ----------
    tau : float or array_like of float, optional
        The surprise that is aimed at, in bits; above 0.
    eta : float or array_like of float, optional
        How fast mu follows; at least 0.
    considered : int, optional
        How many of the best tokens the exponent is estimated from.

    Examples
    --------
    >>> from logitlab.sampling import Mirostat, Sampler
    >>> token, state = Sampler([Mirostat(3.0)]).step([0.0, 1.0, 2.0, 9.0], rng=0)
    >>> int(token), len(state)
    (3, 1)
    """

    kind: ClassVar[str] = "mirostat"
    options: ClassVar[Mapping[str, str]] = {"mirostat_tau": "tau", "mirostat_eta": "eta"}
    numbers: ClassVar[tuple[str, ...]] = ("mu", "considered")
    has_state: ClassVar[bool] = True

    tau: Number = number(Range("above 0", 0.0, 1e6, above=True), 5.0)
    eta: Number = number(Range("at least 0", 0.0, 1e6), 0.1)
    considered: int = number(Range("of at least 2", 2, whole=True), 100)

    def value(self, name: str) -> Any:
        """Give mu as it starts."""
        return self.start() if name == "mu" else super().value(name)

    def start(self) -> Any:
        """Give the state before the first token: mu."""
        mu = 2.0 * np.asarray(self.tau, dtype=np.float64)
        return mu if mu.ndim else float(mu)

    def after(self, mu: Any, seen: Seen) -> Any:
        """Give the state after a token."""
        changed = mu - np.asarray(self.eta, dtype=np.float64) * (
            seen.surprise - np.asarray(self.tau, dtype=np.float64)
        )
        return changed if np.ndim(changed) else float(changed)
