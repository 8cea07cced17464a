"""min_p keeps what is at least p times as likely as the best."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import MinP, Temperature

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

PARAMETERS = {
    "p": st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.5, 0.25, 1e-300])),
    "min_keep": st.sampled_from([1, 1, 2, 5]),
    "strict": st.booleans(),
}


@DTYPES
@SHORT
@given(
    row=rows,
    seed=st.integers(0, 1000),
    p=PARAMETERS["p"],
    min_keep=PARAMETERS["min_keep"],
    strict=PARAMETERS["strict"],
)
def test_short_rows(dtype, row, seed, p, min_keep, strict):
    hold(
        MinP(p=p, min_keep=min_keep, strict=strict),
        lambda left: reference.min_p(left, p, min_keep, strict),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@LONG
@given(
    row=long_rows(),
    seed=st.integers(0, 1000),
    p=PARAMETERS["p"],
    min_keep=PARAMETERS["min_keep"],
    strict=PARAMETERS["strict"],
)
def test_long_rows(dtype, row, seed, p, min_keep, strict):
    hold(
        MinP(p=p, min_keep=min_keep, strict=strict),
        lambda left: reference.min_p(left, p, min_keep, strict),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@SHORT
@given(
    row=rows,
    T=st.sampled_from([0.1, 0.7, 2.0, 10.0]),
    p=PARAMETERS["p"],
    min_keep=PARAMETERS["min_keep"],
    strict=PARAMETERS["strict"],
)
def test_after_a_temperature(dtype, row, T, p, min_keep, strict):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.min_p(left, p, min_keep, strict)

    hold([Temperature(T), MinP(p=p, min_keep=min_keep, strict=strict)], rule, row, dtype)
