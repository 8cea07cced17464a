"""The rule of top_k."""

from logitlab.reference.candidates import Candidates


def top_k(left: Candidates, k: int, ties: bool = False) -> Candidates:
    """Keep the k largest, of equal ones the lowest tokens; 0 keeps all (Fan et al. 2018, arXiv:1805.04833).

    With `ties` everything that equals the k-th stays as well.
    """
    best = left.ranks[: k or None]
    if ties:
        return left.keep([i for i, x in enumerate(left.logits) if x >= left.logits[best[-1]]])
    return left.keep(best)
