"""Exactly k, ties by lowest index, -0.0 equal to 0.0, NaN last; in every way that the kernels select."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logitlab as ll

from . import oracles

VALUES = st.sampled_from([-np.inf, -2.0, -0.0, 0.0, 1.0, 1.0, 1.5, 3.0, np.inf, np.nan])
DTYPES = ["float16", "float32", "float64"]


def check(row, k):
    expected = oracles.order(row)[:k][::-1]
    np.testing.assert_array_equal(ll.argtop_k(row, k), expected)
    values = ll.top_k(row, k)
    # bits, so that -0.0 and 0.0 are told apart
    np.testing.assert_array_equal(values.view(f"u{row.itemsize}"), row[expected].view(f"u{row.itemsize}"))


@settings(deadline=None, max_examples=300)
@given(st.lists(VALUES, min_size=1, max_size=40), st.integers(0, 42), st.sampled_from(DTYPES))
def test_few_values_many_ties(values, k, dtype):
    check(np.array(values, dtype), k)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", [511, 513, 5000, 20_001])
@pytest.mark.parametrize("levels", [1, 2, 7, 10**4])
def test_long_rows(dtype, n, levels):
    """The maxima of groups, a bisection, and a radix sort, each with all equal, few and many different values."""
    rng = np.random.default_rng(levels)
    row = np.round(rng.standard_normal(n) * levels / 4).astype(dtype)
    for k in (0, 1, 2, 50, n // 97, n // 96 + 1, n // 2, n - 1, n, n + 5):
        check(row, min(k, n))
    row[rng.random(n) < 0.5] = np.nan
    row[rng.random(n) < 0.3] = -np.inf
    for k in (1, 50, n // 97, n // 2, n):
        check(row, k)


@pytest.mark.parametrize("dtype", DTYPES)
def test_more_than_there_are_numbers(dtype):
    row = np.full(10_000, np.nan, dtype)
    check(row, 50)
    row[[7, 9000]] = [-np.inf, 2]
    check(row, 50)
    assert ll.argtop_k(row, 3).tolist() == [0, 7, 9000]


def test_one_group_holds_them_all():
    """The largest stand together, and what is not chosen is equal: the bound of the groups is far from tight."""
    row = np.zeros(50_000, np.float32)
    row[20_000:20_300] = np.arange(300)
    check(row, 256)
    check(row, 301)


@given(st.lists(st.floats(width=32, allow_nan=False), min_size=1, max_size=30))
@settings(deadline=None)
def test_argmax(values):
    row = np.array(values, np.float32)
    assert ll.argtop_k(row, 1)[0] == np.argmax(row)
