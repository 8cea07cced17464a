"""softargmax needs its result and less than 1 MB beside it, whatever the strides; selection at most three rows."""

import tracemalloc

import numpy as np
import pytest

import logitlab as ll

SIZE = 25_000_000  # 100 MB of float32


def peak(function):
    tracemalloc.start()
    try:
        result = function()
        return tracemalloc.get_traced_memory()[1], getattr(result, "nbytes", 0)
    finally:
        tracemalloc.stop()


@pytest.fixture(scope="module")
def big():
    return np.zeros(SIZE, np.float32)


@pytest.mark.parametrize("function", [ll.softargmax, ll.log_softargmax])
def test_the_result_and_no_more(function, big):
    for x, keywords in [
        (big, {}),
        (big[::-1], {}),
        (big.reshape(-1, 2), {"axis": 0}),
        (big.reshape(1000, -1), {"axis": None}),
        (big.reshape(1000, -1), {}),
        (big.reshape(10, 50, 50, -1), {"axis": (1, 2)}),
    ]:
        used, result = peak(lambda x=x, keywords=keywords: function(x, **keywords))
        assert result == big.nbytes
        assert used - result < 1_000_000


@pytest.mark.parametrize("function", [ll.softargmax, ll.log_softargmax])
def test_in_place(function):
    x = np.zeros(SIZE, np.float32)
    used, _ = peak(lambda: function(x, out=x))
    assert used < 1_000_000


def test_selection_and_sampling_take_at_most_three_rows(big):
    x = big[:4_000_000]
    for function in (
        lambda: ll.top_k(x, 50),
        lambda: ll.logsumexp(x),
        lambda: ll.token_logprobs(x[::-2], 7),
        lambda: ll.sample(x, rng=0),
        lambda: ll.sample(x, rng=0, top_p=0.9),
        lambda: ll.sample(x, rng=0, top_k=40),
    ):
        assert peak(function)[0] <= 3 * x.nbytes + 100_000
