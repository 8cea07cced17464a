"""top_k and argtop_k of many short rows: what a sort by value and index gives, on every target and in every layout."""

import numpy as np
import pytest

import logitlab as ll

from .oracles import order

# Runs on each target: rows of every length around a vector's width and the bounds of the kernel, in every layout, with
# few values, so that most of a row is tied, and both zeros, -inf and NaN among them.
CHECK = """
import sys
import numpy as np
from hypothesis import given, seed, settings
from hypothesis import strategies as st

import logitlab as ll

sys.path.insert(0, sys.argv[1])
from functions.oracles import order

LAYOUTS = {
    "rows": lambda x: x,
    "columns": np.asfortranarray,
    "reversed": lambda x: x[::-1, ::-1].copy()[::-1, ::-1],
    "apart": lambda x: np.repeat(np.repeat(x, 2, 0), 3, 1)[::2, ::3],
    "swapped": lambda x: x.astype(x.dtype.newbyteorder()),
    "unaligned": lambda x: np.frombuffer(b"." + x.tobytes(), x.dtype, offset=1).reshape(x.shape),
    "broadcast": lambda x: np.broadcast_to(x[:1], x.shape),
    "three dimensions": lambda x: x.reshape(1, *x.shape).transpose(1, 0, 2),
}
checked = 0


@st.composite
def batches(draw):
    dtype = draw(st.sampled_from(["f2", "f4", "f8"]))
    n = draw(st.one_of(st.integers(1, 34), st.sampled_from([63, 64, 65, 100, 255, 256, 257])))
    rows = draw(st.sampled_from([1, 2, 3, 7, 8, 9, 15, 16, 17, 33, 50]))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    levels = draw(st.sampled_from([0.3, 1, 3, 1000]))
    x = np.round(rng.standard_normal((rows, n)) * levels).astype(dtype)
    for value in draw(st.lists(st.sampled_from([0.0, -0.0, -np.inf, np.inf, np.nan]), max_size=4)):
        x[rng.random(x.shape) < draw(st.sampled_from([0.02, 0.5, 1.0]))] = value
    k = draw(st.one_of(st.integers(1, min(n, 9)), st.sampled_from([n, n + 1, n // 2, 16, 32, 64])))
    return x, k, draw(st.sampled_from(sorted(LAYOUTS)))


@seed(0)
@settings(deadline=None, max_examples=250, database=None)
@given(batches())
def check(batch):
    global checked
    x, k, layout = batch
    laid = LAYOUTS[layout](x)
    x = np.ascontiguousarray(laid.reshape(len(x), -1)).astype(x.dtype)
    bits = f"u{x.itemsize}"
    expected = np.array([order(row)[:k] for row in x])
    values, indices = ll.top_k(laid, k, order="descending", return_indices=True)
    assert np.array_equal(indices.reshape(expected.shape), expected), (layout, x, k)
    assert np.array_equal(indices, ll.argtop_k(laid, k)[..., ::-1])
    assert np.array_equal(values.reshape(expected.shape).view(bits), np.take_along_axis(x, expected, 1).view(bits))
    assert np.array_equal(ll.top_k(laid, k)[..., ::-1].copy().view(bits), values.view(bits))
    turned = np.moveaxis(laid, -1, 0)
    assert np.array_equal(np.moveaxis(ll.argtop_k(turned, k, axis=0), 0, -1), indices[..., ::-1])
    turned_values = np.moveaxis(ll.top_k(turned, k, axis=0), 0, -1)
    assert np.array_equal(turned_values[..., ::-1].copy().view(bits), values.view(bits))
    for at in (0, len(x) - 1):  # a row alone takes another way
        assert np.array_equal(ll.argtop_k(x[at], k), expected[at, ::-1])
    checked += 1


check()
print(ll.targets()["used"], checked)
"""


def test_against_a_sort(on_target, pytestconfig):
    used, checked = on_target(CHECK, str(pytestconfig.rootpath / "tests")).split()
    assert used == on_target.target
    assert int(checked) >= 250


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_an_equal_one_that_moved_down_stays_in_front(dtype):
    """A larger one comes after two equal ones, of which the first has to be kept."""
    rows = np.tile(np.array([0, -0.0, 0.0, 0.5, -0.0, 0.75], dtype), (40, 1))
    for k in range(1, 7):
        assert (ll.argtop_k(rows, k, order="descending") == order(rows[0])[:k]).all()
