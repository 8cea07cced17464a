"""The steps of a chain, each a function of what the steps before it left: Candidates in, Candidates out."""

from logitlab.reference.steps.adaptive_p import adaptive_p
from logitlab.reference.steps.ban_tokens import ban_tokens
from logitlab.reference.steps.dry import dry
from logitlab.reference.steps.dynamic_temperature import dynamic_temperature
from logitlab.reference.steps.epsilon_cutoff import epsilon_cutoff
from logitlab.reference.steps.eta_cutoff import eta_cutoff
from logitlab.reference.steps.frequency_penalty import frequency_penalty
from logitlab.reference.steps.logit_bias import logit_bias
from logitlab.reference.steps.min_new_tokens import min_new_tokens
from logitlab.reference.steps.min_p import min_p
from logitlab.reference.steps.mirostat import mirostat
from logitlab.reference.steps.mirostat_v2 import mirostat_v2
from logitlab.reference.steps.no_repeat_ngram import no_repeat_ngram
from logitlab.reference.steps.p_less import p_less
from logitlab.reference.steps.presence_penalty import presence_penalty
from logitlab.reference.steps.repetition_penalty import repetition_penalty
from logitlab.reference.steps.smoothing import smoothing
from logitlab.reference.steps.tail_free import tail_free
from logitlab.reference.steps.temperature import temperature
from logitlab.reference.steps.top_a import top_a
from logitlab.reference.steps.top_h import top_h
from logitlab.reference.steps.top_k import top_k
from logitlab.reference.steps.top_n_sigma import top_n_sigma
from logitlab.reference.steps.top_p import top_p
from logitlab.reference.steps.typical_p import typical_p
from logitlab.reference.steps.xtc import xtc

__all__ = [
    "adaptive_p",
    "ban_tokens",
    "dry",
    "dynamic_temperature",
    "epsilon_cutoff",
    "eta_cutoff",
    "frequency_penalty",
    "logit_bias",
    "min_new_tokens",
    "min_p",
    "mirostat",
    "mirostat_v2",
    "no_repeat_ngram",
    "p_less",
    "presence_penalty",
    "repetition_penalty",
    "smoothing",
    "tail_free",
    "temperature",
    "top_a",
    "top_h",
    "top_k",
    "top_n_sigma",
    "top_p",
    "typical_p",
    "xtc",
]
