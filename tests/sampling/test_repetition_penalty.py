"""repetition_penalty scales the logits of what occurred."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import RepetitionPenalty

from .oracle import history_tests

test_short_rows, test_long_rows_and_a_selection_after, test_after_a_temperature = history_tests(
    RepetitionPenalty,
    reference.repetition_penalty,
    penalty=st.sampled_from([1.0, 1.1, 2.0, 0.5, 50.0]),
    last_n=st.sampled_from([-1, 0, 1, 3]),
)
