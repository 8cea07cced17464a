"""top_a keeps what reaches a times the square of the best probability."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import Temperature, TopA

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
PARAMETERS = {"a": st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.5]))}


@DTYPES
@SHORT
@given(row=rows, seed=st.integers(0, 1000), a=PARAMETERS["a"])
def test_short_rows(dtype, row, seed, a):
    hold(TopA(a), lambda left: reference.top_a(left, a), row, dtype, seed=seed)


@DTYPES
@LONG
@given(row=long_rows(), seed=st.integers(0, 1000), a=PARAMETERS["a"])
def test_long_rows(dtype, row, seed, a):
    hold(TopA(a), lambda left: reference.top_a(left, a), row, dtype, seed=seed)


@DTYPES
@SHORT
@given(row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]), a=PARAMETERS["a"])
def test_after_a_temperature(dtype, row, T, a):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.top_a(left, a)

    hold([Temperature(T), TopA(a)], rule, row, dtype)
