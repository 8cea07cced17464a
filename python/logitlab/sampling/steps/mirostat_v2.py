"""MirostatV2: a target for the surprisal of the tokens, held by a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.steps.state import SurprisalTarget


@dataclass(frozen=True, eq=False, repr=False)
class MirostatV2(SurprisalTarget):
    """Keep tokens up to an adaptive bound on their surprisal.

    Rule: keep -log2 p_i <= mu, one token at least. After each draw mu' = mu - eta (S - tau), S the surprisal of the
    token, -log2 p, in the distribution that it was drawn from. mu starts at 2 tau. It has a state: use ``token,
    state = sampler.step(logits, state)``. From Basu et al. 2021 (arXiv:2007.14966), as llama.cpp has it.
    Threshold in a trace: mu.

    Parameters
    ----------
    tau : float or array_like of float, optional
        The surprisal that is aimed at, in bits; above 0.
    eta : float or array_like of float, optional
        How fast mu follows; at least 0.

    Examples
    --------
    >>> from logitlab.sampling import MirostatV2, Sampler
    >>> token, state = Sampler([MirostatV2(3.0)]).step([0.0, 1.0, 2.0, 9.0], rng=0)
    >>> int(token), len(state)
    (3, 1)
    """

    kind: ClassVar[str] = "mirostat_v2"
    options: ClassVar[Mapping[str, str]] = {"mirostat_v2_tau": "tau", "mirostat_v2_eta": "eta"}
