"""ban_tokens removes tokens, and the ends of sequences."""

import numpy as np
import pytest
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import BanTokens, PerRow

from .oracle import history_tests

test_short_rows, test_long_rows_and_a_selection_after, test_after_a_temperature = history_tests(
    BanTokens,
    lambda left, history, tokens: reference.ban_tokens(left, history, BanTokens(tokens).tokens),
    tokens=st.sampled_from([[0], [(0, 0)], [0, (0, 0)], []]),
)


@pytest.mark.parametrize("n", [5, 900])
@pytest.mark.parametrize("generated", range(4))
def test_only_what_was_generated_begins_a_sequence(n, generated):
    """As in vLLM, whose bad words do not begin in the prompt; transformers' do."""
    row, history, bans = np.zeros(n, np.float32), [0, 1, 2], [3, (2, 4), (1, 2, 0), (0, 1, 2, 1)]
    context = {"history": history, "generated": generated}
    expected = [3] + [4] * (generated >= 1) + [0] * (generated >= 2) + [1] * (generated >= 3)
    for sampler, gone in [
        (Sampler([BanTokens(bans, "generated")]), expected),
        (Sampler(ban_tokens=bans, engine="vllm"), expected),
        (Sampler(ban_tokens=bans, engine="transformers"), [0, 1, 3, 4]),
    ]:
        assert np.flatnonzero(sampler.probs(row, **context) == 0).tolist() == sorted(gone)
        left = reference.ban_tokens(
            reference.candidates(row.tolist()), history[len(history) - generated :], BanTokens(bans).tokens
        )
        assert sorted({*range(n)} - {*left.tokens}) == sorted(expected)


def test_a_list_for_each_row_in_what_was_generated():
    step = BanTokens(PerRow([[(2, 0)], [(1, 1)]]), scope="generated")
    probs = Sampler([step]).probs(np.zeros((2, 3)), history=[[1, 2], [0, 1]], generated=[0, 1])
    assert (probs == 0).tolist() == [[False] * 3, [False, True, False]]
    assert repr(step) == "BanTokens(PerRow([[(2, 0)], [(1, 1)]]), scope='generated')"
