"""The rule of eta_cutoff."""

import math

from logitlab.reference.candidates import Candidates
from logitlab.reference.powers import exp
from logitlab.reference.reaching import reaching
from logitlab.reference.shares import at_least, shares
from logitlab.reference.steps.top_k import top_k


def eta_cutoff(left: Candidates, epsilon: float, min_keep: int = 1, ties: bool = False) -> Candidates:
    """Keep p_i >= min(epsilon, sqrt(epsilon) exp(-H)) (Hewitt et al. 2022, arXiv:2210.15191); 0 is off.

    And the best min_keep, with `ties` what equals the last of those as well.
    """
    if epsilon == 0:
        return left
    s = shares(left)
    eta = min(epsilon, math.sqrt(epsilon) * exp(-s.entropy))
    if eta >= 1:
        return top_k(left, min_keep, ties)
    return reaching(left, at_least(eta, s.total), min_keep, ties)
