"""The rule of min_p."""

from logitlab.reference.candidates import Candidates
from logitlab.reference.exact import log
from logitlab.reference.steps.top_k import top_k


def min_p(left: Candidates, p: float, min_keep: int = 1, strict: bool = False) -> Candidates:
    """Keep what is at least p times as likely as the best: logit >= max + T ln p.

    Nguyen et al. 2024, arXiv:2407.01082.
    """
    if p < 2.0**-1022:
        return left
    bound = left.max + left.temperature * log(p).high
    kept = [i for i, x in enumerate(left.logits) if (x > bound if strict else x >= bound)]
    return left.keep(kept) if len(kept) >= min_keep else top_k(left, min_keep)
