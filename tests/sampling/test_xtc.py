"""XTC removes the top choices but the least likely, when its coin falls."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import XTC, Temperature, TopK

from .oracle import DTYPES, LONG, SHORT, hold, long_rows, rows

PARAMETERS = {
    "coin": st.floats(0, 1, exclude_max=True),
    "probability": st.sampled_from([0.0, 0.5, 1.0]),
    "threshold": st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5])),
    "min_keep": st.sampled_from([0, 1, 3]),
    "strict": st.booleans(),
    "ties": st.booleans(),
}


def hold_with(coin, row, dtype, probability, threshold, min_keep, strict, ties):
    step = XTC(probability, threshold, min_keep, strict, "keep" if ties else "index")

    def rule(left):
        return reference.xtc(left, coin, probability, threshold, min_keep, strict, ties)

    hold(step, rule, row, dtype, coins=[coin])


@DTYPES
@SHORT
@given(row=rows, **PARAMETERS)
def test_short_rows(dtype, row, coin, **parameters):
    hold_with(coin, row, dtype, **parameters)


@DTYPES
@LONG
@given(row=long_rows(), **PARAMETERS)
def test_long_rows(dtype, row, coin, **parameters):
    hold_with(coin, row, dtype, **parameters)


def test_edges():
    row = np.log([0.25, 0.25, 0.125, 0.125, 0.125, 0.125])
    kept = {
        (strict, ties): np.flatnonzero(Sampler([XTC(1.0, 0.125, 0, strict, ties)]).probs(row)).tolist()
        for strict in (False, True)
        for ties in ("index", "keep")
    }
    assert kept == {
        (False, "index"): [5],
        (False, "keep"): [2, 3, 4, 5],
        (True, "index"): [1, 2, 3, 4, 5],
        (True, "keep"): [0, 1, 2, 3, 4, 5],
    }


@DTYPES
@given(seed=st.integers(0, 1000), threshold=st.sampled_from([0.001, 0.01, 0.1]))
def test_coin_then_draw(dtype, seed, threshold):
    row = (np.random.default_rng(seed).standard_normal(2000) * 3).astype(dtype)
    coin, uniform = np.random.Generator(np.random.PCG64(seed)).random(2)
    left = reference.candidates(row.tolist(), reference.SINGLE if dtype == "float32" else reference.DOUBLE)
    best = sorted(left.ranks[:40])
    left = reference.xtc(left.keep(best), coin, 0.5, threshold)
    sampler = Sampler([TopK(40), XTC(0.5, threshold)])
    assert sampler.sample(row, rng=seed) == left.tokens[reference.draw(left.integers, uniform)]


def test_size_takes_two_doubles_a_token():
    row = np.random.default_rng(1).standard_normal(3000)
    sampler = Sampler([XTC(0.5, 0.002), Temperature(0.9)])
    rng = np.random.default_rng(5)
    assert sampler.sample(row, size=20, rng=5).tolist() == [
        int(sampler.sample(row, rng=rng)) for _ in range(20)
    ]


def test_a_long_row_is_not_listed_but_loses_the_same_tokens():
    row = np.random.default_rng(2).standard_normal(5000).astype(np.float32) * 2
    trace = Sampler([XTC(1.0, 0.002)]).trace(row)  # a trace lists the row
    assert np.array_equal(Sampler([XTC(1.0, 0.002)]).probs(row), trace.after)
    assert 1 < (trace.removed_by == 0).sum() < 500


def test_probs_is_the_mixture_over_the_coin():
    row = np.log([0.1, 0.2, 0.3, 0.4])
    fallen, stays = [1 / 3, 2 / 3, 0, 0], [0.1, 0.2, 0.3, 0.4]
    mixed = Sampler([XTC(0.25, 0.15)]).probs(row)
    np.testing.assert_allclose(mixed, 0.25 * np.array(fallen) + 0.75 * np.array(stays), rtol=1e-12)
    draws = Sampler([XTC(0.25, 0.15)]).sample(row, size=20_000, rng=0)
    np.testing.assert_allclose(np.bincount(draws, minlength=4) / 20_000, mixed, atol=0.012)


def test_two_coins():
    row = np.log([0.1, 0.2, 0.3, 0.4])
    sampler = Sampler([XTC(0.5, 0.15), XTC(0.5, 0.3)])
    draws = sampler.sample(row, size=20_000, rng=0)
    np.testing.assert_allclose(np.bincount(draws, minlength=4) / 20_000, sampler.probs(row), atol=0.012)


def test_a_long_row_is_as_it_was_where_nothing_may_go():
    """More tokens reach the threshold than are sorted in place, and min_keep spares them all."""
    row = np.resize([0.0, 0.0, 5.625, 65504.0], 1815)
    sampler = Sampler([XTC(1.0, 0.0, min_keep=2)])
    uniform = np.random.default_rng(3).random((40, 2))[:, 1]
    left = reference.candidates(row.tolist(), reference.DOUBLE)
    wanted = [left.tokens[reference.draw(left.integers, u)] for u in uniform]
    assert sampler.sample(row, size=40, rng=3).tolist() == wanted


def test_a_selection_after_xtc_on_a_long_row():
    """Ranking the top choices needs the room of the row's maxima, which a selection reads."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        n = int(rng.choice([600, 2000, 5000]))
        row = (rng.standard_normal(n) * rng.choice([0.3, 1.0, 2.0])).astype(np.float32)
        steps = [XTC(1.0, float(rng.choice([1e-3, 2e-3, 5e-3]))), TopK(int(rng.integers(1, 9)))]
        assert np.array_equal(Sampler(steps).probs(row), Sampler(steps).trace(row).after)
