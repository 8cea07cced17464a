"""logit_bias adds, and -inf bans."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import LogitBias, Temperature, TopK

from .oracle import LONG, SHORT, histories, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
PARAMETERS = {
    "bias": st.sampled_from([{0: 1.5}, {0: float("-inf")}, {(0, 0): -2.0}, {0: 1e30, (0, 0): 3.0}, {}])
}


@DTYPES
@SHORT
@given(data=st.data(), row=rows, seed=st.integers(0, 1000), bias=PARAMETERS["bias"])
def test_short_rows(dtype, data, row, seed, bias):
    history = data.draw(histories(row))
    hold(
        LogitBias(bias),
        lambda left: reference.logit_bias(left, history, LogitBias(bias).bias),
        row,
        dtype,
        history=history,
        seed=seed,
    )


@DTYPES
@LONG
@given(data=st.data(), row=long_rows(), seed=st.integers(0, 1000), bias=PARAMETERS["bias"])
def test_long_rows_and_a_selection_after(dtype, data, row, seed, bias):
    best = sorted(range(len(row)), key=lambda i: (-row[i], i))[:6]
    history = [best[i] for i in data.draw(histories(row))]

    def rule(left):
        return reference.top_k(reference.logit_bias(left, history, LogitBias(bias).bias), 4)

    hold([LogitBias(bias), TopK(4)], rule, row, dtype, history=history, seed=seed)
    hold(
        LogitBias(bias),
        lambda left: reference.logit_bias(left, history, LogitBias(bias).bias),
        row,
        dtype,
        history=history,
        seed=seed,
    )


@DTYPES
@SHORT
@given(data=st.data(), row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]), bias=PARAMETERS["bias"])
def test_after_a_temperature(dtype, data, row, T, bias):
    history = data.draw(histories(row))

    def rule(left):
        left = reference.temperature(left, T)
        return reference.logit_bias(left, history, LogitBias(bias).bias)

    hold([Temperature(T), LogitBias(bias)], rule, row, dtype, history=history)
