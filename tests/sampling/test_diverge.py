"""diverge runs two samplers with the same dice up to where their texts part."""

import numpy as np
import pytest

from logitlab import Sampler, diverge


class Alphabet:
    """A model of 26 letters whose row depends on the text so far."""

    def tokenize(self, text):
        return [ord(c) - 97 for c in text]

    def detokenize(self, tokens):
        return "".join(chr(97 + t) for t in tokens)

    def next_logits(self, tokens):
        return np.random.default_rng(list(tokens)).standard_normal(26).astype(np.float32) * 2


def write(sampler, n, seed):
    """What one sampler writes on its own."""
    model, rng, written = Alphabet(), np.random.default_rng(seed), []
    for _ in range(n):
        row = model.next_logits([0, *written])
        written.append(int(sampler.sample(row, rng=rng, history=[0, *written], generated=len(written))))
    return model.detokenize(written)


@pytest.mark.parametrize("seed", range(8))
def test_texts_are_what_each_writes_alone(seed):
    a, b = Sampler(temperature=0.8), Sampler(temperature=0.8, top_k=6)
    found = diverge(a, b, Alphabet(), "a", seed=seed, max_tokens=24)
    texts = write(a, 24, seed), write(b, 24, seed)
    assert (found.a.text, found.b.text) == texts
    first = next(i for i, (x, y) in enumerate(zip(*texts, strict=True)) if x != y)
    assert found.index == first
    assert found.common == texts[0][:first]
    assert (found.a.piece, found.b.piece) == (texts[0][first], texts[1][first])


@pytest.mark.parametrize("seed", range(8))
def test_u_lies_on_both_tokens(seed):
    found = diverge(Sampler(temperature=0.8), Sampler(temperature=1.3, top_p=0.7), Alphabet(), "a", seed=seed)
    assert found.u == np.random.default_rng(seed).random(found.index + 1)[-1]
    for side in (found.a, found.b):
        assert side.start - 1e-6 <= found.u <= side.end + 1e-6
        assert side.end - side.start == pytest.approx(float(side.trace.after[side.token]))


def test_same_settings_never_part():
    found = diverge(Sampler(top_k=9), Sampler(top_k=9), Alphabet(), "a", seed=3, max_tokens=20)
    assert found.index is None
    assert found.common == write(Sampler(top_k=9), 20, 3)
    assert "same" in found.why
    assert found.table() == []
    assert found.plot().axes


def test_stop_ends_a_text():
    found = diverge(Sampler(), Sampler(), Alphabet(), "a", stop=range(26))
    assert len(found.common) == 1


def test_why_names_the_step():
    found = diverge(Sampler(temperature=0.8), Sampler(temperature=0.8, top_k=1), Alphabet(), "a", seed=1)
    assert "was removed by step 1, TopK(1)" in found.why
    assert f"u = {found.u:.4f}" in str(found)
    assert {line["token"] for line in found.table()} >= {found.a.token, found.b.token}
    assert "<table" in found._repr_html_()
    assert found.plot().axes


def test_only_samplers():
    with pytest.raises(TypeError, match="b must be a Sampler"):
        diverge(Sampler(), 0.5, Alphabet(), "a")
