"""top_h keeps the best until they use up a share of the entropy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import Temperature, TopH

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

PARAMETERS = {
    "h": st.one_of(st.floats(0.001, 1), st.sampled_from([1.0, 0.5])),
    "considered": st.sampled_from([100, 3, 1]),
}


@DTYPES
@SHORT
@given(row=rows, seed=st.integers(0, 1000), h=PARAMETERS["h"], considered=PARAMETERS["considered"])
def test_short_rows(dtype, row, seed, h, considered):
    hold(
        TopH(h=h, considered=considered),
        lambda left: reference.top_h(left, h, considered),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@LONG
@given(row=long_rows(), seed=st.integers(0, 1000), h=PARAMETERS["h"], considered=PARAMETERS["considered"])
def test_long_rows(dtype, row, seed, h, considered):
    hold(
        TopH(h=h, considered=considered),
        lambda left: reference.top_h(left, h, considered),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@SHORT
@given(
    row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]), h=PARAMETERS["h"], considered=PARAMETERS["considered"]
)
def test_after_a_temperature(dtype, row, T, h, considered):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.top_h(left, h, considered)

    hold([Temperature(T), TopH(h=h, considered=considered)], rule, row, dtype)
