"""top_k keeps exactly k, or all that equal the k-th."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import Temperature, TopK

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

PARAMETERS = {"k": st.integers(0, 14), "ties": st.sampled_from(["index", "keep"])}


@DTYPES
@SHORT
@given(row=rows, seed=st.integers(0, 1000), k=PARAMETERS["k"], ties=PARAMETERS["ties"])
def test_short_rows(dtype, row, seed, k, ties):
    hold(
        TopK(k=k, ties=ties),
        lambda left: reference.top_k(left, k, ties=ties == "keep"),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@LONG
@given(row=long_rows(), seed=st.integers(0, 1000), k=PARAMETERS["k"], ties=PARAMETERS["ties"])
def test_long_rows(dtype, row, seed, k, ties):
    hold(
        TopK(k=k, ties=ties),
        lambda left: reference.top_k(left, k, ties=ties == "keep"),
        row,
        dtype,
        seed=seed,
    )


@DTYPES
@SHORT
@given(row=rows, T=st.sampled_from([0.1, 0.7, 2.0, 10.0]), k=PARAMETERS["k"], ties=PARAMETERS["ties"])
def test_after_a_temperature(dtype, row, T, k, ties):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.top_k(left, k, ties=ties == "keep")

    hold([Temperature(T), TopK(k=k, ties=ties)], rule, row, dtype)
