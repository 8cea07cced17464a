"""The rule of mirostat."""

from itertools import pairwise

from logitlab.reference.candidates import Candidates
from logitlab.reference.exact import log
from logitlab.reference.powers import power
from logitlab.reference.steps.top_k import top_k


def mirostat(left: Candidates, mu: float, considered: int = 100) -> Candidates:
    """Keep the k best, where k follows mu by the exponent of Zipf's law (Basu et al. 2021, arXiv:2007.14966)."""
    best = [left.logits[i] for i in left.ranks[:considered]]
    tb = tt = 0.0
    for i, (a, b) in enumerate(pairwise(best)):
        t = log(float(i + 2) / float(i + 1)).high
        tb += t * ((a - b) / left.temperature)
        tt += t * t
    s, n = (tb / tt if tt > 0 else 1.0), float(left.n)
    e = s - 1.0
    spread = 1.0 - power(n, -e) if e > -1 and e != 0 else 0.0
    base = e * power(2.0, mu) / spread if spread != 0 else 0.0
    k = power(base, 1.0 / s) if base > 0 and s > 0 else n
    return top_k(left, int(min(max(k, 1.0), n)))
