"""top_n_sigma keeps logits within n deviations of the largest."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import TopNSigma

from .oracle import row_tests

test_short_rows, test_long_rows, test_after_a_temperature = row_tests(
    TopNSigma, reference.top_n_sigma, n=st.one_of(st.floats(0, 5), st.sampled_from([0.0, 1.0, 1e-300, 1e300]))
)
