"""The options of a sampler as type checkers see them, so that a misspelt one is found before the script runs.

The steps own the options and their meaning; a test holds these names against theirs.
"""

from typing import Any, TypedDict

from numpy.typing import ArrayLike

Tokens = Any  # token ids, or a list of them for each row


class FurtherOptions(TypedDict, total=False):
    """Every option of a sampler but temperature, top_k, top_p and min_p, which `sample` has as parameters."""

    adaptive_decay: ArrayLike | None
    adaptive_target: ArrayLike | None
    bad_words_ids: Tokens
    ban_tokens: Tokens
    dry_allowed_length: ArrayLike | None
    dry_base: ArrayLike | None
    dry_multiplier: ArrayLike | None
    dry_penalty_last_n: ArrayLike | None
    dry_sequence_breakers: Tokens
    dynamic_temperature_range: ArrayLike | None
    dynatemp_exponent: ArrayLike | None
    dynatemp_range: ArrayLike | None
    eos_token_id: Tokens
    epsilon_cutoff: ArrayLike | None
    eta_cutoff: ArrayLike | None
    frequency_penalty: ArrayLike | None
    logit_bias: Any  # a dict of token id to bias, or one for each row
    min_new_tokens: ArrayLike | None
    min_tokens: ArrayLike | None
    mirostat_eta: ArrayLike | None
    mirostat_tau: ArrayLike | None
    mirostat_v2_eta: ArrayLike | None
    mirostat_v2_tau: ArrayLike | None
    no_repeat_ngram_size: ArrayLike | None
    p_less: Any
    presence_penalty: ArrayLike | None
    repeat_last_n: ArrayLike | None
    repeat_penalty: ArrayLike | None
    repetition_penalty: ArrayLike | None
    smoothing_curve: ArrayLike | None
    smoothing_factor: ArrayLike | None
    tfs_z: ArrayLike | None
    top_a: ArrayLike | None
    top_h: ArrayLike | None
    top_n_sigma: ArrayLike | None
    typical_p: ArrayLike | None
    xtc_probability: ArrayLike | None
    xtc_threshold: ArrayLike | None


class SampleOptions(FurtherOptions, total=False):
    """What `sample` takes beside its parameters."""

    history: Any
    generated: ArrayLike | None


class SamplerOptions(FurtherOptions, total=False):
    """Every option of a sampler."""

    temperature: ArrayLike | None
    top_k: ArrayLike | None
    top_p: ArrayLike | None
    min_p: ArrayLike | None
