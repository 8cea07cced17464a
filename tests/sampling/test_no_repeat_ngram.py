"""no_repeat_ngram bans what would complete an n-gram again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import NoRepeatNGram, Temperature, TopK

from .oracle import LONG, SHORT, histories, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
PARAMETERS = {"n": st.sampled_from([0, 1, 2, 3])}


@DTYPES
@SHORT
@given(data=st.data(), row=rows, seed=st.integers(0, 1000), n=PARAMETERS["n"])
def test_short_rows(dtype, data, row, seed, n):
    history = data.draw(histories(row))
    hold(
        NoRepeatNGram(n),
        lambda left: reference.no_repeat_ngram(left, history, n),
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
        return reference.top_k(reference.no_repeat_ngram(left, history, n), 4)

    hold([NoRepeatNGram(n), TopK(4)], rule, row, dtype, history=history, seed=seed)
    hold(
        NoRepeatNGram(n),
        lambda left: reference.no_repeat_ngram(left, history, n),
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
        return reference.no_repeat_ngram(left, history, n)

    hold([Temperature(T), NoRepeatNGram(n)], rule, row, dtype, history=history)
