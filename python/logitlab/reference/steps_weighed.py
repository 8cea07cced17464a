"""Steps that look at probabilities, deviations or entropies: functions of what is left, as in steps.py."""

import math
from collections.abc import Callable

from logitlab.reference.candidates import Candidates
from logitlab.reference.exact import log
from logitlab.reference.powers import exp, power
from logitlab.reference.shares import at_least, lanes, shares
from logitlab.reference.steps import temperature, top_k


def reaching(left: Candidates, need: int, min_keep: int, ties: bool = False) -> Candidates:
    """Keep what weighs at least `need`, and the best min_keep, with `ties` all that equals the last of those."""
    q = left.integers
    kept = [i for i, w in enumerate(q) if w >= need]
    return left.keep(kept) if len(kept) >= min_keep else top_k(left, min_keep, ties)


def epsilon_cutoff(left: Candidates, epsilon: float, min_keep: int = 1, ties: bool = False) -> Candidates:
    """Keep p_i >= epsilon, and the best min_keep (Hewitt et al. 2022, arXiv:2210.15191); 0 is off.

    With `ties` what equals the last of the best min_keep stays as well.
    """
    if epsilon == 0:
        return left
    if epsilon >= 1:
        return top_k(left, min_keep, ties)
    return reaching(left, at_least(epsilon, sum(left.integers)), min_keep, ties)


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


def typical_p(
    left: Candidates, p: float, min_keep: int = 1, strict: bool = False, ties: bool = False
) -> Candidates:
    """Keep those whose surprise is nearest the entropy, until their mass reaches p (Meister et al., arXiv:2202.00666).

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


def top_n_sigma(left: Candidates, n: float) -> Candidates:
    """Keep logits within n standard deviations, of the population, from the largest (Tang et al., arXiv:2411.07641)."""
    if n == 0:
        return left
    count = float(len(left.tokens))

    def summed(term: Callable[[float], float]) -> float:
        return lanes((token, term(x)) for token, x in zip(left.tokens, left.logits, strict=True))

    mean = summed(lambda x: x - 0.0) / count
    deviation = math.sqrt(summed(lambda x: (x - mean) * (x - mean)) / count)
    bound = left.max - n * deviation
    return left.keep([i for i, x in enumerate(left.logits) if x >= bound])


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


def dynamic_temperature(
    left: Candidates, T: float = 1.0, range: float = 0.0, exponent: float = 1.0
) -> Candidates:
    """Divide by T - range to T + range, by (H / ln n)^exponent (kalomaze 2023)."""
    count = len(left.tokens)
    if range > 0 and count > 1 and not math.isinf(T):
        low, high = max(T - range, 0.0), T + range
        undecided = min(shares(left).entropy / log(float(count)).high, 1.0)
        part = power(undecided, exponent) if undecided > 0 else 0.0
        T = low + (high - low) * part if part > 0 else low
    return temperature(left, T)
