"""A tuple of axes, and None, are one long axis: the same bits as a transposed, reshaped copy."""

import itertools

import numpy as np
import pytest

import logitlab as ll
from logitlab import Sampler

SHAPE = (2, 3, 4, 5)
TUPLES = [
    axes for m in (1, 2, 3, 4) for axes in itertools.permutations(range(4), m) if m < 3 or axes[0] > axes[-1]
]


def joined(x, axes):
    """The array with these axes as one, the last, in the order that they stand in."""
    axes = sorted(axis % x.ndim for axis in axes)
    rest = [axis for axis in range(x.ndim) if axis not in axes]
    return x.transpose(rest + axes).reshape([x.shape[axis] for axis in rest] + [-1]).copy()


def apart(rows, shape, axes):
    """What `joined` did, undone; axes count from the end, so a longer batch does not move them."""
    axes = sorted(axis % len(shape) - len(shape) for axis in axes)
    parts = rows.reshape(*rows.shape[:-1], *(shape[axis] for axis in axes))
    return np.moveaxis(parts, range(-len(axes), 0), axes)


def arrays():
    x = np.random.default_rng(0).standard_normal(SHAPE)
    yield x
    yield x.astype(np.float32)[..., ::-1]
    yield np.asfortranarray(x)
    yield np.broadcast_to(x[:, :1], SHAPE)
    yield x.astype(">f8")[::-1]


@pytest.mark.parametrize("axes", TUPLES, ids=str)
def test_every_function(axes):
    for x, from_end in itertools.product(arrays(), (False, True)):
        given = tuple(axis - 4 for axis in axes) if from_end else axes
        rows = joined(x, axes).astype(x.dtype.newbyteorder("="))
        T = np.linspace(0.5, 2, rows[..., 0].size).reshape(rows.shape[:-1])
        for function in (ll.softargmax, ll.log_softargmax):
            result = function(x, T, axis=given)
            np.testing.assert_array_equal(result, apart(function(rows, T), SHAPE, axes))
            assert result.flags.c_contiguous
            assert result.dtype.isnative
        if len(axes) == 1:
            continue  # not joined: the axis stays where it is
        np.testing.assert_array_equal(ll.logsumexp(x, T, axis=given), ll.logsumexp(rows, T))
        np.testing.assert_array_equal(ll.token_logprobs(x, 3, axis=given), ll.token_logprobs(rows, 3))
        np.testing.assert_array_equal(ll.top_k(x, 3, axis=given), ll.top_k(rows, 3))
        np.testing.assert_array_equal(ll.argtop_k(x, 3, axis=given), ll.argtop_k(rows, 3))
        np.testing.assert_array_equal(ll.sample(x, axis=given, rng=1), ll.sample(rows, rng=1))


def test_one_in_a_tuple_is_that_axis():
    x = np.random.default_rng(0).standard_normal(SHAPE)
    for axis in (1, -1):
        np.testing.assert_array_equal(ll.top_k(x, 2, axis=(axis,)), ll.top_k(x, 2, axis=axis))
        np.testing.assert_array_equal(ll.logsumexp(x, axis=(axis,)), ll.logsumexp(x, axis=axis))


def test_more_temperatures_than_rows():
    x = np.random.default_rng(0).standard_normal(SHAPE)
    for axes in [(1, 2), (0, 2), (0, 1, 2, 3)]:
        rows = joined(x, axes)
        T = np.linspace(0.5, 2, 7).reshape(7, *[1] * (rows.ndim - 1))
        np.testing.assert_array_equal(
            ll.softargmax(x, T, axis=axes), apart(ll.softargmax(rows, T), SHAPE, axes)
        )
    np.testing.assert_array_equal(ll.softargmax(x, axis=None), ll.softargmax(x, axis=(0, 1, 2, 3)))


@pytest.mark.parametrize("function", [ll.softargmax, ll.log_softargmax])
def test_out(function):
    for axes in [(1, 2), (2, 3), (0, 2), (0, 3), None]:
        x = np.random.default_rng(0).standard_normal(SHAPE)
        expected = function(x, 0.7, axis=axes)
        for out in (np.empty(SHAPE), np.empty(SHAPE, order="F"), np.empty((*SHAPE, 2))[..., 1],
                    np.zeros(8 * x.size + 1, np.uint8)[1:].view(float).reshape(SHAPE)):  # fmt: skip
            assert function(x, 0.7, axis=axes, out=out) is out
            np.testing.assert_array_equal(out, expected)
        memory = np.empty((3, *SHAPE[1:]))
        memory[:2] = x
        function(memory[:2], 0.7, axis=axes, out=memory[1:])
        np.testing.assert_array_equal(memory[1:], expected)
        assert function(x, 0.7, axis=axes, out=x) is x
        np.testing.assert_array_equal(x, expected)


def test_samplers():
    x = np.random.default_rng(0).standard_normal(SHAPE)
    sampler = Sampler(top_k=5, xtc_probability=0.5, xtc_threshold=0.1)
    for axes in [(1, 2), (0, -1)]:
        rows = joined(x, axes)
        np.testing.assert_array_equal(sampler.sample(x, axis=axes, rng=2), sampler.sample(rows, rng=2))
        np.testing.assert_array_equal(sampler.probs(x, axis=axes), apart(sampler.probs(rows), SHAPE, axes))
        plain = Sampler(top_k=5, temperature=0.5)
        np.testing.assert_array_equal(plain.trace(x, axis=axes).after, plain.trace(rows).after)


def test_empty():
    assert ll.softargmax(np.empty((0, 2, 3)), axis=(1, 2)).shape == (0, 2, 3)
    assert ll.logsumexp(np.empty((2, 0, 3)), axis=(0, 2)).shape == (0,)
    with pytest.raises(ValueError, match="at least one logit"):
        ll.logsumexp(np.empty((2, 0, 3)), axis=(0, 1))
