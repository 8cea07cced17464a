"""eta_cutoff lowers its bound where the row is undecided."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import EtaCutoff

from .oracle import MIN_KEEP, SHARES, row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    EtaCutoff,
    lambda left, ties, **rest: reference.eta_cutoff(left, ties=ties == "keep", **rest),
    epsilon=SHARES,
    min_keep=MIN_KEEP,
    ties=st.sampled_from(["index", "keep"]),
)
