"""min_new_tokens bans the end of a text for a while."""

import pytest
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import MinNewTokens

from .oracle import history_tests

test_short_rows, test_long_rows_and_a_selection_after, test_after_a_temperature = history_tests(
    lambda n: MinNewTokens(n, eos=0),
    lambda left, history, n: reference.min_new_tokens(left, len(history), n, [0]),
    n=st.sampled_from([0, 1, 5, 100]),
)


@pytest.mark.parametrize("n", [0, [0, 0]])
def test_off_needs_no_token_that_ends_a_text(n):
    sampler = Sampler(engine="vllm", min_new_tokens=n)
    assert sampler == Sampler.from_json(sampler.to_json())
    assert sampler.probs([0.0, 0.0]).ravel().tolist() == [0.5] * (2 if n == 0 else 4)


@pytest.mark.parametrize("n", [1, [0, 3]])
def test_it_needs_a_token_that_ends_a_text(n):
    with pytest.raises(ValueError, match="min_new_tokens needs eos_token_id"):
        Sampler(engine="vllm", min_new_tokens=n)
