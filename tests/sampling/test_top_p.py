"""top_p keeps the shortest prefix whose mass reaches p."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import XTC, MinP, Temperature, TopK, TopP

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

PARAMETERS = {
    "p": st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.5, 0.25, 1e-300])),
    "min_keep": st.sampled_from([1, 1, 2, 5]),
    "strict": st.booleans(),
}


@DTYPES
@SHORT
@given(
    row=rows,
    seed=st.integers(0, 1000),
    p=PARAMETERS["p"],
    min_keep=PARAMETERS["min_keep"],
    strict=PARAMETERS["strict"],
)
def test_short_rows(dtype, row, seed, p, min_keep, strict):
    hold(
        TopP(p=p, min_keep=min_keep, strict=strict),
        lambda left: reference.top_p(left, p, min_keep, strict),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@LONG
@given(
    row=long_rows(),
    seed=st.integers(0, 1000),
    p=PARAMETERS["p"],
    min_keep=PARAMETERS["min_keep"],
    strict=PARAMETERS["strict"],
)
def test_long_rows(dtype, row, seed, p, min_keep, strict):
    hold(
        TopP(p=p, min_keep=min_keep, strict=strict),
        lambda left: reference.top_p(left, p, min_keep, strict),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@SHORT
@given(
    row=rows,
    T=st.sampled_from([0.1, 0.7, 2.0, 10.0]),
    p=PARAMETERS["p"],
    min_keep=PARAMETERS["min_keep"],
    strict=PARAMETERS["strict"],
)
def test_after_a_temperature(dtype, row, T, p, min_keep, strict):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.top_p(left, p, min_keep, strict)

    hold([Temperature(T), TopP(p=p, min_keep=min_keep, strict=strict)], rule, row, dtype)


def kept(steps, row):
    return Sampler(steps).trace(row).removed_by == len(steps)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16])
@pytest.mark.parametrize("n", [4, 60, 700, 9000])
def test_a_single_row_keeps_what_the_same_logits_in_doubles_keep(dtype, n):
    """p lies on, or hardly beside, the mass of a prefix: single weights can not tell."""
    rng = np.random.default_rng(n)
    for scale in (0.0, 1e-3, 0.3, 2.0, 9.0):
        row = (rng.standard_normal(n) * scale + rng.choice([0.0, 50.0])).astype(dtype)
        double = row.astype(np.float64)
        for T in (0.4, 1.0, 7.0):
            p = np.exp((double - double.max()) / T)
            sums = np.cumsum(np.sort(p / p.sum())[::-1])
            for beside in (0.0, 1e-15, -1e-12, 1e-9, -1e-8, 1e-7, -1e-6):
                share = float(np.clip(rng.choice(sums[: rng.choice([5, n])]) + beside, 0, 1))
                steps = [Temperature(T), TopP(share, strict=bool(rng.integers(2)))]
                assert np.array_equal(kept(steps, row), kept(steps, double)), (scale, T, share)
                assert np.array_equal(Sampler(steps).probs(row) > 0, Sampler(steps).trace(row).after > 0)


@DTYPES
@SHORT
@given(
    row=rows, k=st.integers(1, 6), m=st.floats(0, 0.5), p=PARAMETERS["p"], T=st.sampled_from([0.5, 1.0, 2.0])
)
def test_not_renormalised(dtype, row, k, m, p, T):
    def rule(left):
        few = reference.top_k(left, k)
        warm = reference.temperature(few, T)
        fewer = reference.min_p(warm, m)
        share = reference.share_left(left, few) * 1.0 * reference.share_left(warm, fewer)
        return reference.top_p(fewer, p, share=share)

    hold([TopK(k), Temperature(T), MinP(m), TopP(p, renormalise=False)], rule, row, dtype)


def test_renormalised_or_not():
    row = np.log([0.4, 0.3, 0.2, 0.1])
    assert kept([TopK(3), TopP(0.7)], row).sum() == 2  # 0.7 / 0.9 of what is left
    assert kept([TopK(3), TopP(0.75)], row).sum() == 2
    assert kept([TopK(3), TopP(0.75, renormalise=False)], row).sum() == 3
    assert kept([TopK(3), TopP(0.95, renormalise=False)], row).sum() == 3
    assert kept([TopP(0.75, renormalise=False)], row).sum() == 3
    for n in (700, 5000):
        long = np.random.default_rng(n).standard_normal(n) * 3
        p = np.exp(long - long.max()) / np.exp(long - long.max()).sum()
        for first in (TopK(20), MinP(0.05)):
            left = kept([first], long)
            sums = np.cumsum(np.sort(p[left])[::-1])
            got = kept([first, TopP(0.6 * sums[-1], renormalise=False)], long)
            assert got.sum() == np.searchsorted(sums, 0.6 * sums[-1]) + 1


def test_what_xtc_removes_counts_as_a_part_of_the_whole():
    row = np.log([0.4, 0.3, 0.2, 0.1])
    steps = [XTC(1.0, 0.25), TopP(0.4, renormalise=False)]  # leaves 0.3, 0.2, 0.1
    assert kept(steps, row).tolist() == [False, True, True, False]


def test_zero():
    row = np.log([0.4, 0.3, 0.2, 0.1])
    assert kept([TopP(0.0)], row).sum() == 1
    assert kept([TopP(0.0, zero="off")], row).sum() == 4
    assert (Sampler([TopP([0.0, 0.5], zero="off")]).probs(row) > 0).sum(axis=1).tolist() == [4, 2]
