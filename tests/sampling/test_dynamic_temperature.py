"""dynamic_temperature follows the entropy."""

import numpy as np
import pytest
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import DynamicTemperature

from .oracle import row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    DynamicTemperature,
    lambda left, temperature, **rest: reference.dynamic_temperature(left, temperature, **rest),
    temperature=st.floats(0.01, 4),
    range=st.sampled_from([0.0, 0.5, 1.0, 5.0]),
    exponent=st.sampled_from([1.0, 0.5, 2.0]),
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
