"""The rule of top_h."""

from logitlab.reference.candidates import Candidates
from logitlab.reference.exact import log
from logitlab.reference.steps.top_k import top_k


def top_h(left: Candidates, h: float, considered: int = 100) -> Candidates:
    """Keep the best while their share of the entropy is at most h, of the best few (arXiv:2509.02510); one at least."""
    best = top_k(left, considered)
    order, q = best.ranks, best.integers
    total, top, reciprocal = float(sum(q)), float(q[order[0]]), 1.0 / best.temperature
    log_sum = log(total / top).high

    def running() -> list[float]:
        sums, so_far = [], 0.0
        for i in order:
            so_far += (float(q[i]) / total) * (log_sum - (best.logits[i] - best.max) * reciprocal)
            sums.append(so_far)
        return sums

    sums = running()
    limit = h * sums[-1]
    count = next((place for place, so_far in enumerate(sums) if place > 0 and so_far > limit), len(order))
    return best.keep(order[:count])
