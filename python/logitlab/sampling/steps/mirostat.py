"""Mirostat: a target for the surprisal of the tokens, held by a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import number
from logitlab.sampling.steps.state import SurprisalTarget


@dataclass(frozen=True, eq=False, repr=False)
class Mirostat(SurprisalTarget):
    """Keep the k best tokens, with k adapted to a target surprisal.

    Rule: k = (e 2^mu / (1 - n^-e))^(1/s), e = s - 1, with s the exponent of Zipf's law that the best tokens
    suggest. After each draw mu' = mu - eta (S - tau), S the surprisal of the token, -log2 p, in the distribution
    that it was drawn from. mu starts at 2 tau. It has a state: use ``token, state = sampler.step(logits, state)``.
    From Basu et al. 2021 (arXiv:2007.14966), as llama.cpp has it. Threshold in a trace: k.

    Parameters
    ----------
    tau : float or array_like of float, optional
        The surprisal that is aimed at, in bits; above 0.
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

    considered: int = number(100)
