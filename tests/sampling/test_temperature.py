"""Temperature divides, and in its limits chooses."""

import numpy as np
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import Temperature

from .oracle import row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    Temperature,
    lambda left, temperature: reference.temperature(left, temperature),
    temperature=st.one_of(st.floats(0, 1e300), st.sampled_from([0.0, 1.0, 0.1, float("inf"), 1e-300])),
)


def test_temperatures_whose_product_is_zero():
    """Neither is 0, so the best tokens share; the product underflows, and nothing becomes a NaN."""
    row = np.array([1.0, 2.0, 2.0, -np.inf])
    cold = Sampler([Temperature(1e-200), Temperature(1e-200)])
    np.testing.assert_array_equal(cold.probs(row), [0, 0.5, 0.5, 0])
    left = reference.temperature(reference.temperature(reference.candidates(row.tolist()), 1e-200), 1e-200)
    assert left.integers[0] == 0
    assert left.integers[1] == left.integers[2] > 0
