"""The rule of typical_p."""

from logitlab.reference.candidates import Candidates
from logitlab.reference.shares import at_least, shares


def typical_p(
    left: Candidates, p: float, min_keep: int = 1, strict: bool = False, ties: bool = False
) -> Candidates:
    """Keep those whose surprisal is nearest the entropy, until their mass reaches p (Meister et al., arXiv:2202.00666).

    | -ln p - H | is the distance of the logit, in units of T, from its mean by weight. Weight 0
    counts only where min_keep needs it.
    """
    if p >= 1:
        return left
    s = shares(left)
    need = max(at_least(p, s.total, strict), 1)
    reciprocal = 1.0 / left.temperature
    distance = [abs((x - left.max) * reciprocal - s.mean) for x in left.logits]
    weighing = [i for i, w in enumerate(s.q) if w > 0]
    counted = weighing if len(weighing) >= min_keep else left.ranks[:min_keep]
    order = sorted(counted, key=lambda i: (distance[i], -left.logits[i], left.tokens[i]))
    kept: list[int] = []
    mass = 0
    for i in order:
        if mass >= need and len(kept) >= min_keep and not (ties and distance[i] == distance[kept[-1]]):
            break
        kept.append(i)
        mass += s.q[i]
    return left.keep(kept)
