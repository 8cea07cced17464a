"""typical_p keeps what is nearest the entropy."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import TypicalP

from .oracle import DTYPES, MIN_KEEP, SHARES, hold, row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    TypicalP,
    lambda left, ties, **rest: reference.typical_p(left, ties=ties == "keep", **rest),
    p=SHARES,
    min_keep=MIN_KEEP,
    strict=st.booleans(),
    ties=st.sampled_from(["index", "keep"]),
)


@DTYPES
def test_logits_that_differ_at_one_rounded_distance(dtype):
    """Further from the mean than a double can tell: the larger logit comes first, as the rule says."""
    for row in ([0.0, 1e-26, -1.0], [1e-30, 0.0, 2e-30, -1.0]):
        hold(TypicalP(0.0), lambda left: reference.typical_p(left, 0.0), row, dtype)
