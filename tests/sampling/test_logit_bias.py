"""logit_bias adds, and -inf bans."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import LogitBias

from .oracle import history_tests

test_short_rows, test_long_rows_and_a_selection_after, test_after_a_temperature = history_tests(
    LogitBias,
    lambda left, history, bias: reference.logit_bias(left, history, LogitBias(bias).bias),
    bias=st.sampled_from([{0: 1.5}, {0: float("-inf")}, {(0, 0): -2.0}, {0: 1e30, (0, 0): 3.0}, {}]),
)
