"""The rule of xtc."""

from logitlab.reference.candidates import Candidates
from logitlab.reference.shares import at_least


def xtc(
    left: Candidates,
    coin: float,
    probability: float,
    threshold: float = 0.1,
    min_keep: int = 0,
    strict: bool = False,
    ties: bool = False,
) -> Candidates:
    """Where the coin is below `probability`: of what reaches the threshold only the least likely stays (p-e-w 2024).

    With `strict` it must exceed the threshold, and with `ties` everything as likely as the least likely stays.
    """
    if coin >= probability or threshold > 0.5:
        return left
    q, order = left.integers, left.ranks
    need = at_least(threshold, sum(q), strict)
    reach = 0
    while reach < len(order) and q[order[reach]] >= need:
        reach += 1
    removed = max(reach - 1, 0)
    while ties and removed > 0 and left.logits[order[removed - 1]] == left.logits[order[reach - 1]]:
        removed -= 1
    return left.keep(order[removed:]) if len(order) - removed >= min_keep else left
