"""top_p keeps the shortest prefix whose mass reaches p."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import XTC, MinP, Temperature, TopK, TopP

from .oracle import DTYPES, MIN_KEEP, SHARES, SHORT, hold, row_tests, rows

ml_dtypes = pytest.importorskip("ml_dtypes")

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    TopP,
    lambda left, ties, **rest: reference.top_p(left, ties=ties == "keep", **rest),
    p=SHARES,
    min_keep=MIN_KEEP,
    strict=st.booleans(),
    ties=st.sampled_from(["index", "keep"]),
)


def kept(steps, row):
    return Sampler(steps).trace(row).removed_by == len(steps)


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16, ml_dtypes.bfloat16])
@pytest.mark.parametrize("n", [6, 700, 9000])  # more than 512 are not listed at once
def test_ties(dtype, n):
    row = np.full(n, -np.inf, dtype)
    row[[n - 1, 1, n // 2, 4]] = 2, 1, 1, 1  # shares 0.475, and 0.175 three times
    for steps, expected in [
        ([TopP(0.3, ties="keep")], [n - 1]),
        ([TopP(0.5, ties="keep")], [1, n // 2, 4, n - 1]),
        ([TopP(0.5)], [1, n - 1]),
        ([TopP(0.7)], [1, min(4, n // 2), n - 1]),
        ([TopP(0.0, ties="keep")], [n - 1]),
        ([TopP(0.0, 2, ties="keep")], [1, n // 2, 4, n - 1]),
        ([TopP(0.0, 2)], [1, n - 1]),
        ([TopK(3), TopP(0.6, ties="keep")], [1, min(4, n // 2), n - 1]),
        ([TopK(3), TopP(0.5, renormalise=False, ties="keep")], [1, min(4, n // 2), n - 1]),
    ]:
        assert np.flatnonzero(kept(steps, row)).tolist() == sorted(expected), steps


@pytest.mark.parametrize("n", [40, 900, 20_000])
def test_with_ties_a_threshold_on_the_logits_is_all_it_is(n):
    """As mlx-lm has it: what is as large as the last token of the prefix stays, whatever its place in the row."""
    rng = np.random.default_rng(n)
    for grid in (2.0, 0.5, 1 / 16):
        for dtype in (np.float32, np.float64):
            row = (np.rint(rng.standard_normal(n) * 3 / grid) * grid).astype(dtype)
            values, counts = np.unique(row.astype(np.float64), return_counts=True)
            above = np.cumsum((np.exp(values - values[-1]) * counts)[::-1])[::-1]
            for p in rng.uniform(0, 1, 20):
                reaching = np.flatnonzero(above >= p * above[0])
                assert np.array_equal(kept([TopP(p, ties="keep")], row), row >= values[reaching[-1]])
                assert kept([TopP(p)], row).sum() <= (row >= values[reaching[-1]]).sum()


@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16])
@pytest.mark.parametrize("n", [4, 60, 700, 9000])
def test_a_single_row_keeps_what_the_same_logits_in_doubles_keep(dtype, n):
    """p lies on, or hardly beside, the mass of a prefix: single weights cannot tell."""
    rng = np.random.default_rng(n)
    for scale in (0.0, 1e-3, 0.3, 2.0, 9.0):
        row = (rng.standard_normal(n) * scale + rng.choice([0.0, 50.0])).astype(dtype)
        double = row.astype(np.float64)
        for T in (0.4, 1.0, 7.0):
            p = np.exp((double - double.max()) / T)
            sums = np.cumsum(np.sort(p / p.sum())[::-1])
            for beside in (0.0, 1e-15, -1e-12, 1e-9, -1e-8, 1e-7, -1e-6):
                share = float(np.clip(rng.choice(sums[: rng.choice([5, n])]) + beside, 0, 1))
                ties = str(rng.choice(["index", "keep"]))
                steps = [Temperature(T), TopP(share, strict=bool(rng.integers(2)), ties=ties)]
                assert np.array_equal(kept(steps, row), kept(steps, double)), (scale, T, share)
                assert np.array_equal(Sampler(steps).probs(row) > 0, Sampler(steps).trace(row).after > 0)


@DTYPES
@SHORT
@given(row=rows, k=st.integers(1, 6), m=st.floats(0, 0.5), p=SHARES, T=st.sampled_from([0.5, 1.0, 2.0]))
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


@pytest.mark.parametrize("n", [5000, 60_000])
def test_p_just_below_one(n):
    """A guess from a sample never lists enough: it must give up."""
    for scale in (0.1, 1.0, 6.0):
        row = (np.random.default_rng(n).standard_normal(n) * scale).astype(np.float32)
        sums = np.cumsum(np.sort(np.exp(row.astype(np.float64)))[::-1])
        for p in (1 - 2.0**-53, 1 - 1e-13, 1 - 1e-9):  # a weight below 2^-44 is 0
            left = kept([TopP(p)], row)
            assert np.array_equal(left, kept([TopP(p)], row.astype(np.float64)))
            assert np.searchsorted(sums, (p - 1e-8) * sums[-1]) <= left.sum()
