"""The options of a sampler as type checkers see them, so that a misspelt one is found before the script runs.

The steps own the options and their meaning; a test holds these names against theirs. Values are `Any`: each option
checks its own when it is given, and a dict of options (to mypy a `dict[str, object]`, as soon as one of them is no
number) can be passed on with `**`.
"""

from typing import Any, TypedDict

Number = Any  # a number, or an array of them that broadcasts against the rows; None is "not given"
Tokens = Any  # token ids, or a list of them for each row
Biases = Any  # a dict of token id to bias, or one for each row


class FirstOptions(TypedDict, total=False):
    """The options that `sample` has as parameters."""

    temperature: Number
    top_k: Number
    top_p: Number
    min_p: Number


class OllamaSteps(TypedDict, total=False):
    """The other options that a request to Ollama may have as well."""

    frequency_penalty: Number
    presence_penalty: Number
    repeat_last_n: Number
    repeat_penalty: Number
    typical_p: Number


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
