"""The rows of a batch have the bits that they have alone, however they lie and whatever their neighbours are.

Alone, a row is read along its vectors; in a batch, short rows and rows that are neighbours in memory are read across
them, one row to a lane. So this compares the two.
"""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logitlab as ll

from .alone import DTYPES, LAYOUTS, ROWS, Case, check, check_function

CASES = st.builds(
    Case,
    dtype=st.sampled_from(DTYPES),
    n=st.integers(1, 300),
    rows=st.sampled_from(ROWS),
    layout=st.sampled_from(LAYOUTS),
    magnitude=st.sampled_from([0.0, 1e-3, 1.0, 30.0, 1e4, 1e30]),
    specials=st.sampled_from([0, 1, 5]),
    temperatures=st.sampled_from(["one", "one each", "extreme", "extreme each"]),
    out=st.sampled_from(["new", "itself", "axis 0", "every other"]),
    seed=st.integers(0, 2**32 - 1),
)


@settings(max_examples=150, deadline=None)
@given(CASES)
def test_any_batch(case):
    check(case)


def test_on_every_target(on_target):
    program = "import sys; sys.path.insert(0, sys.argv[1]); from functions.alone import check_many; check_many(300, 7)"
    on_target(program, str(Path(__file__).parents[1]))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_long_rows_that_are_neighbours(dtype):
    for n, rows in ((1000, 33), (4096, 33), (4097, 33), (9000, 17)):
        for specials in (0, 5):
            check_function(ll.softargmax, Case(dtype, n, rows, "axis 0", 3.0, specials, "one each", "new", n))
            check_function(
                ll.log_softargmax, Case(dtype, n, rows, "axis 0", 3.0, specials, "one", "itself", n)
            )


def test_overlapping_out():
    memory = np.random.default_rng(0).standard_normal(2000).astype(np.float32)
    x, out = memory[:1900].reshape(190, 10), memory[100:].reshape(190, 10)
    alone = np.stack([ll.softargmax(row) for row in x])
    assert ll.softargmax(x, out=out) is out
    assert np.array_equal(out, alone)


def test_many_draws_are_single_draws():
    """From a table, where there are many, for rows of every kind: whole, cut by a step, and with a step that lists."""
    rng = np.random.default_rng(0)
    steps = [{}, {"top_k": 3}, {"top_p": 0.9}, {"min_p": 0.01, "temperature": 2.0}, {"temperature": 0.0}]
    for n in (1, 2, 3, 10, 63, 64, 65, 300, 511, 512, 513, 1025, 20_000):
        for dtype, size in ((np.float32, 15), (np.float64, 16), (np.float32, 700), (np.float16, 3000)):
            x = (rng.standard_normal(n) * 3).astype(dtype)
            given = steps[rng.integers(len(steps))]
            one, other = np.random.default_rng(n), np.random.default_rng(n)
            tokens = ll.sample(x, size=size, rng=one, **given)
            single = [ll.sample(x, rng=other, **given) for _ in range(min(size, 200))]
            assert tokens[:200].tolist() == single, (n, dtype, given)
