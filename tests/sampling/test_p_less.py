"""p_less keeps what is as likely as two draws that agree."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import PLess, Temperature

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
PARAMETERS = {}


@DTYPES
@SHORT
@given(row=rows, seed=st.integers(0, 1000))
def test_short_rows(dtype, row, seed):
    hold(PLess(), lambda left: reference.p_less(left), row, dtype, seed=seed)


@DTYPES
@LONG
@given(row=long_rows(), seed=st.integers(0, 1000))
def test_long_rows(dtype, row, seed):
    hold(PLess(), lambda left: reference.p_less(left), row, dtype, seed=seed)


@DTYPES
@SHORT
@given(row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]))
def test_after_a_temperature(dtype, row, T):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.p_less(left)

    hold([Temperature(T), PLess()], rule, row, dtype)
