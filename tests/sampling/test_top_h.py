"""top_h keeps the best until they use up a share of the entropy."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import TopH

from .oracle import row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    TopH,
    reference.top_h,
    h=st.one_of(st.floats(0.001, 1), st.sampled_from([1.0, 0.5])),
    considered=st.sampled_from([100, 3, 1]),
)
