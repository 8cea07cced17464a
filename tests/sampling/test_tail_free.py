"""tail_free cuts where the curve has spent its bend."""

from logitlab import reference
from logitlab.sampling import TailFree

from .oracle import MIN_KEEP, SHARES, row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    TailFree, reference.tail_free, z=SHARES, min_keep=MIN_KEEP
)
