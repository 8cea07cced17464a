"""The rules in plain Python: what the C core computes, written to be read aloud in class.

Nothing here is fast, and nothing is approximate: a fused operation is a :class:`fractions.Fraction` rounded once, a sum
of weights is a sum of integers. The C code must give the same tokens, and the tests hold it to that. Masked arrays are
refused here as everywhere.

>>> from logitlab import reference
>>> logits = [0.2, 0.3, 0.1, 0.4]
>>> reference.sample(logits, uniform=0.5, temperature=0.8, top_k=2)
3
"""

from collections.abc import Callable
from inspect import isfunction
from typing import TYPE_CHECKING

from logitlab.masks import unmasked
from logitlab.reference.candidates import Candidates, candidates
from logitlab.reference.chain import sample
from logitlab.reference.draw import draw, integers, shift
from logitlab.reference.floats import DOUBLE, SINGLE, Format
from logitlab.reference.logarithms import logsumexp, token_logprob
from logitlab.reference.shares import Shares, share_left, shares
from logitlab.reference.steps import *  # noqa: F403
from logitlab.reference.steps import __all__ as _steps
from logitlab.reference.weights import Scale, weight

__all__ = [
    "DOUBLE",
    "SINGLE",
    "Candidates",
    "Format",
    "Scale",
    "Shares",
    "candidates",
    "draw",
    "integers",
    "logsumexp",
    "sample",
    "share_left",
    "shares",
    "shift",
    "token_logprob",
    "weight",
    *_steps,
]

if TYPE_CHECKING:  # to type checkers, what is not named above is a step

    def __getattr__(name: str) -> Callable[..., Candidates]: ...


for _name in __all__:
    if isfunction(globals()[_name]):
        globals()[_name] = unmasked(globals()[_name])
