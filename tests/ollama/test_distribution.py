"""What a server drew from, out of the 20 log-probabilities that it tells: checked against whole vocabularies.

The oracle knows all logits and runs the chain of llama.cpp in plain Python over them.
"""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire.chains import NEUTRAL
from wire.stub import Request, Stub, ndjson, recorded

from logitlab.llms import LogProb, Ollama
from logitlab.llms.distribution import distributions


def oracle(logits: list[float], options: dict[str, Any]) -> dict[int, float]:
    """token -> probability, over a whole vocabulary: top_k, top_p, min_p, and temperature last."""
    kept = sorted(range(len(logits)), key=lambda i: (-logits[i], i))
    if options["top_k"]:
        kept = kept[: options["top_k"]]
    if options["top_p"] < 1:
        total, mass, n = math.fsum(math.exp(logits[i]) for i in kept), 0.0, 0
        while (n < len(kept) and mass < options["top_p"] * total) or n == 0:
            mass += math.exp(logits[kept[n]])
            n += 1
        kept = kept[:n]
    if options["min_p"]:
        kept = [i for i in kept if logits[i] >= logits[kept[0]] + math.log(options["min_p"])]
    if options["temperature"] == 0:
        return {kept[0]: 1.0}
    weights = [math.exp((logits[i] - logits[kept[0]]) / options["temperature"]) for i in kept]
    return {i: weight / math.fsum(weights) for i, weight in zip(kept, weights, strict=True)}


def told(logits: "np.ndarray[Any, Any]", drawn: int, best: int) -> LogProb:
    """What a server would tell of a token drawn from these raw logits."""
    logprobs = logits - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
    order = np.argsort(-logprobs, kind="stable")[:best]
    top = [LogProb(str(i), float(logprobs[i])) for i in order]
    return LogProb(str(drawn), float(logprobs[drawn]), top_logprobs=top)


options = st.fixed_dictionaries(
    {
        "temperature": st.sampled_from([0.0, 0.3, 0.8, 1.0, 2.0]),
        "top_k": st.sampled_from([0, 1, 5, 20, 25, 40, 100]),
        "top_p": st.sampled_from([0.0, 0.3, 0.9, 0.99, 1.0]),
        "min_p": st.sampled_from([0.0, 0.05, 0.5, 1.0]),
    }
)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.5, 2.0, 4.0, 8.0]), options, st.sampled_from([5, 20]))
def test_exact_means_exact(seed: int, spread: float, chosen: dict[str, Any], best: int) -> None:
    """A result that is called exact is that of the whole vocabulary; if it is not, mass is really missing."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, spread, 300)
    whole = oracle(list(logits), NEUTRAL | chosen)
    drawn = int(rng.choice(list(whole), p=list(whole.values())))
    (result,) = distributions([told(logits, drawn, best)], NEUTRAL | chosen)
    assert result.token == str(drawn)
    assert len(result.tokens) == len(result.probs)
    if result.exact:
        assert result.why == ""
        assert math.isclose(result.probs.sum(), 1, rel_tol=1e-12)
        for token, prob in zip(result.tokens, result.probs, strict=True):
            assert math.isclose(prob, whole.get(int(token), 0.0), rel_tol=1e-9, abs_tol=1e-15)
    else:
        assert result.why != ""
        beyond = set(whole) - {int(token) for token in result.tokens}
        raw = np.exp(logits - logits.max())
        assert sum(raw[list(beyond)]) / raw.sum() <= result.unknown + 1e-12 if beyond else result.unknown > 0


@pytest.mark.parametrize(
    ("chosen", "exact"),
    [
        ({"top_k": 1}, True),
        ({"top_k": 20}, True),
        ({"top_k": 20, "temperature": 5.0}, True),
        ({"top_k": 40, "top_p": 0.5}, True),
        ({"top_p": 0.5}, True),
        ({"min_p": 0.2}, True),
        ({"temperature": 0.0}, True),
        ({}, False),
        ({"top_k": 40}, False),
        ({"top_p": 0.9999}, False),
        ({"min_p": 1e-9}, False),
        ({"temperature": 0.1}, False),
    ],
    ids=str,
)
def test_when_it_can_be_known(chosen: dict[str, Any], exact: bool) -> None:
    logits = np.random.default_rng(1).normal(0, 4, 1000)
    (result,) = distributions([told(logits, int(logits.argmax()), 20)], NEUTRAL | chosen)
    assert result.exact is exact
    assert (result.why == "") is exact


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"repeat_penalty": 1.1}, "repeat_penalty"),
        ({"presence_penalty": 0.5}, "presence_penalty"),
        ({"frequency_penalty": 0.5}, "frequency_penalty"),
        ({"typical_p": 0.5}, "typical_p"),
        ({"format": "json"}, "grammar"),
    ],
    ids=str,
)
def test_what_can_not_be_followed_is_said(changed: dict[str, Any], why: str) -> None:
    logits = np.random.default_rng(1).normal(0, 4, 1000)
    (result,) = distributions([told(logits, int(logits.argmax()), 20)], NEUTRAL | {"top_k": 5} | changed)
    assert not result.exact
    assert why in result.why


def test_penalties_that_look_back_at_nothing_are_none() -> None:
    logits = np.random.default_rng(1).normal(0, 4, 1000)
    changed = NEUTRAL | {"top_k": 5, "repeat_penalty": 1.1, "repeat_last_n": 0}
    assert distributions([told(logits, int(logits.argmax()), 20)], changed)[0].exact


def test_other_options_than_those_in_force_are_noticed() -> None:
    """The drawn token is none of the five best: it cannot have been drawn with top_k 5."""
    logits = np.random.default_rng(1).normal(0, 4, 1000)
    drawn = int(np.argsort(-logits)[10])
    (result,) = distributions([told(logits, drawn, 20)], NEUTRAL | {"top_k": 5})
    assert not result.exact
    assert "other options were effective" in result.why


def test_without_logprobs_it_says_what_to_ask_for() -> None:
    for logprobs in (None, [], [LogProb("a", -1.0)]):
        with pytest.raises(ValueError, match="top_logprobs=20"):
            distributions(logprobs, NEUTRAL)


def test_a_recorded_answer() -> None:
    """023: twenty log-probabilities per token at temperature 0; and these as if drawn at T = 1, top_k 3."""

    def answer(request: Request) -> bytes:
        if request.path == "/api/generate":
            return recorded("023-gen-logprobs-top20")
        return recorded("002-version" if request.path == "/api/version" else "005-show")

    with Stub(answer) as stub:
        llm = Ollama("gemma3-270m", stub.url)
        greedy = llm.complete("hi", top_logprobs=20, temperature=0).sampling_distribution()
        drawn = llm.complete("hi", top_logprobs=20, temperature=1, top_k=3, top_p=1).sampling_distribution()
    assert all(one.exact for one in [*greedy, *drawn])
    for one in greedy:
        assert one.tokens[int(one.probs.argmax())] == one.token
        assert one.probs.max() == 1
    raw = np.exp([-1.5936452150344849, -2.289892, -2.419294])
    assert drawn[0].tokens[:3] == [" the", " a", " Paris"]
    assert np.allclose(drawn[0].probs[:3], raw / raw.sum(), atol=1e-5)
    assert not drawn[0].probs[3:].any()


@pytest.mark.parametrize("form", ["gguf", "safetensors"])
def test_the_servers_own_defaults_are_used(form: str) -> None:
    top = [{"token": str(i), "logprob": -0.1 - 3.0 * i, "bytes": []} for i in range(20)]
    entry = top[0] | {"top_logprobs": top}

    def answer(request: Request) -> bytes:
        if request.path == "/api/version":
            return ndjson({"version": "0.33.0"})
        if request.path == "/api/show":
            return ndjson({"parameters": "temperature 0.5", "details": {"format": form}})
        return ndjson({"response": "0", "done": True, "logprobs": [entry]})

    with Stub(answer) as stub:
        (one,) = Ollama("m", stub.url).complete("hi", top_logprobs=20).sampling_distribution()
    # top_p 0.9, Ollama's default, keeps the first one only; for MLX the chain is another one
    assert one.exact == (form == "gguf")
    assert one.probs[0] == 1
