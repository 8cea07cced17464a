"""Engines as data: in which order each applies its steps, with which edge rules, and what it does by default.

Read from the engines' own sources, at the versions given; docs/sampling.md has the comparison. An engine chooses the
order and the edge rules, and nothing else: what is not asked for is not applied.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf, nextafter
from types import MappingProxyType
from typing import Any

import numpy as np

from logitlab.messages import shown

_NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Unlike:
    """Values of an option for which an engine does not do what the step does: it refuses or changes them."""

    option: str
    low: float
    high: float  # from `low` to `high`, both included
    says: str  # after the engine's name

    def __contains__(self, value: Any) -> bool:
        return bool(np.any((np.asarray(value) >= self.low) & (np.asarray(value) <= self.high)))


@dataclass(frozen=True)
class Engine:
    """One engine."""

    name: str
    version: str  # that this was read from
    order: tuple[str, ...]  # kinds of steps
    edges: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict
    )  # step -> parameters that differ from ours
    defaults: Mapping[str, Any] = field(default_factory=dict)  # options of a request that gives none
    unlike: tuple[Unlike, ...] = ()  # `compare` leaves the engine out, and says so
    notes: tuple[str, ...] = ()  # what is not modelled


_LLAMA = (
    "logit_bias",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "dry",
    "top_n_sigma",
    "top_k",
    "typical_p",
    "top_p",
    "min_p",
    "xtc",
    "dynamic_temperature",
    "temperature",
    "adaptive_p",
)
# The order of "ollama", which is the default and has every step: what llama.cpp does not have stands where the filters
# are, before the temperature.
_EVERYTHING = (
    "ban_tokens",
    "min_new_tokens",
    "no_repeat_ngram",
    "logit_bias",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "dry",
    "top_n_sigma",
    "top_k",
    "typical_p",
    "top_p",
    "top_h",
    "min_p",
    "top_a",
    "p_less",
    "tail_free",
    "smoothing",
    "epsilon_cutoff",
    "eta_cutoff",
    "xtc",
    "dynamic_temperature",
    "temperature",
    "mirostat",
    "mirostat_v2",
    "adaptive_p",
)


def _penalties_see(last_n: int) -> dict[str, Mapping[str, Any]]:
    kinds = ("repetition_penalty", "presence_penalty", "frequency_penalty")
    return {kind: {"last_n": last_n} for kind in kinds}


_LLAMA_EDGES: Mapping[str, Mapping[str, Any]] = {
    **_penalties_see(64),
    "typical_p": {"strict": True},
    "dry": {"last_n": 64},
}

_ENGINES = (
    Engine(
        name="ollama",
        version="0.33.0-rc2, with llama.cpp b10434 as its runner",
        order=_EVERYTHING,
        edges=_LLAMA_EDGES,
        defaults={"top_k": 40, "top_p": 0.9, "temperature": 0.8},
        notes=("a Modelfile may set other defaults",),
    ),
    Engine(
        name="llama.cpp",
        version="b10434, common/sampling.cpp",
        order=_LLAMA,
        edges=_LLAMA_EDGES,
        defaults={"top_k": 40, "top_p": 0.95, "min_p": 0.05, "temperature": 0.8},
        notes=(
            "which of equal logits top_k keeps is unspecified there: here the lowest tokens",
            "after top_n_sigma its typical_p computes 0 log 0 = NaN: here what was removed is gone",
        ),
    ),
    Engine(
        name="ollama-mlx",
        version="0.33.0-rc2, x/mlxrunner/sample/sample.go",
        order=(
            "repetition_penalty",
            "presence_penalty",
            "frequency_penalty",
            "top_k",
            "temperature",
            "top_p",
            "min_p",
        ),
        edges={
            **_penalties_see(64),
            "top_p": {"zero": "off"},
        },
        defaults={"top_k": 40, "top_p": 0.9, "temperature": 0.8},
    ),
    Engine(
        name="transformers",
        version="5.23.0, generation/utils.py",
        order=(
            "logit_bias",
            "repetition_penalty",
            "no_repeat_ngram",
            "ban_tokens",
            "min_new_tokens",
            "temperature",
            "top_h",
            "top_k",
            "top_p",
            "min_p",
            "typical_p",
            "epsilon_cutoff",
            "eta_cutoff",
        ),
        edges={"top_k": {"ties": "keep"}, "typical_p": {"ties": "keep"}},
        defaults={"temperature": 1.0, "top_k": 50, "top_p": 1.0},
        unlike=(
            Unlike("temperature", 0, 0, "refuses temperature = 0: do_sample=False is its greedy choice"),
        ),
        notes=(
            "the defaults are those of do_sample=True; asked for nothing, generate() takes the likeliest token",
        ),
    ),
    Engine(
        name="vllm",
        version="0.33.0, v1/sample/sampler.py",
        order=(
            "ban_tokens",
            "min_new_tokens",
            "logit_bias",
            "repetition_penalty",
            "frequency_penalty",
            "presence_penalty",
            "temperature",
            "min_p",
            "top_k",
            "top_p",
        ),
        edges={
            "top_k": {"ties": "keep"},
            "frequency_penalty": {"scope": "generated"},
            "presence_penalty": {"scope": "generated"},
        },
        defaults={"temperature": 1.0},
        unlike=(
            Unlike("top_p", 0, 0, "refuses top_p = 0"),
            Unlike("temperature", nextafter(2, inf), inf, "refuses a temperature above 2"),
            Unlike("temperature", 1e-5, nextafter(0.01, 0), "raises a temperature below 0.01 to 0.01"),
        ),
        notes=("ties at top_k are kept by its PyTorch path and trimmed by its Triton path",),
    ),
    Engine(
        name="mlx-lm",
        version="0.32.2, sample_utils.py",
        order=(
            "logit_bias",
            "repetition_penalty",
            "presence_penalty",
            "frequency_penalty",
            "top_p",
            "min_p",
            "xtc",
            "top_k",
            "temperature",
        ),
        edges={
            **_penalties_see(20),
            "top_p": {"zero": "off", "ties": "keep"},
            "xtc": {"strict": True, "ties": "keep"},
        },
        defaults={"temperature": 0.0},
        unlike=(Unlike("xtc_threshold", nextafter(0.5, 1), 1, "refuses an xtc_threshold above 0.5"),),
        notes=(
            "xtc there can spare tokens that it is told of",
            "at temperature 0 the likeliest token is taken before any filter: xtc does not see it",
            "a top_k that is not below the vocabulary's size is an error there",
        ),
    ),
)

ENGINES: Mapping[str, Engine] = MappingProxyType({engine.name: engine for engine in _ENGINES})


def engine_of(name: object) -> Engine:
    """Give an engine by its name, or say which there are."""
    if not isinstance(name, str) or name not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(map(repr, ENGINES))}, got {shown(name)}")
    return ENGINES[name]
