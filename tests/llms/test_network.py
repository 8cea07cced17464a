"""The forward pass gives the papers' logits and the documented bits, however it is asked."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType as Type
from hypothesis import given, settings
from hypothesis import strategies as st

import logitlab
from logitlab.llms import BuiltIn
from logitlab.llms.smol.gguf_file import GGUFFile
from logitlab.llms.smol.network import BLOCK, Network

from . import integers, plain, tiny

VOCABULARY = len(tiny.vocabulary())
KINDS = [(Type.Q4_1, Type.Q8_0), (Type.Q8_0, Type.Q4_1), (Type.F32, Type.F32)]


def some_tokens(count, seed=0):
    return np.random.default_rng(seed).integers(VOCABULARY, size=count).tolist()


@pytest.fixture(scope="module", params=KINDS, ids=lambda kinds: "-".join(kind.name for kind in kinds))
def model(request, tmp_path_factory):
    return tiny.write(tmp_path_factory.mktemp("kinds") / "tiny.gguf", seed=3, kinds=request.param)


@pytest.mark.parametrize("count", [1, 7, BLOCK + 1])
def test_bits_are_those_of_the_documented_arithmetic(model, count):
    tokens = some_tokens(count)
    logits = BuiltIn(model.path).next_logits(tokens)
    assert logits.dtype == np.float32
    assert logits.shape == (VOCABULARY,)
    np.testing.assert_array_equal(logits, integers.Forward(model).logits(tokens))


def test_bits_after_drawn_tokens(model):
    """Each token fed alone."""
    tokens = some_tokens(18, seed=1)
    network, oracle = BuiltIn(model.path)._model.network, integers.Forward(model)
    with network.pool.lend(tokens[:7], tiny.CONTEXT) as cache:
        network.read(cache, tokens[:7], lambda: False)
        oracle.logits(tokens[:7])
        for token in tokens[7:]:
            logits, expected = network.step(cache, token), oracle.logits([token])
            np.testing.assert_array_equal(logits, expected)


@pytest.mark.parametrize("count", [1, BLOCK + 1, tiny.CONTEXT])
def test_unquantised_logits_are_the_papers(tmp_path, count):
    """float32 against float64: the error stays small beside the largest logit."""
    model = tiny.write(tmp_path / "floats.gguf", kinds=(Type.F32, Type.F32))
    tokens = some_tokens(count)
    expected = plain.Forward(model).logits(tokens)
    logits = BuiltIn(model.path).next_logits(tokens)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=2e-5 * np.abs(expected).max())


@pytest.mark.parametrize("count", [1, 33, 70])
def test_quantised_logits_are_near_the_papers(llm, forward, count):
    """Activations keep 8 bits: what they lose is noise beside the logits' spread."""
    tokens = some_tokens(count)
    logits, expected = llm.next_logits(tokens), forward.logits(tokens)
    assert np.corrcoef(logits, expected)[0, 1] > 0.95


def test_a_token_sees_those_before_it_and_no_other(llm):
    tokens = some_tokens(20)
    first = llm.next_logits(tokens)
    assert not np.array_equal(
        first, llm.next_logits([*tokens[:-2], (tokens[-2] + 1) % VOCABULARY, tokens[-1]])
    )
    assert not np.array_equal(first, llm.next_logits(tokens[1:]))
    assert not np.array_equal(first, llm.next_logits([tokens[1], tokens[0], *tokens[2:]]))


@pytest.mark.parametrize("value", [np.inf, np.nan, 1e30])
def test_what_is_beyond_the_numbers_shows_as_nan(tmp_path, value):
    """A norm's weight that blows up is no text: the row is NaN, and a draw says so."""
    model = tiny.write(tmp_path / "broken.gguf")
    whole = model.path.read_bytes()
    old = model.tensors["blk.1.ffn_norm.weight"][1]
    new = old.copy()
    new[5] = value
    model.path.write_bytes(whole.replace(old.tobytes(), new.tobytes()))
    llm = BuiltIn(model.path)
    assert np.isnan(llm.next_logits(some_tokens(3))).all()
    with pytest.raises(ValueError, match="NaN"):
        llm.complete("a", raw=True)


def fresh_logits(path, tokens):
    """From a network that was never asked anything."""
    network = Network(GGUFFile(path), VOCABULARY, path.parent)
    with network.pool.lend(tokens, tiny.CONTEXT) as cache:
        return network.read(cache, tokens, lambda: False)


prompts = st.tuples(st.sampled_from(["a", "b"]), st.integers(1, 3 * BLOCK), st.integers(0, 3))


@given(st.lists(prompts, min_size=1, max_size=8))
@settings(max_examples=30, deadline=None)
def test_logits_do_not_depend_on_what_was_asked_before(tiny_model, asked):
    """Prompts that share beginnings, with drawn tokens between them, give a fresh network's bits."""
    network = BuiltIn(tiny_model.path)._model.network
    both = {"a": some_tokens(3 * BLOCK + 3, seed=5)}
    both["b"] = both["a"][:40] + some_tokens(3 * BLOCK, seed=6)
    for name, count, drawn in asked:
        tokens = both[name][:count]
        with network.pool.lend(tokens, tiny.CONTEXT) as cache:
            logits = network.read(cache, tokens, lambda: False)
            np.testing.assert_array_equal(logits, fresh_logits(tiny_model.path, tokens))
            for token in both["a"][count : count + drawn]:
                network.step(cache, token)


def test_what_a_prompt_shares_with_the_last_is_not_computed_again(llm, monkeypatch):
    tokens = some_tokens(50)
    first = llm.next_logits(tokens)
    counted = []
    feed = Network._feed
    monkeypatch.setattr(
        Network,
        "_feed",
        lambda self, cache, block, last: counted.append(len(block)) or feed(self, cache, block, last),
    )
    np.testing.assert_array_equal(llm.next_logits(tokens), first)
    assert counted == []
    llm.next_logits([*tokens, 9])
    assert counted == [1]
    llm.next_logits(tokens[:30])
    assert counted == [1, 1]  # its last token, for the logits after it


SCRIPT = """
import sys, hashlib, logitlab
from logitlab.llms import BuiltIn
llm, tokens = BuiltIn(sys.argv[1]), [int(token) for token in sys.argv[2:]]
rows = [llm.next_logits(tokens[:n]).tobytes() for n in (1, 5, len(tokens))]
print(logitlab.targets()["used"], hashlib.sha256(b"".join(rows)).hexdigest())
"""


def test_every_target_has_the_same_bits(model):
    said = {}
    for target in logitlab.targets()["usable"]:
        command = [sys.executable, "-c", SCRIPT, str(model.path), *map(str, some_tokens(41))]
        environment = os.environ | {"LOGITLAB_TARGET": target}
        name, digest = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout.split()
        assert name == target
        said[target] = digest
    assert {"generic"} <= said.keys()
    assert len(set(said.values())) == 1, said


def test_weights_are_read_block_by_block(tiny_model):
    """The oracle's own dequantisation is ggml's: a scale and a minimum, low nibbles first."""
    block = np.frombuffer(np.array([0.5, -1], np.float16).tobytes() + bytes([0x21] * 16), np.uint8)
    values = plain.dequantize(plain.Type.Q4_1, block[None])
    assert values.tolist() == [[-0.5] * 16 + [0.0] * 16]


def test_a_session_checks_what_it_is_given(tiny_model):
    network = BuiltIn(tiny_model.path)._model.network
    session = network._cache(32).session
    logits = np.empty(VOCABULARY, np.float32)
    for tokens, start, out, message in (
        ([], 0, None, "1 to 32 tokens, got 0"),
        ([1] * 33, 0, None, "1 to 32 tokens, got 33"),
        ([VOCABULARY], 0, None, f"from 0 to {VOCABULARY - 1}, got {VOCABULARY}"),
        ([-1], 0, None, "got -1"),
        ([1], 32, None, "position 32 do not fit a session of 32"),
        ([1], -1, None, "position -1"),
        ([1], 0, logits[:-1], f"float32 array of {VOCABULARY}"),
        ([1], 0, logits.view(np.int32), f"float32 array of {VOCABULARY}"),
    ):
        with pytest.raises(ValueError, match=message):
            session.forward(tokens, start, out)


def test_a_session_needs_tensors_inside_the_weights(tiny_model):
    network = BuiltIn(tiny_model.path)._model.network
    weights, rules = network._weights, network._rules
    shape = (64, 4, 2, 96, 2, VOCABULARY, 32, *rules)
    kind = type(network._cache(16).session)
    for at in range(len(weights.tensors)):
        for entry in ((weights.tensors[at][0], 1 << 40, 0), (weights.tensors[at][0], -64, 0), (2, 32, 0)):
            tensors = (*weights.tensors[:at], entry, *weights.tensors[at + 1 :])
            with pytest.raises(ValueError, match="does not lie in weights"):
                kind(weights.data, shape, tensors)
    with pytest.raises(ValueError, match="2 layers need 20 tensors, got 19"):
        kind(weights.data, shape, weights.tensors[:-1])


def test_the_model_runs_in_two_threads_at_once(tiny_model):
    """Sessions share weights only: two threads get what one after the other gets."""
    from concurrent.futures import ThreadPoolExecutor

    llm = BuiltIn(tiny_model.path)
    prompts = [some_tokens(60, seed=seed) for seed in range(8)]
    expected = [fresh_logits(Path(tiny_model.path), tokens) for tokens in prompts]
    with ThreadPoolExecutor(4) as pool:
        for logits, right in zip(pool.map(llm.next_logits, prompts), expected, strict=True):
            np.testing.assert_array_equal(logits, right)
