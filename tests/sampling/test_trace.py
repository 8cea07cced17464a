"""A trace says what each step did, and its numbers are those of plain NumPy."""

import numpy as np
import pytest

from logitlab import Sampler, softargmax
from logitlab.sampling import XTC, BanTokens, MinP, MirostatV2, Temperature, TopK, TopP, TypicalP

CHAINS = {
    "ollama": Sampler.defaults("ollama"),
    "temperature first": Sampler([Temperature(0.7), TopK(90), TopP(0.8)]),
    "bound only": Sampler([MinP(0.01), Temperature(2.0)]),
    "nothing": Sampler([Temperature(1.5)]),
    "bans": Sampler([BanTokens([0, 1, 2]), TypicalP(0.9), TopP(0.9)]),
    "top choices": Sampler([XTC(1.0, 0.01), TopK(20)]),
    "greedy": Sampler([TopK(9), Temperature(0.0)]),
}
PREFIXES = [(name, n) for name in CHAINS for n in (8, 300, 700, 4000)]


def row_of(n, dtype=np.float64):
    rng = np.random.default_rng(n)
    row = rng.standard_normal(n) * 2
    row[rng.random(n) < 0.1] = -np.inf
    row[0] = 1.0
    return row.astype(dtype)


@pytest.mark.parametrize(("name", "n"), PREFIXES)
def test_every_entry_is_the_state_after_its_steps(name, n):
    sampler, row = CHAINS[name], row_of(n)
    trace = sampler.trace(row)
    own = softargmax(row)
    previous = own
    for i in range(len(sampler.steps) + 1):
        prefix = Sampler(sampler.steps[:i])
        after = prefix.trace(row).after
        left = (trace.removed_by >= i) & (row > -np.inf)
        assert trace.count[i] == left.sum()
        assert np.array_equal(after > 0, left & (after > 0))
        p = after[after > 0]
        np.testing.assert_allclose(trace.entropy[i], -(p * np.log(p)).sum(), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(trace.mass[i], own[left].sum(), rtol=1e-9)
        np.testing.assert_allclose(trace.kept[i], previous[left].sum(), rtol=1e-9)
        previous = after
    np.testing.assert_allclose(trace.entropy_bits, trace.entropy / np.log(2))
    np.testing.assert_allclose(trace.effective, np.exp(trace.entropy))
    assert np.array_equal(trace.before, own)
    assert np.array_equal(trace.removed_by == -1, row == -np.inf)


@pytest.mark.parametrize("n", [8, 300, 700, 4000])
def test_margins(n):
    row = row_of(n)
    trace = Sampler([Temperature(0.5), TopK(4), MinP(0.5)]).trace(row)
    by_k, by_p = trace.removed_by == 1, trace.removed_by == 2
    kth = np.sort(row)[-4]
    lowest = row[trace.removed_by == 3].min()
    np.testing.assert_allclose(trace.margin[by_k], (kth - row[by_k]) / 0.5)
    np.testing.assert_allclose(trace.margin[by_p], (lowest - row[by_p]) / 0.5)
    assert (trace.margin[trace.removed_by == 3] == 0).all()
    banned = Sampler(ban_tokens=[0, 3]).trace(row)
    assert np.isinf(banned.margin[0])
    above = Sampler([XTC(1.0, 0.0)]).trace(row)
    assert above.count[-1] == 1
    np.testing.assert_allclose(above.margin[0], row[0] - row[row > -np.inf].min())


def test_thresholds():
    row = np.log([0.1, 0.2, 0.3, 0.4])
    trace = Sampler([TopK(3), TopP(0.6), Temperature(0.5)]).trace(row)
    np.testing.assert_allclose(trace.threshold, [np.nan, np.log(0.2), 0.6, 0.5])
    assert trace.temperature.tolist() == [1, 1, 1, 0.5]


def test_why():
    texts = ["a", "b", "c", "d", "e"]
    row = np.array([1.0, 3.0, 2.0, -np.inf, 2.0])
    trace = Sampler([BanTokens([1]), TopK(1), Temperature(0.5)]).trace(row, tokens=texts)
    assert trace.why(1) == "token 1 ('b') was removed by step 1, BanTokens([1]): it was banned"
    assert trace.why(0) == (
        "token 0 ('a') was removed by step 2, TopK(1): it lies 1 below what was kept"
        " and would have to be 2.72 times as likely"
    )
    assert trace.why(2) == "token 2 ('c') is left: its probability was 0.1966 and is 1"
    assert trace.why(3) == "token 3 ('d') was excluded from the start: its logit is -inf"
    assert "equals one that was kept" in trace.why(4)
    assert "token 4 was" in Sampler(top_k=1).trace(row).why(4)
    with pytest.raises(ValueError, match=r"token must be in \[0, 5\), got 5"):
        trace.why(5)


def test_frames():
    trace = Sampler(top_k=2, temperature=0.5).trace([0.2, 0.3, 0.1, 0.4], tokens=["abcd"] * 4)
    frame = trace.frame()
    assert frame.index.tolist() == [3, 1, 0, 2]
    assert frame["removed_by"].tolist()[2:] == ["TopK(2)", "TopK(2)"]
    assert trace.frame(top=2).index.tolist() == [3, 1]
    steps = trace.steps_frame()
    assert steps["left"].tolist() == [4, 2, 2]
    assert steps.index.tolist() == ["the row", "TopK(2)", "Temperature(0.5)"]


def test_pictures():
    class Model:
        def detokenize(self, tokens):
            return "<&>"[tokens[0] % 3]

    trace = Sampler.defaults("ollama").trace(row_of(700), tokens=Model())
    html = trace._repr_html_()
    assert "<table" in html
    assert "&lt;" in html
    assert "<&>" not in html
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    figure = trace.plot(top=5)
    assert len(figure.axes) >= 1


def test_batches_are_indexed():
    batch = np.stack([row_of(50), row_of(50)])
    trace = Sampler(top_k=[1, 2]).trace(batch)
    assert len(trace) == 2
    assert trace[1].count.tolist()[1] == 2
    assert trace._repr_html_() is None
    with pytest.raises(ValueError, match=r"choose one, trace\[0\]"):
        trace.why(0)
    with pytest.raises(TypeError):
        len(trace[0])


def test_shape_of_certain_rows():
    row = np.array([0.0, np.inf, 1.0])
    trace = Sampler(top_k=2).trace(row)
    assert trace.count.tolist() == [3, 1]
    assert trace.after.tolist() == [0, 1, 0]
    assert trace.why(1).startswith("token 1 is left")
    assert trace.why(0).startswith("token 0 was removed by step 1, TopK(2): a logit of +inf takes")


@pytest.mark.parametrize("n", [9, 700])
def test_infinite_logits_share_the_mass(n):
    row = row_of(n)
    row[[2, 4, 5, 7]] = np.inf
    trace = Sampler([BanTokens([0, 4]), Temperature(0.5), TopK(2), TopP(0.4)]).trace(row)
    np.testing.assert_allclose(trace.mass, [1, 0.75, 0.75, 0.5, 0.25])
    np.testing.assert_allclose(trace.kept, [1, 0.75, 1, 2 / 3, 0.5])
    np.testing.assert_allclose(trace.effective, [4, 3, 3, 2, 1])
    assert trace.count.tolist() == [(row > -np.inf).sum(), (row > -np.inf).sum() - 2, 3, 2, 1]
    assert "was banned" in trace.why(0)
    assert "was banned" in trace.why(4)
    assert "a logit of +inf takes all" in trace.why(1 if row[1] > -np.inf else 3)
    assert "equals one that was kept" in trace.why(7)
    banned = Sampler([BanTokens([2, 4, 5, 7]), Temperature(1.0)]).trace(row)
    assert banned.mass.tolist() == [1, 0, 0]  # what is left had no part of it
    assert banned.entropy[1] == Sampler([]).trace(np.where(row == np.inf, -np.inf, row)).entropy[0]


def test_steps_with_a_state_are_traced_in_a_state():
    row = row_of(700)
    sampler = Sampler([MinP(0.01), MirostatV2(2.0)])
    trace = sampler.trace(row, state=(5.0,))
    assert np.array_equal(trace.after, sampler.probs(row, state=(5.0,)))
    assert trace.threshold[-1] == 5.0
    assert np.array_equal(sampler.trace(row, state=sampler.start()).after, sampler.probs(row, state=(4.0,)))
    p = trace.before * (trace.removed_by > 0)
    assert np.array_equal(trace.removed_by == 2, p / p.sum() >= 2.0**-5)
    adaptive = Sampler(min_p=0.01, adaptive_target=0.3)
    trace = adaptive.trace(row, state=((0.6, 2.0),))
    assert trace.threshold[-1] == pytest.approx(0.3)
    assert trace.count[1] == trace.count[2]
    assert "is left" in trace.why(int(trace.after.argmax()))
