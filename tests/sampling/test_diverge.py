"""diverge runs two samplers with the same dice up to where their texts part."""

import numpy as np
import pytest

from logitlab import Sampler, diverge
from logitlab.sampling import XTC


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
    assert "both write the same 20 tokens" in str(found)
    assert found.why == "The texts are the same, as the samplers are."
    assert found.table() == []
    assert "<table" not in found._repr_html_()
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    (axes,) = found.plot().axes
    assert [text.get_text() for text in axes.texts] == [str(found)]
    assert not axes.patches


def test_stop_ends_a_text():
    found = diverge(Sampler(), Sampler(), Alphabet(), "a", stop=range(26))
    assert len(found.common) == 1


def test_why_names_the_step():
    found = diverge(Sampler(temperature=0.8), Sampler(temperature=0.8, top_k=1), Alphabet(), "a", seed=1)
    assert "was removed by step 1, TopK(1)" in found.why
    assert f"u = {found.u:.4f}" in str(found)
    assert {line["token"] for line in found.table()} >= {found.a.token, found.b.token}
    assert "<table" in found._repr_html_()


def test_the_plot_shows_u_and_the_two_tokens():
    colors = pytest.importorskip("matplotlib", reason="matplotlib is not installed").colors
    found = diverge(Sampler(temperature=0.8), Sampler(temperature=0.8, top_k=1), Alphabet(), "a", seed=1)
    (axes,) = found.plot().axes
    (line,) = axes.lines
    assert set(line.get_xdata()) == {found.u}
    assert f"u = {found.u:.4f}" in [text.get_text() for text in axes.texts]
    dark = [bar for bar in axes.patches if colors.same_color(bar.get_facecolor(), "C0")]
    drawn = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in dark]
    assert drawn == [pytest.approx((side.start, side.end)) for side in (found.a, found.b)]
    assert all(start <= found.u < end for start, end in drawn)


def test_other_settings_may_write_the_same():
    found = diverge(Sampler(top_k=9), Sampler(top_k=10), Alphabet(), "a", max_tokens=1)
    assert found.index is None
    assert "each u fell on the same token of both bars" in found.why


def test_they_may_part_at_once():
    found = diverge(Sampler(temperature=0), Sampler(temperature=1), Alphabet(), [0], max_tokens=5)
    assert (found.prompt, found.common, found.index, found.a.text) == (
        "a",
        "",
        0,
        write(found.samplers[0], 5, 0),
    )
    assert "they part at the first token" in str(found)
    assert (found.a.start, found.a.end) == (0, 1)
    assert "it has no part: token 20 ('u') was removed by step 1, Temperature(0.0)" in found.why


def test_the_model_knows_where_a_text_ends():
    model = Alphabet()
    model.ends = frozenset(range(26))
    assert diverge(Sampler(), Sampler(), model, "a").length == 1
    assert diverge(Sampler(), Sampler(), model, "a", stop=(), max_tokens=7).length == 7


@pytest.mark.parametrize("seed", range(8))
def test_coins_are_common_too(seed):
    """Each token takes the coin's double, then u; the trace is of the coin that was tossed."""
    a, b = Sampler([XTC(0.5, 0.05)]), Sampler([XTC(0.0)])
    found = diverge(a, b, Alphabet(), "a", seed=seed)
    *_, coin, u = np.random.default_rng(seed).random(2 * (found.index + 1))
    assert found.u == u
    assert (found.a.trace.count[-1] < 26) == (coin < 0.5)
    for side in (found.a, found.b):
        assert side.start - 1e-6 <= found.u <= side.end + 1e-6


def test_cause():
    found = diverge(Sampler(temperature=0.8), Sampler(temperature=1.0), Alphabet(), "a")
    assert found.why.endswith(
        "Both keep the same tokens, 26, with other probabilities: so the parts lie elsewhere."
    )
    found = diverge(Sampler(), Sampler(top_k=6), Alphabet(), "a")
    assert "Of 26 tokens a keeps 26 and b 6" in found.why


@pytest.mark.parametrize(
    ("a", "options", "error", "message"),
    [
        (0.5, {}, TypeError, "a must be a Sampler"),
        (Sampler(xtc_probability=0.5), {}, ValueError, "a tosses 1 coins for a token and b 0"),
        (Sampler(mirostat_tau=5.0), {}, ValueError, "without a state"),
        (Sampler(temperature=[1.0, 2.0]), {}, ValueError, "one number for each parameter"),
        (Sampler(), {"max_tokens": 0}, ValueError, "max_tokens must be an integer >= 1, got 0"),
    ],
    ids=str,
)
def test_errors(a, options, error, message):
    with pytest.raises(error, match=message):
        diverge(a, Sampler(), Alphabet(), "a", **options)
