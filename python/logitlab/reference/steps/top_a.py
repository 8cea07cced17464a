"""The rule of top_a."""

import math

from logitlab.reference.candidates import Candidates
from logitlab.reference.reaching import reaching
from logitlab.reference.shares import shares


def top_a(left: Candidates, a: float) -> Candidates:
    """Keep p_i >= a p_max^2 (BlinkDL 2022); 0 keeps all."""
    if a == 0:
        return left
    s = shares(left)
    top = float(s.top)
    return reaching(left, math.ceil(a * top * (top / float(s.total))), 1)
