"""Against llama.cpp, the engine that this family of files comes from; a wheel of Linux on x86-64 has it.

It rounds activations to 8 bits and we do not, so logits are alike, not equal: with SmolLM2 they correlate to
0.999, the divergence is about 0.004 nat.
"""

import importlib.metadata

import numpy as np
import pytest
from hypothesis import given, settings

from benchmarks.agreement import TEXT, agreement, prompts, prose, rows

from .test_tokenizer import spelled, texts

pytestmark = [pytest.mark.model]

PROMPTS = [
    "What is Singapore?",
    "The capital of France is",
    "<|im_start|>user\nWhy is the sky blue?<|im_end|>\n<|im_start|>assistant\n",
    "def fibonacci(n):\n    if n <",
    "1, 2, 3, 4, 5, 6,",
    "Once upon a time there was a little girl who lived in a village near the forest. Whenever she went out, "
    "the little girl wore a red riding cloak, so everyone in the village called her Little Red Riding",
]


@pytest.fixture(scope="module")
def peer(smollm2):
    from . import llama_cpp

    if (version := importlib.metadata.version("xllamacpp")) != llama_cpp.VERSION:
        pytest.skip(f"xllamacpp {version} is installed, this test knows {llama_cpp.VERSION}")
    return llama_cpp.Model(smollm2.path)


@settings(max_examples=1000, deadline=None)
@given(text=texts)
def test_the_tokenizer_gives_llama_cpps_ids(smollm2, peer, text):
    if spelled(text, smollm2._model.tokenizer._unknown):
        assert smollm2.tokenize(text) == peer.tokenize(text)


def test_the_pieces_are_llama_cpps(smollm2, peer):
    tokenizer = smollm2._model.tokenizer
    assert len(tokenizer) == peer.size
    for token in range(len(tokenizer)):
        assert tokenizer.piece(token) == peer.piece(token)
        assert (token in tokenizer.ends) == peer.ends(token)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_logits_are_like_llama_cpps(smollm2, peer, prompt):
    tokens = smollm2.tokenize(prompt)
    ours, theirs = smollm2.next_logits(tokens).astype(np.float64), peer.logits(tokens).astype(np.float64)
    assert ours.argmax() == theirs.argmax()
    assert np.corrcoef(ours, theirs)[0, 1] > 0.998
    p, q = (np.exp(row - np.logaddexp.reduce(row)) for row in (ours, theirs))
    assert np.sum(p * np.log(p / q)) < 0.02


def test_every_position_agrees_with_llama_cpp(smollm2, peer):
    """A part of `python -m benchmarks.agreement`, which looks at 50 prompts of up to 200 tokens."""
    assert len(prose(smollm2)) == TEXT
    lengths = [len(prompt) for prompt in prompts(smollm2)]
    assert (len(lengths), lengths[0], lengths[-1]) == (50, 20, 200)
    few = list(prompts(smollm2))[:9:4]
    found = agreement(pair for prompt in few for pair in rows(smollm2, peer, prompt))
    assert found.positions == sum(map(len, few)) > 90
    assert found.holds, found


def test_what_agreement_would_not_let_pass():
    """Noise in the logits, another argmax, and a row that is only shifted, which is no difference."""
    rng = np.random.default_rng(0)
    rows = rng.normal(0, 3, (30, 1000))
    assert agreement((row, row + 5) for row in rows).holds
    assert not agreement((row, row + rng.normal(0, 0.5, 1000)) for row in rows).holds
    assert agreement((row, -row) for row in rows).same == 0.0
    p, q = np.array([0.5, 0.25, 0.25]), np.array([0.25, 0.25, 0.5])
    assert agreement([(np.log(q), np.log(p))]).divergence == pytest.approx(np.sum(p * np.log(p / q)))
