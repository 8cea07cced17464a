"""NaN, infinities, T = 0 and T = inf, in the contract's order."""

import numpy as np
import pytest

import logitlab as ll

NAN, INF = np.nan, np.inf
FUNCTIONS = [ll.softargmax, ll.log_softargmax]
DTYPES = ["float16", "float32", "float64"]
# lengths around the kernels' blocks; the special value stands at either end
LENGTHS = [1, 2, 3, 63, 64, 65, 200]


def row(n, dtype, **at):
    x = np.linspace(-1, 1, n).astype(dtype)
    for place, value in at.items():
        x[{"first": 0, "last": -1, "middle": n // 2}[place]] = value
    return x


@pytest.mark.parametrize("temperature", [0.0, 1e-300, 0.5, 1e300, INF])
@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_nan_and_all_minus_infinity_come_first(function, dtype, n, temperature):
    for place in ("first", "middle", "last"):
        assert np.isnan(function(row(n, dtype, **{place: NAN}), temperature)).all()
    assert np.isnan(function(np.full(n, -INF, dtype), temperature)).all()
    assert np.isnan(function(row(n + 1, dtype, first=NAN, last=INF), temperature)).all()


@pytest.mark.parametrize("n", LENGTHS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_zero_temperature_is_one_hot_on_the_first_maximum(dtype, n):
    x = np.zeros(n, dtype)
    x[n // 2 :] = 3
    expected = np.zeros(n, dtype)
    expected[n // 2] = 1
    np.testing.assert_array_equal(ll.softargmax(x, 0), expected)
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(ll.log_softargmax(x, 0), np.log(expected))
    x[-1] = INF
    assert ll.softargmax(x, 0)[-1] == 1
    assert ll.softargmax(x, 0).sum() == 1


@pytest.mark.parametrize("temperature", [1e-300, 0.1, 1.0, 1e300, INF])
@pytest.mark.parametrize("dtype", DTYPES)
def test_infinity_shares_the_whole(dtype, temperature):
    x = row(100, dtype, first=INF, last=INF, middle=-INF)
    expected = np.zeros(100, dtype)
    expected[[0, -1]] = 0.5
    np.testing.assert_array_equal(ll.softargmax(x, temperature), expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_infinite_temperature_is_uniform_over_what_is_not_minus_infinity(dtype):
    x = row(100, dtype, first=-INF, last=-INF)
    expected = np.full(100, 1 / 98).astype(dtype)
    expected[[0, -1]] = 0
    np.testing.assert_array_equal(ll.softargmax(x, INF), expected)


@pytest.mark.parametrize("temperature", [0.0, 1e-300, 1e-3, 1.0, 1e3, 1e300, INF])
@pytest.mark.parametrize("dtype", DTYPES)
def test_minus_infinity_has_no_probability_at_any_temperature(dtype, temperature):
    x = row(130, dtype, middle=-INF)
    assert ll.softargmax(x, temperature)[65] == 0
    assert ll.log_softargmax(x, temperature)[65] == -INF


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_logits_and_temperatures_stay_finite(dtype):
    big = np.finfo(dtype).max
    for x in ([big, -big], [big, big, 0], [-big, -big], [np.finfo(dtype).smallest_subnormal, 0]):
        for temperature in (1e-310, 1e-300, 1e-30, 1e-3, 1, 1e3, 1e30, 1e300):
            p = ll.softargmax(np.array(x, dtype), temperature)
            assert np.isfinite(p).all()
            np.testing.assert_allclose(p.sum(dtype=float), 1, rtol=1e-6)
            assert (ll.log_softargmax(np.array(x, dtype), temperature) <= 0).all()
    np.testing.assert_array_equal(ll.softargmax(np.array([big, big, -big], dtype), 1e-300), [0.5, 0.5, 0])


@pytest.mark.parametrize("function", FUNCTIONS)
def test_no_warning_and_no_flag(function):
    """Warnings are errors in these tests; NumPy's own error state must not be touched either."""
    with np.errstate(all="raise"):
        function(np.array([NAN, INF, -INF, 1e300]))
        function(np.array([1e-310, 0, -1e308]), 1e-3)
        assert np.float64(1) / 3 > 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_what_holds_all_of_the_mass_has_probability_1(dtype):
    """Alone in its row, or so far above the others that they do not show: 1, not the number below it."""
    for x in (np.random.default_rng(0).standard_normal(500) * 5).astype(dtype):
        assert ll.softargmax(np.array([x], dtype))[0] == 1
        for n in (3, 20, 100):
            row = np.full(n, x - dtype_distance(dtype), dtype)
            row[n // 2] = x
            assert ll.softargmax(row)[n // 2] == 1


def dtype_distance(dtype):
    return {"float16": 30, "float32": 60, "float64": 100}[dtype]
