"""Temperature divides, and in its limits chooses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import Sampler, Temperature

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


def test_temperatures_whose_product_is_zero():
    """Neither is 0, so the best tokens share; the product underflows, and nothing becomes a NaN."""
    row = np.array([1.0, 2.0, 2.0, -np.inf])
    cold = Sampler([Temperature(1e-200), Temperature(1e-200)])
    np.testing.assert_array_equal(cold.probs(row), [0, 0.5, 0.5, 0])
    left = reference.temperature(reference.temperature(reference.candidates(row.tolist()), 1e-200), 1e-200)
    assert left.integers[0] == 0
    assert left.integers[1] == left.integers[2] > 0
