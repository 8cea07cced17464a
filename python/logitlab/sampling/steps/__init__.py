"""The steps of a sampler, one class each; csrc/kernels/steps has what they compute, logitlab.reference the rules."""

from logitlab.habits import answered
from logitlab.sampling.steps.adaptive_p import AdaptiveP
from logitlab.sampling.steps.base import Step, registry
from logitlab.sampling.steps.history import (
    DRY,
    FrequencyPenalty,
    NoRepeatNGram,
    PresencePenalty,
    RepetitionPenalty,
)
from logitlab.sampling.steps.listed import BanTokens, LogitBias, MinNewTokens
from logitlab.sampling.steps.mirostat import Mirostat
from logitlab.sampling.steps.mirostat_v2 import MirostatV2
from logitlab.sampling.steps.p_less import PLess
from logitlab.sampling.steps.ranked import MinP, TopH, TopK, TopNSigma, TopP
from logitlab.sampling.steps.smoothing import Smoothing
from logitlab.sampling.steps.tail_free import TailFree
from logitlab.sampling.steps.temperatures import DynamicTemperature, Temperature
from logitlab.sampling.steps.top_a import TopA
from logitlab.sampling.steps.weighed import XTC, EpsilonCutoff, EtaCutoff, TypicalP

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

for _step in registry.values():
    _step.__init__ = answered()(_step.__init__)  # type: ignore[method-assign]
