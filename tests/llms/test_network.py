"""The forward pass gives the papers' logits, and the same bits whatever was asked before."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logitlab.llms import BuiltIn
from logitlab.llms.smol.cache import BLOCK
from logitlab.llms.smol.gguf_file import GGUFFile
from logitlab.llms.smol.network import Network

from . import plain, tiny

VOCABULARY = len(tiny.vocabulary())


def some_tokens(count, seed=0):
    return np.random.default_rng(seed).integers(VOCABULARY, size=count).tolist()


def close(logits, expected):
    """float32 against float64: the error stays small beside the largest logit."""
    np.testing.assert_allclose(logits, expected, rtol=0, atol=2e-5 * np.abs(expected).max())


@pytest.mark.parametrize("count", [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 5, tiny.CONTEXT])
def test_logits_of_a_prompt(llm, forward, count):
    tokens = some_tokens(count)
    logits = llm.next_logits(tokens)
    assert logits.dtype == np.float32
    assert logits.shape == (VOCABULARY,)
    close(logits, forward.logits(tokens))


def test_logits_after_drawn_tokens(llm, forward):
    """Each token fed alone, across the border of a block and of the cache's growth."""
    tokens = some_tokens(BLOCK + 40, seed=1)
    network = llm._model.network
    with network.pool.lend(tokens[:7]) as cache:
        network.read(cache, tokens[:7], lambda: False)
        for i in range(7, len(tokens)):
            logits = network.step(cache, tokens[i])
            if i % 13 == 0 or i > BLOCK + 30:
                close(logits, forward.logits(tokens[: i + 1]))


def test_a_token_sees_those_before_it_and_no_other(llm):
    tokens = some_tokens(20)
    first = llm.next_logits(tokens)
    assert not np.array_equal(
        first, llm.next_logits([*tokens[:-2], (tokens[-2] + 1) % VOCABULARY, tokens[-1]])
    )
    assert not np.array_equal(first, llm.next_logits(tokens[1:]))
    assert not np.array_equal(first, llm.next_logits([tokens[1], tokens[0], *tokens[2:]]))


def fresh_logits(path, tokens):
    """From a network that was never asked anything."""
    file = GGUFFile(path)
    network = Network(file, VOCABULARY)
    with network.pool.lend(tokens) as cache:
        return network.read(cache, tokens, lambda: False)


prompts = st.tuples(st.sampled_from(["a", "b"]), st.integers(1, 3 * BLOCK), st.integers(1, 3))


@given(st.lists(prompts, min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_logits_do_not_depend_on_what_was_asked_before(tiny_model, asked):
    """Prompts that share beginnings, with drawn tokens between them, give a fresh network's bits."""
    network = BuiltIn(tiny_model.path)._model.network
    both = {"a": some_tokens(3 * BLOCK, seed=5)}
    both["b"] = both["a"][:40] + some_tokens(3 * BLOCK - 40, seed=6)
    for name, count, drawn in asked:
        tokens = both[name][:count]
        with network.pool.lend(tokens) as cache:
            logits = network.read(cache, tokens, lambda: False)
            np.testing.assert_array_equal(logits, fresh_logits(tiny_model.path, tokens))
            for token in both["a"][count : count + drawn]:
                network.step(cache, token)


def test_the_same_prompt_again_is_not_computed_again(llm, monkeypatch):
    tokens = some_tokens(50)
    first = llm.next_logits(tokens)
    network = llm._model.network
    counted = []
    forward = type(network)._forward

    def count(self, cache, block):
        counted.append(len(block))
        return forward(self, cache, block)

    monkeypatch.setattr(type(network), "_forward", count)
    np.testing.assert_array_equal(llm.next_logits(tokens), first)
    assert counted == []
    llm.next_logits([*tokens, 9])
    assert counted == [BLOCK]  # the first block is kept, the second one had only a part of these tokens


def test_weights_are_read_block_by_block(tiny_model):
    """The oracle's own dequantisation is ggml's: a scale and a minimum, low nibbles first."""
    block = np.frombuffer(np.array([0.5, -1], np.float16).tobytes() + bytes([0x21] * 16), np.uint8)
    values = plain.dequantize(plain.Type.Q4_1, block[None])
    assert values.tolist() == [[-0.5] * 16 + [0.0] * 16]
