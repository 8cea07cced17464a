"""DRY penalises what would continue a repetition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import DRY, Temperature, TopK

from .oracle import LONG, SHORT, histories, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
PARAMETERS = {
    "multiplier": st.sampled_from([0.0, 1.0, 0.8]),
    "base": st.sampled_from([1.0, 1.75, 1e20]),
    "allowed": st.sampled_from([1, 2, 3]),
    "last_n": st.sampled_from([-1, 0, 1, 3]),
    "breakers": st.sampled_from([(), ((1,),), ((0, 1), (0,)), ((2, 0),)]),
}


@DTYPES
@SHORT
@given(
    data=st.data(),
    row=rows,
    seed=st.integers(0, 1000),
    multiplier=PARAMETERS["multiplier"],
    base=PARAMETERS["base"],
    allowed=PARAMETERS["allowed"],
    last_n=PARAMETERS["last_n"],
    breakers=PARAMETERS["breakers"],
)
def test_short_rows(dtype, data, row, seed, multiplier, base, allowed, last_n, breakers):
    history = data.draw(histories(row))
    breakers = [b for b in breakers if max(b) < len(row)]
    hold(
        DRY(multiplier, base, allowed, last_n, breakers),
        lambda left: reference.dry(left, history, multiplier, base, allowed, last_n, breakers),
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
    multiplier=PARAMETERS["multiplier"],
    base=PARAMETERS["base"],
    allowed=PARAMETERS["allowed"],
    last_n=PARAMETERS["last_n"],
    breakers=PARAMETERS["breakers"],
)
def test_long_rows_and_a_selection_after(dtype, data, row, seed, multiplier, base, allowed, last_n, breakers):
    best = sorted(range(len(row)), key=lambda i: (-row[i], i))[:6]
    history = [best[i] for i in data.draw(histories(row))]

    def rule(left):
        return reference.top_k(reference.dry(left, history, multiplier, base, allowed, last_n, breakers), 4)

    hold(
        [DRY(multiplier, base, allowed, last_n, breakers), TopK(4)],
        rule,
        row,
        dtype,
        history=history,
        seed=seed,
    )
    hold(
        DRY(multiplier, base, allowed, last_n, breakers),
        lambda left: reference.dry(left, history, multiplier, base, allowed, last_n, breakers),
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
    multiplier=PARAMETERS["multiplier"],
    base=PARAMETERS["base"],
    allowed=PARAMETERS["allowed"],
    last_n=PARAMETERS["last_n"],
    breakers=PARAMETERS["breakers"],
)
def test_after_a_temperature(dtype, data, row, T, multiplier, base, allowed, last_n, breakers):
    history = data.draw(histories(row))
    breakers = [b for b in breakers if max(b) < len(row)]

    def rule(left):
        left = reference.temperature(left, T)
        return reference.dry(left, history, multiplier, base, allowed, last_n, breakers)

    hold(
        [Temperature(T), DRY(multiplier, base, allowed, last_n, breakers)], rule, row, dtype, history=history
    )


def test_long_repetition_is_linear_in_the_history():
    row = [0.0] * 4
    hold(
        DRY(1e-3, 1.0001),
        lambda left: reference.dry(left, [1] * 300, 1e-3, 1.0001),
        row,
        "float64",
        history=[1] * 300,
    )
