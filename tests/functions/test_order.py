"""order="descending" is the ascending result reversed, and return_indices is what two calls return."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logitlab as ll

from .test_shapes import strided


def check(x, k, axis):
    values, indices = ll.top_k(x, k, axis=axis), ll.argtop_k(x, k, axis=axis)
    best, places = ll.top_k(x, k, axis=axis, order="descending", return_indices=True)
    np.testing.assert_array_equal(best, np.flip(values, axis))
    np.testing.assert_array_equal(places, np.flip(indices, axis))
    np.testing.assert_array_equal(best, ll.top_k(x, k, axis=axis, order="descending"))
    np.testing.assert_array_equal(places, ll.argtop_k(x, k, axis=axis, order="descending"))
    both = ll.top_k(x, k, axis=axis, order="ascending", return_indices=True)
    np.testing.assert_array_equal(both[0], values)
    np.testing.assert_array_equal(both[1], indices)
    for each in (best, places, *both):
        assert each.flags.c_contiguous
        assert each.dtype.isnative
        assert type(each) is np.ndarray
    assert places.dtype == np.intp


@settings(deadline=None, max_examples=150)
@given(strided(), st.data())
def test_floats(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    check(x, data.draw(st.integers(0, x.shape[axis] + 2)), axis)


@pytest.mark.parametrize("dtype", ["i1", "u2", ">i4", "u8", "?"])
def test_integers(dtype):
    x = np.random.default_rng(0).integers(0, 5, (4, 30, 3)).astype(dtype)
    for k in (0, 1, 7, 30, 99):
        check(x, k, 1)


def test_best_first_lowest_index_first():
    x = np.array([1.0, 3, np.nan, 3, -0.0, 0.0])
    values, indices = ll.top_k(x, 6, order="descending", return_indices=True)
    assert indices.tolist() == [1, 3, 0, 4, 5, 2]
    assert np.signbit(values[3:5]).tolist() == [True, False]
    assert ll.argtop_k(x, 1, order="descending") == 1


@pytest.mark.parametrize("function", [ll.top_k, ll.argtop_k])
def test_errors(function):
    for order, error in [("desc", ValueError), ("", ValueError), ("DESCENDING", ValueError), (None, TypeError),
                         (True, TypeError), (b"descending", TypeError)]:  # fmt: skip
        with pytest.raises(error, match="order must be 'ascending' or 'descending', got"):
            function([1.0, 2.0], 1, order=order)


def test_a_flag_is_a_flag():
    assert isinstance(ll.top_k([1.0, 2.0], 1, return_indices=np.True_), tuple)
    assert isinstance(ll.top_k([1.0, 2.0], 1, return_indices=False), np.ndarray)
    for flag in (1, None, "yes", np.array(True)):
        with pytest.raises(TypeError, match="return_indices must be True or False, got"):
            ll.top_k([1.0, 2.0], 1, return_indices=flag)
