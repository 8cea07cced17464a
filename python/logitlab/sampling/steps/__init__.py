"""The steps of a sampler, one class each; csrc/kernels/steps has what they compute, logitlab.reference the rules."""

from logitlab.habits import answered
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

check_registry()
for _step in registry.values():
    _step.__init__ = answered()(_step.__init__)  # type: ignore[method-assign]
