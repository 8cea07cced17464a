"""The steps of a sampler, one class each; csrc/kernels/steps has what they compute, logitlab.reference the rules.

The options are here as type checkers see them; each class says which field of it an option sets.
"""

from typing import Any

from logitlab.habits import answered
from logitlab.keywords import Number, OllamaSteps
from logitlab.sampling.steps.adaptive_p import AdaptiveP
from logitlab.sampling.steps.ban_tokens import BanTokens
from logitlab.sampling.steps.base import Step, check_registry, registry
from logitlab.sampling.steps.dry import DRY
from logitlab.sampling.steps.dynamic_temperature import DynamicTemperature
from logitlab.sampling.steps.epsilon_cutoff import EpsilonCutoff
from logitlab.sampling.steps.eta_cutoff import EtaCutoff
from logitlab.sampling.steps.frequency_penalty import FrequencyPenalty
from logitlab.sampling.steps.logit_bias import LogitBias
from logitlab.sampling.steps.min_new_tokens import MinNewTokens
from logitlab.sampling.steps.min_p import MinP
from logitlab.sampling.steps.mirostat import Mirostat
from logitlab.sampling.steps.mirostat_v2 import MirostatV2
from logitlab.sampling.steps.no_repeat_ngram import NoRepeatNGram
from logitlab.sampling.steps.p_less import PLess
from logitlab.sampling.steps.presence_penalty import PresencePenalty
from logitlab.sampling.steps.repetition_penalty import RepetitionPenalty
from logitlab.sampling.steps.smoothing import Smoothing
from logitlab.sampling.steps.tail_free import TailFree
from logitlab.sampling.steps.temperature import Temperature
from logitlab.sampling.steps.top_a import TopA
from logitlab.sampling.steps.top_h import TopH
from logitlab.sampling.steps.top_k import TopK
from logitlab.sampling.steps.top_n_sigma import TopNSigma
from logitlab.sampling.steps.top_p import TopP
from logitlab.sampling.steps.typical_p import TypicalP
from logitlab.sampling.steps.xtc import XTC

__all__ = [
    "DRY",
    "XTC",
    "AdaptiveP",
    "BanTokens",
    "DynamicTemperature",
    "EpsilonCutoff",
    "EtaCutoff",
    "FrequencyPenalty",
    "LogitBias",
    "MinNewTokens",
    "MinP",
    "Mirostat",
    "MirostatV2",
    "NoRepeatNGram",
    "PLess",
    "PresencePenalty",
    "RepetitionPenalty",
    "Smoothing",
    "Step",
    "TailFree",
    "Temperature",
    "TopA",
    "TopH",
    "TopK",
    "TopNSigma",
    "TopP",
    "TypicalP",
]

Tokens = Any  # token ids, or a list of them for each row
Biases = Any  # a dict of token id to bias, or one for each row


class StepOptions(OllamaSteps, total=False):
    """Every option of a step but the first four."""

    adaptive_decay: Number
    adaptive_target: Number
    ban_tokens: Tokens
    dry_allowed_length: Number
    dry_base: Number
    dry_multiplier: Number
    dry_penalty_last_n: Number
    dry_sequence_breakers: Tokens
    dynatemp_exponent: Number
    dynatemp_range: Number
    eos_token_id: Tokens
    epsilon_cutoff: Number
    eta_cutoff: Number
    logit_bias: Biases
    min_new_tokens: Number
    mirostat_eta: Number
    mirostat_tau: Number
    mirostat_v2_eta: Number
    mirostat_v2_tau: Number
    no_repeat_ngram_size: Number
    p_less: Number
    smoothing_curve: Number
    smoothing_factor: Number
    tfs_z: Number
    top_a: Number
    top_h: Number
    top_n_sigma: Number
    xtc_probability: Number
    xtc_threshold: Number


check_registry()
for _step in registry.values():
    _step.__init__ = answered()(_step.__init__)  # type: ignore[method-assign]
