"""What the explorer says of chance: exact binomial intervals, and how many bars an honest draw leaves outside them."""

from fractions import Fraction
from itertools import accumulate
from math import comb, lgamma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logitlab import sample, softargmax
from logitlab.explorer.chance import counts_of


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 60), st.integers(1, 9999))
def test_the_interval_is_that_of_the_binomial(n, ten_thousandths):
    """In fractions: low and high are the first counts whose running sums reach 2.5 and 97.5 %."""
    p = Fraction(ten_thousandths, 10_000)
    mass = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    sums = list(accumulate(mass))
    low = next(k for k in range(n + 1) if sums[k] >= Fraction(1, 40))
    high = next(k for k in range(n + 1) if sums[k] >= Fraction(39, 40))
    outside = 1 - sum(mass[low : high + 1])
    found = counts_of(n, float(p))
    assert found[:2] == (low, high)
    assert found[2] == pytest.approx(float(outside), abs=1e-12)
    assert found[2] <= 0.05


@pytest.mark.parametrize("n", [10_000, 100_000])
@pytest.mark.parametrize("p", [1e-300, 1e-7, 2e-4, 0.106, 0.5, 0.999])
def test_many_draws(n, p):
    """The mass between the ends, by logarithms of factorials."""
    low, high, outside = counts_of(n, p)
    k = np.arange(low, high + 1)
    factorials = np.array([lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) for i in k])
    inside = np.exp(factorials + k * np.log(p) + (n - k) * np.log1p(-p)).sum()
    assert 1 - inside == pytest.approx(outside, abs=1e-7)
    assert outside <= 0.05


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_what_is_certain_has_no_interval(p):
    assert counts_of(100, p) == (100 * p, 100 * p, 0.0)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([2, 10, 100, 1000]), st.floats(0.3, 3.0))
def test_as_many_bars_are_outside_as_it_says(seed, n, spread):
    """Over 400 rows of draws; "1 in 20" would be wrong: at 100 draws of a model's row it is 1 in 30."""
    row = np.random.default_rng(seed).normal(0, spread, 13)
    p = softargmax(row)
    tokens = sample(row, size=(400, n), rng=seed)
    counts = (tokens[:, :, None] == np.arange(13)).sum(axis=1)
    low, high, outside = np.array([counts_of(n, float(share)) for share in p]).T
    found = ((counts < low) | (counts > high)).sum(axis=1)
    error = max(found.std(), 0.1) / np.sqrt(len(found))
    assert abs(found.mean() - outside.sum()) < 5 * error
