"""min_new_tokens bans the end of a text for a while."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import MinNewTokens

from .oracle import history_tests

test_short_rows, test_long_rows_and_a_selection_after, test_after_a_temperature = history_tests(
    lambda n: MinNewTokens(n, eos=0),
    lambda left, history, n: reference.min_new_tokens(left, len(history), n, [0]),
    n=st.sampled_from([0, 1, 5, 100]),
)
