"""`out` is written in place, also when it is the input or overlaps it; the input is never written otherwise."""

import numpy as np
import pytest

import logitlab as ll

FUNCTIONS = [ll.softargmax, ll.log_softargmax]
DTYPES = ["float16", "float32", "float64"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_input_itself(function, dtype):
    for shape, axis in [((5000,), -1), ((3, 700), -1), ((700, 3), 0), ((20, 30), None)]:
        x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
        expected = function(x, 0.7, axis=axis)
        before = x.copy()
        function(x.copy(), 0.7, axis=axis)
        np.testing.assert_array_equal(x, before)
        assert function(x, 0.7, axis=axis, out=x) is x
        np.testing.assert_array_equal(x, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("shift", [-64, -1, 1, 3, 63])
def test_overlap(function, dtype, shift):
    memory = np.random.default_rng(0).standard_normal(6000).astype(dtype)
    x, out = memory[100:5100], memory[100 + shift : 5100 + shift]
    expected = function(x.copy())
    function(x, out=out)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_overlap_of_rows_and_of_the_temperature(function):
    memory = np.random.default_rng(0).random((4, 8))
    expected = function(memory[:3].copy())
    function(memory[:3], out=memory[1:])
    np.testing.assert_array_equal(memory[1:], expected)
    memory = np.random.default_rng(0).random((3, 5)) + 0.5
    expected = function(np.arange(5.0), memory[:, 0].copy())
    function(np.arange(5.0), memory[:, 0], out=memory)
    np.testing.assert_array_equal(memory, expected)
    memory = np.random.default_rng(0).random((3, 5))
    expected = function(memory[0].copy(), [1.0, 2.0, 3.0])
    function(memory[0], [1.0, 2.0, 3.0], out=memory)
    np.testing.assert_array_equal(memory, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_strided_and_unaligned(function, dtype):
    x = np.random.default_rng(0).standard_normal(9001).astype(dtype)
    expected = function(x)
    for out in (np.zeros(18002, dtype)[::-2], np.zeros(x.nbytes + 1, np.uint8)[1:].view(dtype)):
        function(x, out=out)
        np.testing.assert_array_equal(out, expected)
    square = x[:9000].reshape(90, 100)
    out = np.zeros((100, 90), dtype).T
    function(square, axis=None, out=out)
    np.testing.assert_array_equal(out, function(square, axis=None))


def test_none_is_no_out():
    assert ll.softargmax([0.0], out=None).tolist() == [1.0]
