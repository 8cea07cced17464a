"""The tokens that weigh enough, which the cutoffs share."""

from logitlab.reference.candidates import Candidates
from logitlab.reference.steps.top_k import top_k


def reaching(left: Candidates, need: int, min_keep: int, ties: bool = False) -> Candidates:
    """Keep what weighs at least `need`, and the best min_keep, with `ties` all that equals the last of those."""
    q = left.integers
    kept = [i for i, w in enumerate(q) if w >= need]
    return left.keep(kept) if len(kept) >= min_keep else top_k(left, min_keep, ties)
