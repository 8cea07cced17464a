"""The tokeniser gives the plain BPE's ids, every text comes back, and nothing is dropped."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logitlab.llms.smol.gguf_file import GGUFFile
from logitlab.llms.smol.tokenizer import Tokenizer, byte_alphabet

from . import plain, tiny

PIECES = [
    "the", " and", "Sing", "apore", "'s", "'ll", "don't", "12", " 5", "½", "²", "٣", "Ⅷ",
    "東京", "สวัสดี", "مرحبا", "👩\u200d👩\u200d👧", "🏳️\u200d🌈", *tiny.CONTROL, "<|im_start",
    "\n", "\n\n", "  ", "   ", "\t", "\r\n", "\u00a0", "\u2028", "\u3000", "é", "e\u0301",
    "_", "!!", "...", " (", "\x00", "\x85", "\u200d", "\ufeff", "ǅ", "ª", "ʰ",
]  # fmt: skip
# Letters and numbers newer than Unicode 12 may be classed differently by two libraries' tables.
character = st.characters(exclude_categories=["Cs", "Cn"]).filter(lambda c: ord(c) < 0x2FFFF)
texts = st.lists(st.sampled_from(PIECES) | character, max_size=25).map("".join)


@pytest.fixture(scope="module")
def tokenizer(tiny_model):
    return Tokenizer(GGUFFile(tiny_model.path))


def spelled(text, missing):
    return not missing & set(text.encode())


@settings(deadline=None)
@given(texts.filter(lambda text: spelled(text, {tiny.MISSING_BYTE})))
def test_ids_are_those_of_plain_bpe(tokenizer, bpe, text):
    ids = tokenizer.encode(text)
    assert ids == bpe.encode(text)
    assert tokenizer.decode(ids) == text


def test_the_alphabet_is_gpt2s():
    assert byte_alphabet() == {letter: byte for byte, letter in tiny.alphabet().items()}


def test_pieces_are_bytes(tokenizer, tiny_model):
    letters = tiny.alphabet()
    for i, token in enumerate(tiny_model.tokens):
        expected = (
            b"" if token in tiny.CONTROL else bytes(b for c in token for b in letters if letters[b] == c)
        )
        assert tokenizer.piece(i) == expected


def test_control_tokens(tokenizer):
    assert tokenizer.encode("<|im_start|>a<|im_end|>")[::2] == [1, 2]
    assert tokenizer.decode([1, 2]) == "<|im_start|><|im_end|>"
    assert tokenizer.ends == {0, 2, 4}


def test_what_can_not_be_spelled_is_an_error(tokenizer):
    with pytest.raises(ValueError, match=r"no token for '\\x04' \(U\+0004\)"):
        tokenizer.encode("a\x04b")
    with pytest.raises(ValueError, match=r"not valid Unicode: .*surrogates not allowed"):
        tokenizer.encode("a\ud800b")


def test_ids_that_are_none(tokenizer):
    last = len(tokenizer) - 1
    with pytest.raises(ValueError, match=rf"in \[0, {last + 1}\), got {last + 1}"):
        tokenizer.decode([0, last + 1])
    with pytest.raises(ValueError, match=rf"in \[0, {last + 1}\), got -1"):
        tokenizer.decode([-1])
    for wrong in ([1.0], ["a"], [[1]], [True]):
        with pytest.raises(TypeError, match="integers in one dimension"):
            tokenizer.decode(wrong)
    assert tokenizer.decode(np.array([1], np.int32)) == "<|im_start|>"
    assert tokenizer.decode([]) == ""


def test_bytes_that_are_no_character(tokenizer):
    first, second = tokenizer.encode("ÿ")
    assert tokenizer.decode([first]) == "\ufffd"
    assert tokenizer.decode([second, first, second]) == "\ufffdÿ"


@pytest.fixture(scope="module")
def real(smollm2):
    """SmolLM2's own vocabulary, and the plain BPE on it."""
    file = GGUFFile(smollm2.path)
    tokens, kinds = file.get("tokenizer.ggml.tokens"), file.get("tokenizer.ggml.token_type")
    control = [token for token, kind in zip(tokens, kinds, strict=True) if kind == 3]
    missing = {byte for byte, letter in tiny.alphabet().items() if letter not in set(tokens)}
    return plain.BPE(tokens, file.get("tokenizer.ggml.merges"), control), missing


@pytest.mark.model
@settings(deadline=None)
@given(st.data())
def test_smollm2s_ids_are_those_of_plain_bpe(smollm2, real, data):
    bpe, missing = real
    text = data.draw(texts.filter(lambda text: spelled(text, missing)))
    assert smollm2.tokenize(text) == bpe.encode(text)
    assert smollm2.detokenize(smollm2.tokenize(text)) == text
