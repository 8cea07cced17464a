"""smoothing bends the logits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import Smoothing, Temperature

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
PARAMETERS = {"factor": st.sampled_from([0.0, 0.1, 1.0, 3.0]), "curve": st.sampled_from([1.0, 1.5, 3.0])}


@DTYPES
@SHORT
@given(row=rows, seed=st.integers(0, 1000), factor=PARAMETERS["factor"], curve=PARAMETERS["curve"])
def test_short_rows(dtype, row, seed, factor, curve):
    hold(
        Smoothing(factor, curve), lambda left: reference.smoothing(left, factor, curve), row, dtype, seed=seed
    )


@DTYPES
@LONG
@given(row=long_rows(), seed=st.integers(0, 1000), factor=PARAMETERS["factor"], curve=PARAMETERS["curve"])
def test_long_rows(dtype, row, seed, factor, curve):
    hold(
        Smoothing(factor, curve), lambda left: reference.smoothing(left, factor, curve), row, dtype, seed=seed
    )


@DTYPES
@SHORT
@given(
    row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]), factor=PARAMETERS["factor"], curve=PARAMETERS["curve"]
)
def test_after_a_temperature(dtype, row, T, factor, curve):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.smoothing(left, factor, curve)

    hold([Temperature(T), Smoothing(factor, curve)], rule, row, dtype)
