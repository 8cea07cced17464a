"""`BuiltIn` takes every option of a sampler, a sampler of one's own, and tells the trace of each token."""

import numpy as np
import pytest
from numpy.random import PCG64, Generator

from logitlab import Sampler
from logitlab.llms import BuiltIn
from logitlab.sampling import XTC, Temperature, TopK, Trace

RAW = {"raw": True, "num_predict": 12, "seed": 5}
PROMPT = "the Singapore"
CHAINS = [
    {"repeat_penalty": 1.3, "repeat_last_n": 8},
    {"presence_penalty": 1.0, "frequency_penalty": 0.5, "temperature": 1.0},
    {"typical_p": 0.9, "top_n_sigma": 2.0, "no_repeat_ngram_size": 2},
    {"xtc_probability": 0.5, "xtc_threshold": 0.05, "logit_bias": {7: 3.0}},
]


def by_hand(llm, sampler, count, seed):
    rng, prompt, written = Generator(PCG64(seed)), llm.tokenize(PROMPT), []
    for _ in range(count):
        row = llm.next_logits(prompt + written)
        token = int(sampler.sample(row, rng=rng, history=prompt + written, generated=len(written)))
        if token in (0, 2, 4):
            break
        written.append(token)
    return written


@pytest.mark.parametrize("options", CHAINS, ids=str)
def test_options_are_those_of_a_sampler(llm, options):
    sampler = Sampler.defaults("ollama", **options)
    response = llm.complete(PROMPT, **RAW, **options)
    assert response.raw["tokens"] == by_hand(llm, sampler, 12, 5)
    assert options.items() <= response.options.items()


def test_a_sampler_of_ones_own(tiny_model):
    own = Sampler([TopK(9), XTC(0.3, 0.05), Temperature(1.2)])
    llm = BuiltIn(tiny_model.path, sampler=own)
    assert llm.complete(PROMPT, **RAW).raw["tokens"] == by_hand(llm, own, 12, 5)
    response = llm.complete(PROMPT, temperature=0.1, **RAW)
    assert response.raw["tokens"] == by_hand(llm, own.replace(temperature=0.1), 12, 5)
    assert response.options["top_k"] == 9
    assert "top_p" not in response.options
    with pytest.raises(TypeError, match=r"must be a logitlab\.Sampler"):
        BuiltIn(tiny_model.path, sampler=0.5)


def test_min_new_tokens_knows_what_ends_a_text(llm):
    assert llm.ends == {0, 2, 4}
    bias = {token: 50.0 for token in llm.ends}  # an answer of no tokens, were it not for the ban
    assert llm.complete(PROMPT, logit_bias=bias, **RAW).raw["tokens"] == []
    assert len(llm.complete(PROMPT, logit_bias=bias, min_new_tokens=3, **RAW).raw["tokens"]) == 3


def test_wrong_options_are_errors_before_anything_runs(llm):
    for options, message in (
        ({"xtc_probability": 2.0}, "xtc_probability must be in"),
        ({"dry_base": 3}, "dry_base needs"),
        ({"repeat_penalty": -1.0}, "repeat_penalty must be > 0, got -1"),
    ):
        with pytest.raises(ValueError, match=message):
            llm.stream_complete(PROMPT, **RAW, **options)


def test_a_stream_with_traces(llm):
    traces, response = [], None
    for response in llm.stream_complete(PROMPT, trace=True, **RAW):
        traces += response.additional_kwargs["traces"]
    tokens = response.raw["tokens"]
    assert len(traces) >= len(tokens)
    for trace, token, i in zip(traces, tokens, range(len(tokens)), strict=False):
        assert isinstance(trace, Trace)
        assert trace.after[token] > 0
        row = llm.next_logits(llm.tokenize(PROMPT) + tokens[:i])
        # a row that was read at once may differ from one that was stepped to in its last bits
        np.testing.assert_allclose(trace.after, Sampler.defaults("ollama").probs(row), rtol=1e-4, atol=1e-7)
    assert "traces" not in llm.complete(PROMPT, **RAW).additional_kwargs
