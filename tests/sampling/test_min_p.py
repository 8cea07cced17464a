"""min_p keeps what is at least p times as likely as the best."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import MinP

from .oracle import MIN_KEEP, SHARES, row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    MinP, reference.min_p, p=SHARES, min_keep=MIN_KEEP, strict=st.booleans()
)
