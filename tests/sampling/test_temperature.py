"""Temperature divides, and in its limits chooses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import Temperature

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

PARAMETERS = {
    "temperature": st.one_of(st.floats(0, 1e300), st.sampled_from([0.0, 1.0, 0.1, float("inf"), 1e-300]))
}


@DTYPES
@SHORT
@given(row=rows, seed=st.integers(0, 1000), temperature=PARAMETERS["temperature"])
def test_short_rows(dtype, row, seed, temperature):
    hold(
        Temperature(temperature=temperature),
        lambda left: reference.temperature(left, temperature),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@LONG
@given(row=long_rows(), seed=st.integers(0, 1000), temperature=PARAMETERS["temperature"])
def test_long_rows(dtype, row, seed, temperature):
    hold(
        Temperature(temperature=temperature),
        lambda left: reference.temperature(left, temperature),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@SHORT
@given(row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]), temperature=PARAMETERS["temperature"])
def test_after_a_temperature(dtype, row, T, temperature):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.temperature(left, temperature)

    hold([Temperature(T), Temperature(temperature=temperature)], rule, row, dtype)
