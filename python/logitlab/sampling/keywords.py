"""The options of a sampler as type checkers see them, so that a misspelt one is found before the script runs."""

from typing import Any, TypedDict

from logitlab.keywords import FirstOptions, Number
from logitlab.sampling.steps import StepOptions, Tokens


class Aliases(TypedDict, total=False):
    """Other names of options, which samplers take and models do not."""

    bad_words_ids: Tokens
    dynamic_temperature_range: Number
    min_tokens: Number
    repetition_penalty: Number


class FurtherOptions(StepOptions, Aliases, total=False):
    """Every option of a sampler but the first four."""


class SampleOptions(FurtherOptions, total=False):
    """What `sample` takes beside its parameters."""

    history: Any
    generated: Any


class SamplerOptions(FirstOptions, FurtherOptions, total=False):
    """Every option of a sampler."""
