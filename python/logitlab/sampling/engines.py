"""Engines as data: in which order each applies its steps, with which edge rules, and what it does by default.

Read from the engines' own sources, and held to what the engines themselves keep where that can be run: each says at
which version. docs/sampling.md has the comparison. An engine chooses the order and the edge rules, and nothing else:
what is not asked for is not applied.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from math import inf, nextafter
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logitlab._kernels import STEPS
from logitlab.messages import shown
from logitlab.ollama_defaults import DEFAULTS, LLAMA_CPP, VERSION
from logitlab.sampling.parameters import each_row
from logitlab.sampling.steps import LogitBias
from logitlab.sampling.steps.base import registry


@dataclass(frozen=True)
class Unlike:
    """Option values that an engine rejects or silently alters."""

    option: str
    low: float
    high: float  # from `low` to `high`, both included
    says: str  # after the engine's name
    of: Callable[[Any], Any] = np.asarray  # the numbers to look at, for an option that is none

    def __contains__(self, value: Any) -> bool:
        numbers = self.of(value)
        return bool(np.any((numbers >= self.low) & (numbers <= self.high)))


@dataclass(frozen=True)
class Note:
    """What of an engine is not modelled; `compare` prints it where one of the steps is asked for."""

    steps: tuple[str, ...]
    says: str


@dataclass(frozen=True)
class Engine:
    """One engine."""

    name: str
    version: str  # that this was read from
    ran: str  # the version whose own code the tests ask; "" for one that was only read
    order: tuple[str, ...]  # kinds of steps
    edges: Mapping[str, Mapping[str, Any]] = field(
        default_factory=dict
    )  # step -> parameters that differ from ours
    defaults: Mapping[str, Any] = field(default_factory=dict)  # options of a request that gives none
    unlike: tuple[Unlike, ...] = ()  # `compare` leaves the engine out, and says so
    notes: tuple[Note, ...] = ()


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


def _penalties_see(last_n: int) -> dict[str, Mapping[str, Any]]:
    kinds = ("repetition_penalty", "presence_penalty", "frequency_penalty")
    return {kind: {"last_n": last_n} for kind in kinds}


def _lengths(biases: Any) -> NDArray[Any]:
    """How many tokens each sequence of a logit_bias has."""
    lists = each_row(LogitBias(biases).bias)
    return np.array([len(sequence) for pairs in lists for sequence, _ in pairs])


_LLAMA_RAN = "llama.cpp of the wheel xllamacpp 2026.10.11549"
_SINGLE = Unlike("logit_bias", 2, inf, "has a logit_bias for single tokens only", of=_lengths)
_ALL = "has no repeat_last_n: its penalties see all tokens"
_LLAMA_NOTES = (
    Note(("top_k",), "which of equal logits top_k keeps is unspecified there; here it is the lowest tokens"),
    Note(
        ("typical_p",),
        "after top_n_sigma its typical_p computes 0 log 0 = NaN; here what was removed takes no part in it",
    ),
)

_LLAMA_EDGES: Mapping[str, Mapping[str, Any]] = {
    **_penalties_see(64),
    "typical_p": {"strict": True},
    "dry": {"last_n": 64},
}

_ENGINES = (
    Engine(
        name="ollama",
        version=f"{VERSION}, with llama.cpp {LLAMA_CPP} as its runner",
        ran=_LLAMA_RAN,
        order=tuple(STEPS),  # every step
        edges=_LLAMA_EDGES,
        defaults=DEFAULTS,
        notes=_LLAMA_NOTES,
    ),
    Engine(
        name="llama.cpp",
        version=f"{LLAMA_CPP}, common/sampling.cpp",
        ran=_LLAMA_RAN,
        order=_LLAMA,
        edges=_LLAMA_EDGES,
        defaults={"top_k": 40, "top_p": 0.95, "min_p": 0.05, "temperature": 0.8},
        notes=_LLAMA_NOTES,
    ),
    Engine(
        name="ollama-mlx",
        version=f"{VERSION}, x/mlxrunner/sample/sample.go",
        ran="",  # it needs Apple's Metal or CUDA, and Go
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
        defaults=DEFAULTS,
    ),
    Engine(
        name="transformers",
        version="5.23.0, generation/utils.py",
        ran="transformers 5.23.0",
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
        edges={
            "top_k": {"ties": "keep"},
            "typical_p": {"ties": "keep"},
            "epsilon_cutoff": {"ties": "keep"},
        },
        # of do_sample=True: asked for nothing, generate() takes the likeliest token
        defaults={"temperature": 1.0, "top_k": 50, "top_p": 1.0},
        unlike=(
            Unlike("temperature", 0, 0, "refuses temperature = 0: do_sample=False is its greedy choice"),
            Unlike("repeat_last_n", 0, inf, _ALL),
        ),
        notes=(Note(("ban_tokens",), "it does not ban a token that ends the text"),),
    ),
    Engine(
        name="vllm",
        version="0.33.0, v1/sample/sampler.py",
        ran="vllm 0.33.0",
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
            "ban_tokens": {"scope": "generated"},
            "top_k": {"ties": "keep"},
            "frequency_penalty": {"scope": "generated"},
            "presence_penalty": {"scope": "generated"},
        },
        defaults={"temperature": 1.0},
        unlike=(
            Unlike("top_p", 0, 0, "refuses top_p = 0"),
            Unlike("temperature", nextafter(2, inf), inf, "refuses a temperature above 2"),
            Unlike(
                "temperature", nextafter(0, 1), nextafter(0.01, 0), "raises a temperature below 0.01 to 0.01"
            ),
            *(
                Unlike(name, low, high, f"refuses a {name} outside of [-2, 2]")
                for name in ("presence_penalty", "frequency_penalty")
                for low, high in ((-inf, nextafter(-2, -inf)), (nextafter(2, inf), inf))
            ),
            Unlike("repeat_last_n", 0, inf, _ALL),
            _SINGLE,
        ),
        notes=(
            Note(("top_k",), "ties at top_k are kept by its PyTorch path and trimmed by its Triton path"),
            Note(("logit_bias",), "its server clips a logit_bias to [-100, 100]"),
        ),
    ),
    Engine(
        name="mlx-lm",
        version="0.32.2, sample_utils.py",
        ran="mlx-lm 0.32.2",
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
        unlike=(
            Unlike("xtc_threshold", nextafter(0.5, 1), 1, "refuses an xtc_threshold above 0.5"),
            Unlike("repeat_last_n", -1, 0, "takes a repeat_last_n below 1 as another number of tokens"),
            _SINGLE,
        ),
        notes=(
            Note(("xtc",), "its xtc can be given tokens to spare"),
            Note(("xtc",), "at temperature 0 it takes the likeliest token before any filter, xtc included"),
            Note(("top_k",), "it refuses a top_k that is not below the vocabulary's size"),
            Note(
                ("top_k",),
                "which of equal logits top_k keeps is unspecified there; here it is the lowest tokens",
            ),
        ),
    ),
)


def _check() -> None:
    """Raise ValueError for an engine with a step, or an edge rule of a step, that does not exist."""
    for engine in _ENGINES:
        if strange := {*engine.order, *engine.edges} - set(registry):
            raise ValueError(f"the engine {engine.name!r} has unknown steps: {', '.join(sorted(strange))}")
        for kind, rules in engine.edges.items():
            if strange := set(rules) - {parameter.name for parameter in fields(registry[kind])}:
                raise ValueError(f"{kind} of the engine {engine.name!r} has no {', '.join(sorted(strange))}")


_check()
ENGINES: Mapping[str, Engine] = MappingProxyType({engine.name: engine for engine in _ENGINES})


def engine_of(name: object) -> Engine:
    """Return an engine by its name, or say which there are."""
    if not isinstance(name, str) or name not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(map(repr, ENGINES))}, got {shown(name)}")
    return ENGINES[name]
