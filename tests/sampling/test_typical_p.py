"""typical_p keeps what is nearest the entropy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import Temperature, TypicalP

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])

PARAMETERS = {
    "p": st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.5, 0.25, 1e-300])),
    "min_keep": st.sampled_from([1, 1, 2, 5]),
    "strict": st.booleans(),
    "ties": st.sampled_from(["index", "keep"]),
}


@DTYPES
@SHORT
@given(
    row=rows,
    seed=st.integers(0, 1000),
    p=PARAMETERS["p"],
    min_keep=PARAMETERS["min_keep"],
    strict=PARAMETERS["strict"],
    ties=PARAMETERS["ties"],
)
def test_short_rows(dtype, row, seed, p, min_keep, strict, ties):
    hold(
        TypicalP(p=p, min_keep=min_keep, strict=strict, ties=ties),
        lambda left: reference.typical_p(left, p, min_keep, strict, ties=ties == "keep"),
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
    ties=PARAMETERS["ties"],
)
def test_long_rows(dtype, row, seed, p, min_keep, strict, ties):
    hold(
        TypicalP(p=p, min_keep=min_keep, strict=strict, ties=ties),
        lambda left: reference.typical_p(left, p, min_keep, strict, ties=ties == "keep"),
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
    ties=PARAMETERS["ties"],
)
def test_after_a_temperature(dtype, row, T, p, min_keep, strict, ties):
    def rule(left):
        left = reference.temperature(left, T)
        return reference.typical_p(left, p, min_keep, strict, ties=ties == "keep")

    hold([Temperature(T), TypicalP(p=p, min_keep=min_keep, strict=strict, ties=ties)], rule, row, dtype)


@DTYPES
def test_logits_that_differ_at_one_rounded_distance(dtype):
    """Further from the mean than a double can tell: the larger logit comes first, as the rule says."""
    for row in ([0.0, 1e-26, -1.0], [1e-30, 0.0, 2e-30, -1.0]):
        hold(TypicalP(0.0), lambda left: reference.typical_p(left, 0.0), row, dtype)
