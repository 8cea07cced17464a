"""eta_cutoff lowers its bound where the row is undecided."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import EtaCutoff, Temperature

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

PARAMETERS = {
    "epsilon": st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.5, 0.25, 1e-300])),
    "min_keep": st.sampled_from([1, 1, 2, 5]),
}


@DTYPES
@SHORT
@given(row=rows, seed=st.integers(0, 1000), epsilon=PARAMETERS["epsilon"], min_keep=PARAMETERS["min_keep"])
def test_short_rows(dtype, row, seed, epsilon, min_keep):
    hold(
        EtaCutoff(epsilon=epsilon, min_keep=min_keep),
        lambda left: reference.eta_cutoff(left, epsilon, min_keep),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@LONG
@given(
    row=long_rows(), seed=st.integers(0, 1000), epsilon=PARAMETERS["epsilon"], min_keep=PARAMETERS["min_keep"]
)
def test_long_rows(dtype, row, seed, epsilon, min_keep):
    hold(
        EtaCutoff(epsilon=epsilon, min_keep=min_keep),
        lambda left: reference.eta_cutoff(left, epsilon, min_keep),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@SHORT
@given(
    row=rows,
    T=st.sampled_from([0.1, 0.7, 2.0, 10.0]),
    epsilon=PARAMETERS["epsilon"],
    min_keep=PARAMETERS["min_keep"],
)
def test_after_a_temperature(dtype, row, T, epsilon, min_keep):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.eta_cutoff(left, epsilon, min_keep)

    hold([Temperature(T), EtaCutoff(epsilon=epsilon, min_keep=min_keep)], rule, row, dtype)
