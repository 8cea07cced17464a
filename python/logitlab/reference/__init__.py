"""The rules in plain Python: what the C core computes, written to be read aloud in class.

Nothing here is fast, and nothing is approximate: a fused operation is a :class:`fractions.Fraction` rounded once, a sum
of weights is a sum of integers. The C code must give the same tokens, and the tests hold it to that. Masked arrays are
refused here as everywhere.

>>> from logitlab import reference
>>> logits = [0.2, 0.3, 0.1, 0.4]
>>> reference.sample(logits, uniform=0.5, temperature=0.8, top_k=2)
3
"""

from inspect import isfunction

from logitlab.masks import unmasked
from logitlab.reference.candidates import Candidates, candidates
from logitlab.reference.chain import sample
from logitlab.reference.draw import draw, integers, shift
from logitlab.reference.floats import DOUBLE, SINGLE, Format
from logitlab.reference.logarithms import logsumexp, token_logprob
from logitlab.reference.shares import Shares, share_left, shares
from logitlab.reference.steps import min_p, temperature, top_k, top_p
from logitlab.reference.steps_adaptive_p import adaptive_p
from logitlab.reference.steps_history import (
    ban_tokens,
    dry,
    frequency_penalty,
    logit_bias,
    min_new_tokens,
    no_repeat_ngram,
    presence_penalty,
    repetition_penalty,
)
from logitlab.reference.steps_mirostat import mirostat
from logitlab.reference.steps_mirostat_v2 import mirostat_v2
from logitlab.reference.steps_p_less import p_less
from logitlab.reference.steps_smoothing import smoothing
from logitlab.reference.steps_tail_free import tail_free
from logitlab.reference.steps_top_a import top_a
from logitlab.reference.steps_weighed import (
    dynamic_temperature,
    epsilon_cutoff,
    eta_cutoff,
    top_h,
    top_n_sigma,
    typical_p,
    xtc,
)
from logitlab.reference.weights import Scale, weight

__all__ = [
    "DOUBLE",
    "SINGLE",
    "Candidates",
    "Format",
    "Scale",
    "Shares",
    "adaptive_p",
    "ban_tokens",
    "candidates",
    "draw",
    "dry",
    "dynamic_temperature",
    "epsilon_cutoff",
    "eta_cutoff",
    "frequency_penalty",
    "integers",
    "logit_bias",
    "logsumexp",
    "min_new_tokens",
    "min_p",
    "mirostat",
    "mirostat_v2",
    "no_repeat_ngram",
    "p_less",
    "presence_penalty",
    "repetition_penalty",
    "sample",
    "share_left",
    "shares",
    "shift",
    "smoothing",
    "tail_free",
    "temperature",
    "token_logprob",
    "top_a",
    "top_h",
    "top_k",
    "top_n_sigma",
    "top_p",
    "typical_p",
    "weight",
    "xtc",
]

for _name in __all__:
    if isfunction(globals()[_name]):
        globals()[_name] = unmasked(globals()[_name])
