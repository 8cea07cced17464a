"""The rules in plain Python: what the C core computes, written to be read aloud in class.

Nothing here is fast, and nothing is approximate: a fused operation is a :class:`fractions.Fraction` rounded once, a sum
of weights is a sum of integers. The C code must give the same tokens, and the tests hold it to that.

>>> from logitlab import reference
>>> logits = [0.2, 0.3, 0.1, 0.4]
>>> reference.sample(logits, uniform=0.5, temperature=0.8, top_k=2)
3
"""

from logitlab.reference.chain import Candidates, candidates, sample
from logitlab.reference.draw import draw, integers, shift
from logitlab.reference.floats import DOUBLE, SINGLE, Format
from logitlab.reference.steps import min_p, temperature, top_k, top_p
from logitlab.reference.weights import Scale, weight

__all__ = [
    "DOUBLE",
    "SINGLE",
    "Candidates",
    "Format",
    "Scale",
    "candidates",
    "draw",
    "integers",
    "min_p",
    "sample",
    "shift",
    "temperature",
    "top_k",
    "top_p",
    "weight",
]
