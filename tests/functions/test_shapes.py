"""Any number of dimensions, any axis, any strides, T as an array; results are new, native, C-ordered ndarrays."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import logitlab as ll


def by_rows(x, axis, temperature=1.0):
    """softargmax row by row, on contiguous copies: what a strided, broadcast call must equal bit for bit."""
    moved = np.moveaxis(x, axis, -1)
    batch = np.broadcast_shapes(moved.shape[:-1], np.shape(temperature))
    rows = np.broadcast_to(moved, (*batch, moved.shape[-1]))
    temperatures = np.broadcast_to(temperature, batch)
    out = np.empty(rows.shape, x.dtype.newbyteorder("="))
    for at in np.ndindex(batch):
        out[at] = ll.softargmax(rows[at].astype(out.dtype).copy(), float(temperatures[at]))
    from_end = axis if axis < 0 else axis - x.ndim
    return np.moveaxis(out, -1, out.ndim + from_end)


@st.composite
def strided(draw):
    """An array of up to 3 dimensions behind negative, zero and large strides, byte-swapped or unaligned."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5))
    dtype = draw(st.sampled_from([np.float16, np.float32, np.float64]))
    base = (
        np.random.default_rng(draw(st.integers(0, 99))).standard_normal([2 * n for n in shape]).astype(dtype)
    )
    x = base[
        tuple(
            draw(st.sampled_from([slice(None, n), slice(None, None, 2), slice(None, None, -2)]))
            for n in shape
        )
    ]
    kind = draw(st.sampled_from(["plain", "swapped", "unaligned", "transposed", "broadcast", "fortran"]))
    if kind == "swapped":
        x = x.astype(x.dtype.newbyteorder())
    if kind == "unaligned":
        raw = np.empty(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)
        raw[...] = x
        x = raw
    if kind == "transposed":
        x = x.T
    if kind == "broadcast":
        x = np.broadcast_to(x, (3, *x.shape))
    if kind == "fortran":
        x = np.asfortranarray(x)
    return x


@settings(deadline=None, max_examples=300)
@given(strided(), st.data())
def test_softargmax_of_any_array_is_that_of_its_rows(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    result = ll.softargmax(x, 0.7, axis=axis)
    np.testing.assert_array_equal(result, by_rows(x, axis, 0.7))
    assert type(result) is np.ndarray
    assert result.flags.c_contiguous
    assert result.dtype.isnative
    assert result.dtype == x.dtype.newbyteorder("=")


@settings(deadline=None, max_examples=200)
@given(strided(), st.data())
def test_top_k_of_any_array_is_that_of_its_rows(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    k = data.draw(st.integers(0, x.shape[axis] + 2))
    values, indices = ll.top_k(x, k, axis=axis), ll.argtop_k(x, k, axis=axis)
    np.testing.assert_array_equal(np.take_along_axis(x, indices, axis), values)
    kept = min(k, x.shape[axis])
    ascending = np.sort(x, axis=axis).take(range(x.shape[axis] - kept, x.shape[axis]), axis=axis)
    np.testing.assert_array_equal(values, ascending)
    assert indices.dtype == np.intp


def test_temperature_broadcasts_against_the_batch():
    rng = np.random.default_rng(0)
    for shape, temperature, axis in [
        ((7,), [0.1, 1, 5], -1),
        ((7,), [[0.1], [1]], 0),
        ((3, 7), 0.5, -1),
        ((3, 7), [0.1, 1, 5], -1),
        ((7, 3), [0.1, 1, 5], 0),
        ((2, 3, 7), [[0.5], [2]], -1),
        ((2, 7, 3), [[0.1, 1, 5]], 1),
        ((1, 7), np.ones((4, 5, 1)), -1),
        ((3, 7), np.float32(0.1), -1),
        ((3, 7), [1, 2, 3], -1),
    ]:
        x = rng.standard_normal(shape)
        np.testing.assert_array_equal(
            ll.softargmax(x, temperature, axis=axis), by_rows(x, axis, np.asarray(temperature, float))
        )


@pytest.mark.parametrize("function", [ll.softargmax, ll.log_softargmax])
def test_axis_none_is_the_whole_array(function):
    x = np.random.default_rng(0).standard_normal((3, 4, 5))[:, ::-1]
    flat = function(x.ravel())
    np.testing.assert_array_equal(function(x, axis=None), flat.reshape(x.shape))
    np.testing.assert_array_equal(function(x, [1.0, 1.0], axis=None), np.stack([flat.reshape(x.shape)] * 2))
    np.testing.assert_array_equal(ll.top_k(x, 5, axis=None), np.sort(x.ravel())[-5:])
    np.testing.assert_array_equal(x.ravel()[ll.argtop_k(x, 5, axis=None)], np.sort(x.ravel())[-5:])


def test_an_empty_batch_gives_an_empty_result():
    assert ll.softargmax(np.empty((0, 5))).shape == (0, 5)
    assert ll.softargmax(np.empty((5, 0, 2)), axis=0).shape == (5, 0, 2)
    assert ll.top_k(np.empty((0, 5)), 2).shape == (0, 2)
    assert ll.sample(np.empty((0, 5)), rng=0).shape == (0,)
    assert ll.sample(np.zeros(5), size=0, rng=0).shape == (0,)


@pytest.mark.parametrize("axis", [0, 1])
def test_long_strided_rows_pass_through_the_buffer(axis):
    """More than one chunk, in and out."""
    x = np.random.default_rng(0).standard_normal((10_000, 3)).astype(np.float32)
    x = x if axis == 0 else x.T
    np.testing.assert_array_equal(ll.softargmax(x, axis=axis), by_rows(x, axis))
    whole = np.random.default_rng(1).standard_normal(30_000)[::-3]
    np.testing.assert_array_equal(ll.softargmax(whole), ll.softargmax(whole.copy()))
    np.testing.assert_array_equal(ll.log_softargmax(whole), ll.log_softargmax(whole.copy()))
