"""frequency_penalty is taken off each time."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import FrequencyPenalty

from .oracle import history_tests

test_short_rows, test_long_rows_and_a_selection_after, test_after_a_temperature = history_tests(
    FrequencyPenalty,
    reference.frequency_penalty,
    penalty=st.sampled_from([0.0, 1.0, -0.3, 5.0]),
    last_n=st.sampled_from([-1, 0, 1, 3]),
)
