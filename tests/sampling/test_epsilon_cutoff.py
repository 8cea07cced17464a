"""epsilon_cutoff keeps probabilities of at least epsilon."""

from logitlab import reference
from logitlab.sampling import EpsilonCutoff

from .oracle import MIN_KEEP, SHARES, row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    EpsilonCutoff, reference.epsilon_cutoff, epsilon=SHARES, min_keep=MIN_KEEP
)
