"""top_k keeps exactly k, or all that equal the k-th."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import TopK

from .oracle import row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    TopK,
    lambda left, ties, **rest: reference.top_k(left, ties=ties == "keep", **rest),
    k=st.integers(0, 14),
    ties=st.sampled_from(["index", "keep"]),
)
