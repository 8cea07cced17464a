"""ban_tokens removes tokens, and the ends of sequences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import BanTokens, Temperature, TopK

from .oracle import LONG, SHORT, histories, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
PARAMETERS = {"tokens": st.sampled_from([[0], [(0, 0)], [0, (0, 0)], []])}


@DTYPES
@SHORT
@given(data=st.data(), row=rows, seed=st.integers(0, 1000), tokens=PARAMETERS["tokens"])
def test_short_rows(dtype, data, row, seed, tokens):
    history = data.draw(histories(row))
    hold(
        BanTokens(tokens),
        lambda left: reference.ban_tokens(left, history, BanTokens(tokens).tokens),
        row,
        dtype,
        history=history,
        seed=seed,
    )


@DTYPES
@LONG
@given(data=st.data(), row=long_rows(), seed=st.integers(0, 1000), tokens=PARAMETERS["tokens"])
def test_long_rows_and_a_selection_after(dtype, data, row, seed, tokens):
    best = sorted(range(len(row)), key=lambda i: (-row[i], i))[:6]
    history = [best[i] for i in data.draw(histories(row))]

    def rule(left):
        return reference.top_k(reference.ban_tokens(left, history, BanTokens(tokens).tokens), 4)

    hold([BanTokens(tokens), TopK(4)], rule, row, dtype, history=history, seed=seed)
    hold(
        BanTokens(tokens),
        lambda left: reference.ban_tokens(left, history, BanTokens(tokens).tokens),
        row,
        dtype,
        history=history,
        seed=seed,
    )


@DTYPES
@SHORT
@given(data=st.data(), row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]), tokens=PARAMETERS["tokens"])
def test_after_a_temperature(dtype, data, row, T, tokens):
    history = data.draw(histories(row))

    def rule(left):
        left = reference.temperature(left, T)
        return reference.ban_tokens(left, history, BanTokens(tokens).tokens)

    hold([Temperature(T), BanTokens(tokens)], rule, row, dtype, history=history)
