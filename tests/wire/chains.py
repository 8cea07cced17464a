"""Sampler chains over a whole vocabulary in plain Python, and what a server would tell of its rows.

The oracle of the tests that follow a server's chain from its log-probabilities alone: any steps in any order, penalties
with the tokens that it is told of.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from logitlab.llms import LogProb

NEUTRAL = {
    "temperature": 1.0,
    "top_k": 0,
    "top_p": 1.0,
    "min_p": 0.0,
    "typical_p": 1.0,
    "repeat_last_n": 64,
    "repeat_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}


def softargmax(logits: dict[int, float]) -> dict[int, float]:
    largest = max(logits.values())
    weights = {token: math.exp(logit - largest) for token, logit in logits.items()}
    total = math.fsum(weights.values())
    return {token: weight / total for token, weight in weights.items()}


def one_step(kind: str, logits: dict[int, float], options: dict[str, Any]) -> dict[int, float]:
    """The logits of the tokens that a step leaves; `logits` are in falling order."""
    probs = softargmax(logits)
    ranked = list(logits)
    if kind == "top_k" and options["top_k"]:
        ranked = ranked[: options["top_k"]]
    if kind == "top_p" and options["top_p"] < 1:
        mass, n = 0.0, 0
        while n == 0 or (n < len(ranked) and mass < options["top_p"]):
            mass += probs[ranked[n]]
            n += 1
        ranked = ranked[:n]
    if kind == "min_p":
        ranked = [token for token in ranked if probs[token] >= options["min_p"] * probs[ranked[0]]]
    if kind == "temperature" and options["temperature"] == 0:
        ranked = ranked[:1]
    divisor = options["temperature"] if kind == "temperature" and options["temperature"] else 1.0
    return {token: logits[token] / divisor for token in ranked}


def oracle(
    logits: dict[int, float], kinds: Sequence[str], options: dict[str, Any], window: Sequence[int] = ()
) -> dict[int, float]:
    """Token -> probability after the steps, over a whole vocabulary; XTC is the mixture over its coin."""
    logits = dict(sorted(logits.items(), key=lambda item: -item[1]))
    if not kinds:
        return softargmax(logits)
    kind, *rest = kinds
    if kind == "penalties":
        counts = {token: window.count(token) for token in logits}
        moved = {
            token: logit
            - counts[token] * options["frequency_penalty"]
            - (counts[token] > 0) * options["presence_penalty"]
            for token, logit in logits.items()
        }
        return oracle(moved, rest, options, window)
    if kind != "xtc":
        return oracle(one_step(kind, logits, options), rest, options, window)
    spared = oracle(logits, rest, options, window)
    choices = [token for token, prob in softargmax(logits).items() if prob >= options["xtc_threshold"]]
    if len(choices) < 2 or options["xtc_threshold"] > 0.5:
        return spared
    without = {token: logit for token, logit in logits.items() if token not in choices[:-1]}
    fallen = oracle(without, rest, options, window)
    chance = options["xtc_probability"]
    mixed = {
        token: chance * fallen.get(token, 0.0) + (1 - chance) * spared.get(token, 0.0)
        for token in spared | fallen
    }
    return {token: prob for token, prob in mixed.items() if prob}


def told(logits: "np.ndarray[Any, Any]", drawn: int, best: int) -> LogProb:
    """What a server tells of a token drawn from these raw logits: numbers of float32."""
    logprobs = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
    order = np.argsort(-logprobs, kind="stable")[:best]
    top = [LogProb(f" {i};", float(np.float32(logprobs[i]))) for i in order]
    return LogProb(f" {drawn};", float(np.float32(logprobs[drawn])), top_logprobs=top)
