"""no_repeat_ngram bans what would complete an n-gram again."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import NoRepeatNGram

from .oracle import history_tests

test_short_rows, test_long_rows_and_a_selection_after, test_after_a_temperature = history_tests(
    NoRepeatNGram, reference.no_repeat_ngram, n=st.sampled_from([0, 1, 2, 3])
)
