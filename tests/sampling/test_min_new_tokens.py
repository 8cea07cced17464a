"""min_new_tokens bans the end of a text for a while."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import MinNewTokens, Temperature, TopK

from .oracle import LONG, SHORT, histories, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
PARAMETERS = {"n": st.sampled_from([0, 1, 5, 100])}


@DTYPES
@SHORT
@given(data=st.data(), row=rows, seed=st.integers(0, 1000), n=PARAMETERS["n"])
def test_short_rows(dtype, data, row, seed, n):
    history = data.draw(histories(row))
    hold(
        MinNewTokens(n, eos=0),
        lambda left: reference.min_new_tokens(left, len(history), n, [0]),
        row,
        dtype,
        history=history,
        seed=seed,
    )


@DTYPES
@LONG
@given(data=st.data(), row=long_rows(), seed=st.integers(0, 1000), n=PARAMETERS["n"])
def test_long_rows_and_a_selection_after(dtype, data, row, seed, n):
    best = sorted(range(len(row)), key=lambda i: (-row[i], i))[:6]
    history = [best[i] for i in data.draw(histories(row))]

    def rule(left):
        return reference.top_k(reference.min_new_tokens(left, len(history), n, [0]), 4)

    hold([MinNewTokens(n, eos=0), TopK(4)], rule, row, dtype, history=history, seed=seed)
    hold(
        MinNewTokens(n, eos=0),
        lambda left: reference.min_new_tokens(left, len(history), n, [0]),
        row,
        dtype,
        history=history,
        seed=seed,
    )


@DTYPES
@SHORT
@given(data=st.data(), row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]), n=PARAMETERS["n"])
def test_after_a_temperature(dtype, data, row, T, n):
    history = data.draw(histories(row))

    def rule(left):
        left = reference.temperature(left, T)
        return reference.min_new_tokens(left, len(history), n, [0])

    hold([Temperature(T), MinNewTokens(n, eos=0)], rule, row, dtype, history=history)
