"""dynamic_temperature follows the entropy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import DynamicTemperature, Sampler, Temperature

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

PARAMETERS = {
    "temperature": st.floats(0.01, 4),
    "range": st.sampled_from([0.0, 0.5, 1.0, 5.0]),
    "exponent": st.sampled_from([1.0, 0.5, 2.0]),
}


@DTYPES
@SHORT
@given(
    row=rows,
    seed=st.integers(0, 1000),
    temperature=PARAMETERS["temperature"],
    range=PARAMETERS["range"],
    exponent=PARAMETERS["exponent"],
)
def test_short_rows(dtype, row, seed, temperature, range, exponent):
    hold(
        DynamicTemperature(temperature=temperature, range=range, exponent=exponent),
        lambda left: reference.dynamic_temperature(left, temperature, range, exponent),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@LONG
@given(
    row=long_rows(),
    seed=st.integers(0, 1000),
    temperature=PARAMETERS["temperature"],
    range=PARAMETERS["range"],
    exponent=PARAMETERS["exponent"],
)
def test_long_rows(dtype, row, seed, temperature, range, exponent):
    hold(
        DynamicTemperature(temperature=temperature, range=range, exponent=exponent),
        lambda left: reference.dynamic_temperature(left, temperature, range, exponent),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@SHORT
@given(
    row=rows,
    T=st.sampled_from([0.1, 0.7, 2.0, 10.0]),
    temperature=PARAMETERS["temperature"],
    range=PARAMETERS["range"],
    exponent=PARAMETERS["exponent"],
)
def test_after_a_temperature(dtype, row, T, temperature, range, exponent):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.dynamic_temperature(left, temperature, range, exponent)

    hold(
        [Temperature(T), DynamicTemperature(temperature=temperature, range=range, exponent=exponent)],
        rule,
        row,
        dtype,
    )


@pytest.mark.parametrize(
    ("temperature", "range"), [(5e-324, np.inf), (np.inf, 1.0), (np.inf, np.inf), (1.0, np.inf)]
)
@pytest.mark.parametrize("exponent", [1e-3, 1.0, 1e9])
def test_infinite_values_give_no_nan(temperature, range, exponent):
    row = np.array([1.0, 2.0, -3.0])
    step = DynamicTemperature(temperature, range=range, exponent=exponent)
    p = Sampler([step]).probs(row)
    assert np.isfinite(p).all()
    left = reference.dynamic_temperature(reference.candidates(row.tolist()), temperature, range, exponent)
    assert (
        int(Sampler([step]).sample(row, rng=3))
        == left.tokens[reference.draw(left.integers, np.random.default_rng(3).random())]
    )
