"""mlx-lm's own sampler and processors, on the processor: what its `generate_step` does with a row."""

import os
from importlib.metadata import version

os.environ["MLX_DISABLE_COMPILE"] = "1"  # else every new number compiles a kernel

import mlx.core as mx
import numpy as np
from mlx_lm import sample_utils
from peers import draws
from peers.rows import Library, Request

mx.set_default_device(mx.cpu)

REQUESTS: list[Request] = [
    {"temperature": 0.7, "top_k": 20, "top_p": 0.9},
    {"temperature": 1.5, "top_k": 50, "top_p": 0.8, "min_p": 0.05},
    {"top_k": 7},
    {"top_p": 0.5},
    {"top_p": 0.0},
    {"min_p": 0.1},
    {"xtc_probability": 1.0, "xtc_threshold": 0.1},
    {"xtc_probability": 1.0, "xtc_threshold": 0.05, "top_p": 0.8, "top_k": 4},
    {"repeat_penalty": 1.3, "temperature": 0.8, "top_p": 0.9},
    {"repeat_penalty": 1.6, "repeat_last_n": 3, "top_k": 9},
    {"presence_penalty": 1.5, "frequency_penalty": 0.5, "top_p": 0.9},
    {"logit_bias": [[[3], 6.0], [[5], -4.0]], "repeat_penalty": 1.5, "top_k": 9},
    {"temperature": 0.0, "top_p": 0.9},
]
# which of equal logits top_k keeps is not said there
REQUESTS_WITH_TIES: list[Request] = [
    {"top_p": 0.3},
    {"top_p": 0.8, "temperature": 0.7},
    {"min_p": 0.2},
    {"xtc_probability": 1.0, "xtc_threshold": 0.05},
    {"presence_penalty": 1.5, "frequency_penalty": 0.5, "top_p": 0.6},
    {"temperature": 0.0},
]


def _kept(row: mx.array, temp: float) -> mx.array:
    return row * (1.0 / temp)


def processed(row: mx.array, history: list[int], request: Request) -> mx.array:
    """Return logits after its processors."""
    window = {
        f"{kind}_context_size": request["repeat_last_n"]
        for kind in ("repetition", "presence", "frequency")
        if "repeat_last_n" in request
    }
    processors = sample_utils.make_logits_processors(
        {tokens[0]: bias for tokens, bias in request.get("logit_bias", [])},
        repetition_penalty=request.get("repeat_penalty"),
        presence_penalty=request.get("presence_penalty"),
        frequency_penalty=request.get("frequency_penalty"),
        **window,
    )
    for processor in processors:
        row = processor(mx.array(history, dtype=mx.int32), row)
    return row


def scores(logits: np.ndarray, history: list[int], generated: int, request: Request) -> np.ndarray:
    """Return what its sampler would draw from: its draw is replaced by what it would be given."""
    row = processed(mx.array(logits)[None], history, request)
    row = row - mx.logsumexp(row, keepdims=True)
    options = ("top_p", "min_p", "top_k", "xtc_probability", "xtc_threshold")
    given = {name: request[name] for name in options if name in request}
    sampler = sample_utils.make_sampler(temp=request.get("temperature", 1.0), **given)
    draw, sample_utils.categorical_sampling = sample_utils.categorical_sampling, _kept
    try:
        found = sampler(row)
    finally:
        sample_utils.categorical_sampling = draw
    if found.shape == row.shape:
        return np.array(found[0])
    greedy = np.full(len(logits), -np.inf)
    greedy[int(found.item())] = 0
    return greedy


LIBRARY = Library(
    engine="mlx-lm",
    versions={"mlx-lm": version("mlx-lm"), "mlx": version("mlx")},
    requests=REQUESTS,
    requests_with_ties=REQUESTS_WITH_TIES,
    options={
        "temperature": draws.between(0.1, 3),
        "top_p": draws.one_of(0.0, 1.0, draws.between(0, 1)),
        "min_p": draws.between(0.001, 0.5),
        "xtc_probability": draws.one_of(1.0),
        "xtc_threshold": draws.between(0, 0.5),
        "top_k": draws.whole(0, 40),
        "logit_bias": draws.biases(longest=1),
        "repeat_penalty": draws.between(0.5, 2),
        "presence_penalty": draws.between(-2, 2),
        "frequency_penalty": draws.between(-2, 2),
        "repeat_last_n": draws.one_of(1, 3, 10, 50),
    },
    scores=scores,
    defaults={"temperature": sample_utils.make_sampler.__defaults__[0]},
)
