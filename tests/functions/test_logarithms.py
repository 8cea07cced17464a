"""token_logprobs has the bits of log_softargmax, logsumexp is as accurate; both have those of the rules in Python."""

import warnings

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logitlab as ll
from logitlab import reference

from . import oracles
from .test_shapes import strided

ml_dtypes = pytest.importorskip("ml_dtypes")
NAN, INF = np.nan, np.inf
TEMPERATURES = (0.0, 1e-300, 1e-3, 0.7, 1.0, 1e3, 1e300, INF)


def same_bits(a, b):
    a, b = np.asarray(a), np.asarray(b)
    assert (a.dtype, a.shape) == (b.dtype, b.shape)
    assert ((a == b) | (np.isnan(a.astype(float)) & np.isnan(b.astype(float)))).all(), (a, b)


def check_tokens(x, tokens, T, axis):
    logprobs = ll.log_softargmax(x, T, axis=axis)
    at = np.expand_dims(np.broadcast_to(tokens, np.delete(logprobs.shape, axis)), axis)
    same_bits(
        ll.token_logprobs(x, tokens, T, axis=axis), np.take_along_axis(logprobs, at, axis).squeeze(axis)
    )


@settings(deadline=None, max_examples=150)
@given(strided(), st.data())
def test_tokens_of_any_array(x, data):
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    n, batch = x.shape[axis], tuple(np.delete(x.shape, axis))
    kind = data.draw(st.sampled_from(["i1", "u8", ">i4", "q"]))
    small = tuple(data.draw(st.sampled_from([size, 1])) for size in batch)[
        data.draw(st.integers(0, len(batch))) :
    ]
    tokens = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, n, small).astype(kind)
    T = data.draw(st.sampled_from(TEMPERATURES))
    check_tokens(x, tokens, T, axis)
    rows = np.moveaxis(x, axis, -1).reshape(-1, n).astype(x.dtype.newbyteorder("="))
    same_bits(ll.logsumexp(x, T, axis=axis), np.array([ll.logsumexp(r, T) for r in rows]).reshape(batch))


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64])
def test_tokens_of_all_kinds_of_rows(dtype):
    rng = np.random.default_rng(0)
    for n in (1, 2, 4, 15, 17, 63, 64, 65, 130, 5000):
        rows = (rng.standard_normal((9, n)) * [[1e-3]] * 3).astype(dtype)
        rows[1] *= 1000
        rows[2, n // 2 :] = -INF
        rows[3], rows[4, -1], rows[5, n // 3] = -INF, INF, NAN
        rows[6, [0, -1]] = INF
        rows[7:] = np.round(rows[7:] * 300)
        for T in (*TEMPERATURES, np.linspace(0, 2, 9), np.ones((2, 1))):
            check_tokens(rows, rng.integers(0, n, 9), T, -1)


def test_a_token_for_all_and_temperatures_that_make_more_rows():
    x = np.random.default_rng(0).standard_normal((3, 7))
    whole = ll.log_softargmax(x)
    same_bits(ll.token_logprobs(x, 4), whole[:, 4])
    same_bits(ll.token_logprobs(x, np.array([4])), whole[:, 4])
    same_bits(ll.token_logprobs(x[0], [[3], [4]], [[1.0, 2.0], [3.0, 1.0]])[1, 1], whole[0, 4])
    same_bits(ll.token_logprobs(np.array([1, 2, 3]), 2), ll.log_softargmax([1.0, 2, 3])[2])
    assert isinstance(ll.token_logprobs(x[0], 4), np.float64)
    assert isinstance(ll.logsumexp(x[0].astype(np.float32)), np.float32)
    assert ll.token_logprobs(np.empty((0, 5)), []).shape == ll.logsumexp(np.empty((0, 5))).shape == (0,)


@pytest.mark.parametrize(
    ("tokens", "error", "message"),
    [
        (-1, ValueError, r"integers in \[0, 4\), got -1$"),
        (-100, ValueError, "got -100: -100 stands for no token"),
        ([0, 1, 4], ValueError, r"got 4 at tokens\[2\]"),
        ([[0, 1, 2], [3, 3, 9]], ValueError, r"got 9 at tokens\[1, 2\]"),
        (np.uint64(2**64 - 1), ValueError, "got 18446744073709551615"),
        ([0, 2**70, 1], ValueError, r"got 1180591620717411303424 at tokens\[1\]"),
        (True, TypeError, "got True$"),
        ([1, True, 0.5], TypeError, r"got 1.0 at tokens\[0\]"),
        (np.array([True, False, True]), TypeError, r"got True at tokens\[0\]"),
        (np.float32([0, 1, 2]), TypeError, r"got 0.0 at tokens\[0\]"),
        ([0, None, 1], TypeError, r"got None at tokens\[1\]"),
        (["a", "b", "c"], TypeError, r"got 'a' at tokens\[0\]"),
        (np.array([], float), TypeError, "got an array of dtype float64"),
        ([0, 1], ValueError, r"broadcasts to the batch's, \(2, 3\), got \(2,\)"),
        ([[[0]]], ValueError, r"\(2, 3\), got \(1, 1, 1\)"),
        ([], ValueError, r"\(2, 3\), got \(0,\)"),
    ],
    ids=str,
)
def test_tokens_that_are_none(tokens, error, message):
    with pytest.raises(error, match=message):
        ll.token_logprobs(np.zeros((2, 3, 4)), tokens)


def test_labels_of_a_column_are_not_spread():
    """What take_along_axis needs would give every label to every row."""
    with pytest.raises(ValueError, match=r"\(5,\), got \(5, 1\)"):
        ll.token_logprobs(np.zeros((5, 4)), [[1]] * 5)


def units(result, exact, dtype):
    return np.abs(result - exact) / np.maximum(oracles.last_place(exact, dtype), np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", oracles.DTYPES)
def test_logsumexp_is_at_most_4_units_away(dtype):
    for n, seeds, temperatures in [(1, 20, (1e-3, 1, 1e3)), (4, 20, oracles.TEMPERATURES), (64, 5, (0.1, 1)),
                                   (65, 5, (1, 5)), (1000, 1, oracles.TEMPERATURES), (50_257, 1, (0.8,))]:  # fmt: skip
        for seed in range(seeds):
            for name, row in oracles.hard_rows(n, dtype, seed).items():
                for T in temperatures:
                    wide = row.astype(np.longdouble)
                    exact = wide[0] / np.longdouble(T) - oracles.exact_logarithms(row, T)[0]
                    if wide[0] == -INF or abs(exact) > np.finfo(dtype).max:
                        continue
                    # a row far from 0 loses nothing: max / T is as wide as its own last place
                    result = ll.logsumexp(row, T)
                    assert result.dtype == dtype
                    assert units(result, exact, dtype) <= 4, (name, T)


@pytest.mark.parametrize("dtype", oracles.DTYPES)
def test_both_against_mpmath(dtype):
    rng = np.random.default_rng(3)
    with mpmath.workprec(200):
        for scale in (1e-3, 1, 30, 1e4):
            row = (rng.standard_normal(40) * scale).astype(dtype)
            for T in (0.001, 0.3, 1.0, 1000.0):
                parts = [mpmath.mpf(float(x)) / mpmath.mpf(T) for x in row]
                total = max(parts) + mpmath.log(mpmath.fsum(mpmath.exp(p - max(parts)) for p in parts))
                logprobs = ll.token_logprobs(np.tile(row, (40, 1)), np.arange(40), T)
                pairs = zip(logprobs, [p - total for p in parts], strict=True)
                for result, exact in [(ll.logsumexp(row, T), total), *pairs]:
                    if abs(exact) > np.finfo(dtype).max:
                        assert np.isinf(result)
                        continue
                    unit = max(oracles.last_place(np.longdouble(float(exact)), dtype), np.finfo(dtype).eps)
                    assert abs(mpmath.mpf(float(result)) - exact) <= 4 * mpmath.mpf(float(unit)), (scale, T)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("n", [2, 3, 64, 65, 200])
def test_special_values_of_logsumexp(dtype, n):
    """-inf adds nothing, and nothing but -inf gives -inf; T = 0 is the limit from above."""

    def row(fill, **at):
        x = np.full(n, fill, dtype)
        for place, value in at.items():
            x[{"first": 0, "last": -1}[place]] = value
        return x

    rows = [
        (row(1, last=NAN), [NAN] * 4),
        (row(-INF, first=NAN), [NAN] * 4),
        (row(INF, last=NAN), [NAN] * 4),
        (row(-INF), [-INF] * 4),
        (row(0, last=INF), [INF] * 4),
        (row(-INF, first=INF), [INF] * 4),
        (row(2), [INF, 2 + np.log(n), np.log(n), np.log(n)]),
        (row(-2), [-INF, -2 + np.log(n), np.log(n), np.log(n)]),
        (row(-3, first=-0.0), [0, np.log1p((n - 1) * np.exp(-3)), np.log(n), np.log(n)]),
        (row(0, first=-0.0), [np.log(n)] * 4),
        (row(-INF, last=0), [0] * 4),
        (row(-1, last=-INF), [-INF, np.log(n - 1) - 1, np.log(n - 1), np.log(n - 1)]),
    ]
    rtol = 2e-3 if dtype == np.float16 else 1e-6
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        for x, expected in rows:
            for T, value in zip((0, 1, 1e300, INF), expected, strict=True):
                result = ll.logsumexp(x, T)
                np.testing.assert_allclose(float(result), value, rtol, atol=1e-9)
                assert result.dtype == dtype


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logsumexp_overflows_only_where_its_result_does(dtype):
    largest = np.finfo(dtype).max
    assert ll.logsumexp(np.full(100, largest, dtype)) == largest
    assert ll.logsumexp(np.array([-largest, -largest], dtype)) == -largest
    assert ll.logsumexp(np.array([largest, 0], dtype), 0.5) == INF
    assert ll.logsumexp(np.array([largest, 0], dtype), 2.0) == largest / 2
    assert ll.logsumexp(np.array([-largest, -INF], dtype), 1e-3) == -INF


@pytest.mark.parametrize(("dtype", "format"), [("float32", reference.SINGLE), ("float64", reference.DOUBLE)])
def test_the_rules_in_python_have_the_same_bits(dtype, format):
    rng = np.random.default_rng(5)
    for n, scale in [(1, 1), (2, 3), (5, 1e15), (16, 3), (17, 300), (64, 1e-3), (65, 1e5), (130, 3)]:
        row = (rng.standard_normal(n) * scale).astype(dtype)
        row[rng.random(n) < 0.1] = -INF
        row[0] = 1
        numbers, token = row.tolist(), int(rng.integers(n))
        for T in (0, 1e-3, 0.7, 100.0, INF):
            assert reference.logsumexp(numbers, T, format) == float(ll.logsumexp(row, T))
            assert reference.token_logprob(numbers, token, T, format) == float(
                ll.token_logprobs(row, token, T)
            )
    for numbers in ([NAN, INF], [-INF, -INF], [INF, 1.0, INF], [0.0, -0.0, -1.0]):
        for T in (0, 1.0, INF):
            same_bits(reference.logsumexp(numbers, T), float(ll.logsumexp(numbers, T)))
            same_bits(reference.token_logprob(numbers, 0, T), float(ll.token_logprobs(numbers, 0, T)))
    with pytest.raises(ValueError, match=r"T must be 0, inf or in .*got -1"):
        reference.logsumexp([0.0], -1)
