"""The rule of epsilon_cutoff."""

from logitlab.reference.candidates import Candidates
from logitlab.reference.reaching import reaching
from logitlab.reference.shares import at_least
from logitlab.reference.steps.top_k import top_k


def epsilon_cutoff(left: Candidates, epsilon: float, min_keep: int = 1, ties: bool = False) -> Candidates:
    """Keep p_i >= epsilon, and the best min_keep (Hewitt et al. 2022, arXiv:2210.15191); 0 is off.

    With `ties` what equals the last of the best min_keep stays as well.
    """
    if epsilon == 0:
        return left
    if epsilon >= 1:
        return top_k(left, min_keep, ties)
    return reaching(left, at_least(epsilon, sum(left.integers)), min_keep, ties)
