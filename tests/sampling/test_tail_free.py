"""tail_free cuts where the curve has spent its bend."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import TailFree, Temperature

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
PARAMETERS = {
    "z": st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.5])),
    "min_keep": st.sampled_from([1, 1, 3]),
}


@DTYPES
@SHORT
@given(row=rows, seed=st.integers(0, 1000), z=PARAMETERS["z"], min_keep=PARAMETERS["min_keep"])
def test_short_rows(dtype, row, seed, z, min_keep):
    hold(TailFree(z, min_keep), lambda left: reference.tail_free(left, z, min_keep), row, dtype, seed=seed)


@DTYPES
@LONG
@given(row=long_rows(), seed=st.integers(0, 1000), z=PARAMETERS["z"], min_keep=PARAMETERS["min_keep"])
def test_long_rows(dtype, row, seed, z, min_keep):
    hold(TailFree(z, min_keep), lambda left: reference.tail_free(left, z, min_keep), row, dtype, seed=seed)


@DTYPES
@SHORT
@given(row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]), z=PARAMETERS["z"], min_keep=PARAMETERS["min_keep"])
def test_after_a_temperature(dtype, row, T, z, min_keep):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.tail_free(left, z, min_keep)

    hold([Temperature(T), TailFree(z, min_keep)], rule, row, dtype)
