"""frequency_penalty is taken off each time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import FrequencyPenalty, Temperature, TopK

from .oracle import LONG, SHORT, histories, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
PARAMETERS = {"penalty": st.sampled_from([0.0, 1.0, -0.3, 5.0]), "last_n": st.sampled_from([-1, 0, 1, 3])}


@DTYPES
@SHORT
@given(
    data=st.data(),
    row=rows,
    seed=st.integers(0, 1000),
    penalty=PARAMETERS["penalty"],
    last_n=PARAMETERS["last_n"],
)
def test_short_rows(dtype, data, row, seed, penalty, last_n):
    history = data.draw(histories(row))
    hold(
        FrequencyPenalty(penalty, last_n),
        lambda left: reference.frequency_penalty(left, history, penalty, last_n),
        row,
        dtype,
        history=history,
        seed=seed,
    )


@DTYPES
@LONG
@given(
    data=st.data(),
    row=long_rows(),
    seed=st.integers(0, 1000),
    penalty=PARAMETERS["penalty"],
    last_n=PARAMETERS["last_n"],
)
def test_long_rows_and_a_selection_after(dtype, data, row, seed, penalty, last_n):
    best = sorted(range(len(row)), key=lambda i: (-row[i], i))[:6]
    history = [best[i] for i in data.draw(histories(row))]

    def rule(left):
        return reference.top_k(reference.frequency_penalty(left, history, penalty, last_n), 4)

    hold([FrequencyPenalty(penalty, last_n), TopK(4)], rule, row, dtype, history=history, seed=seed)
    hold(
        FrequencyPenalty(penalty, last_n),
        lambda left: reference.frequency_penalty(left, history, penalty, last_n),
        row,
        dtype,
        history=history,
        seed=seed,
    )


@DTYPES
@SHORT
@given(
    data=st.data(),
    row=rows,
    T=st.sampled_from([0.1, 0.7, 2.0, 10.0]),
    penalty=PARAMETERS["penalty"],
    last_n=PARAMETERS["last_n"],
)
def test_after_a_temperature(dtype, data, row, T, penalty, last_n):
    history = data.draw(histories(row))

    def rule(left):
        left = reference.temperature(left, T)
        return reference.frequency_penalty(left, history, penalty, last_n)

    hold([Temperature(T), FrequencyPenalty(penalty, last_n)], rule, row, dtype, history=history)
