"""top_a keeps what reaches a times the square of the best probability."""

from logitlab import reference
from logitlab.sampling import TopA

from .oracle import SHARES, row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(TopA, reference.top_a, a=SHARES)
