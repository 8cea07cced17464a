"""top_n_sigma keeps logits within n deviations of the largest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import Temperature, TopNSigma

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

PARAMETERS = {"n": st.one_of(st.floats(0, 5), st.sampled_from([0.0, 1.0, 1e-300, 1e300]))}


@DTYPES
@SHORT
@given(row=rows, seed=st.integers(0, 1000), n=PARAMETERS["n"])
def test_short_rows(dtype, row, seed, n):
    hold(TopNSigma(n=n), lambda left: reference.top_n_sigma(left, n), row, dtype, seed=seed)


@DTYPES
@LONG
@given(row=long_rows(), seed=st.integers(0, 1000), n=PARAMETERS["n"])
def test_long_rows(dtype, row, seed, n):
    hold(TopNSigma(n=n), lambda left: reference.top_n_sigma(left, n), row, dtype, seed=seed)


@DTYPES
@SHORT
@given(row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]), n=PARAMETERS["n"])
def test_after_a_temperature(dtype, row, T, n):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.top_n_sigma(left, n)

    hold([Temperature(T), TopNSigma(n=n)], rule, row, dtype)
