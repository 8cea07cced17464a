"""smoothing bends the logits."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import Smoothing

from .oracle import row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    Smoothing,
    reference.smoothing,
    factor=st.sampled_from([0.0, 0.1, 1.0, 3.0]),
    curve=st.sampled_from([1.0, 1.5, 3.0]),
)
