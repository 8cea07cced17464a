"""The rule of mirostat_v2."""

from logitlab.reference.candidates import Candidates
from logitlab.reference.exact import LN_2
from logitlab.reference.powers import exp
from logitlab.reference.steps.epsilon_cutoff import epsilon_cutoff


def mirostat_v2(left: Candidates, mu: float) -> Candidates:
    """Keep -log2 p <= mu, one token at least (Basu et al. 2021, arXiv:2007.14966)."""
    return epsilon_cutoff(left, exp(-mu * LN_2.high))
