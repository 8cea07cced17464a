"""ban_tokens removes tokens, and the ends of sequences."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import BanTokens

from .oracle import history_tests

test_short_rows, test_long_rows_and_a_selection_after, test_after_a_temperature = history_tests(
    BanTokens,
    lambda left, history, tokens: reference.ban_tokens(left, history, BanTokens(tokens).tokens),
    tokens=st.sampled_from([[0], [(0, 0)], [0, (0, 0)], []]),
)
