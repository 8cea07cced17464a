"""float16, bfloat16, float32 and float64 keep theirs; integers and bool become float64 but are selected exactly."""

import numpy as np
import pytest

import logitlab as ll

ml_dtypes = pytest.importorskip("ml_dtypes")
pd = pytest.importorskip("pandas")

INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
FLOATS = [np.float16, np.float32, np.float64, ml_dtypes.bfloat16]


@pytest.mark.parametrize("dtype", FLOATS)
def test_floats_keep_their_dtype(dtype):
    x = np.array([0.5, 1, -2], dtype)
    assert ll.softargmax(x).dtype == dtype
    assert ll.log_softargmax(x).dtype == dtype
    assert ll.top_k(x, 2).dtype == dtype
    assert ll.logsumexp(x).dtype == ll.token_logprobs(x, 1).dtype == dtype
    assert ll.logsumexp([x, x]).dtype == ll.token_logprobs(np.stack([x, x]), 1).dtype == dtype


@pytest.mark.parametrize("dtype", [*INTEGERS, np.bool_])
def test_integers_become_float64(dtype):
    x = np.array([1, 0, 1, 1], dtype)
    np.testing.assert_array_equal(ll.softargmax(x), ll.softargmax(x.astype(float)))
    np.testing.assert_array_equal(ll.log_softargmax(x), ll.log_softargmax(x.astype(float)))
    assert ll.sample(x, rng=3) == ll.sample(x.astype(float), rng=3)
    assert ll.logsumexp(x) == ll.logsumexp(x.astype(float))
    assert ll.token_logprobs(x, 1) == ll.token_logprobs(x.astype(float), 1)


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_are_selected_exactly(dtype):
    limits = np.iinfo(dtype)
    x = np.array([limits.max - 1, limits.min, limits.max, limits.max - 2, limits.min + 1], dtype)
    np.testing.assert_array_equal(ll.top_k(x, 3), np.sort(x)[-3:])
    np.testing.assert_array_equal(ll.argtop_k(x, 5), [1, 4, 3, 0, 2])
    assert ll.top_k(x, 3).dtype == dtype
    swapped = x.astype(x.dtype.newbyteorder())
    np.testing.assert_array_equal(ll.top_k(swapped, 3), np.sort(x)[-3:])


@pytest.mark.parametrize("n", [1, 3, 64, 65, 1000])
def test_bfloat16_is_float32_rounded_once(n):
    x = (np.random.default_rng(n).standard_normal(n) * 3).astype(ml_dtypes.bfloat16)
    wide = x.astype(np.float32)
    for temperature in (0.1, 1.0, [0.5, 2.0]):
        np.testing.assert_array_equal(
            ll.softargmax(x, temperature), ll.softargmax(wide, temperature).astype(ml_dtypes.bfloat16)
        )
        np.testing.assert_array_equal(
            ll.log_softargmax(x, temperature), ll.log_softargmax(wide, temperature).astype(ml_dtypes.bfloat16)
        )
        assert (
            ll.logsumexp(x, temperature) == ll.logsumexp(wide, temperature).astype(ml_dtypes.bfloat16)
        ).all()
    np.testing.assert_array_equal(ll.argtop_k(x, n // 2), ll.argtop_k(wide, n // 2))
    assert ll.sample(x, rng=1, top_p=0.9) == ll.sample(wide, rng=1, top_p=0.9)
    swapped = x.view(np.uint16).byteswap().view(ml_dtypes.bfloat16)
    assert swapped.dtype.isnative  # ml_dtypes has no byte-swapped bfloat16: nothing more to test


@pytest.mark.parametrize("half", range(2))
def test_every_float16_is_widened_exactly(half):
    """All 65 536 of them: a row of two, the value and 0, in float16 and in float32."""
    values = np.arange(half << 15, (half + 1) << 15, dtype=np.uint32).astype(np.uint16).view(np.float16)
    pairs = np.stack([values, np.zeros_like(values)], axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):
        expected = ll.softargmax(pairs.astype(np.float32)).astype(np.float16)
    np.testing.assert_array_equal(ll.softargmax(pairs), expected)


def test_what_asarray_takes_without_losing_meaning():
    x = [0.2, 0.3, 0.1, 0.4]
    expected = ll.softargmax(np.array(x))
    np.testing.assert_array_equal(ll.softargmax(x), expected)
    np.testing.assert_array_equal(ll.softargmax(tuple(x)), expected)
    np.testing.assert_array_equal(ll.softargmax(pd.Series(x)), expected)
    assert type(ll.softargmax(pd.Series(x))) is np.ndarray
    np.testing.assert_array_equal(ll.softargmax(pd.DataFrame([x, x])), np.stack([expected] * 2))


def test_a_subclass_gives_a_plain_array():
    class Labelled(np.ndarray):
        pass

    x = np.array([0.2, 0.3]).view(Labelled)
    assert type(ll.softargmax(x)) is np.ndarray
    assert type(ll.top_k(x, 1)) is np.ndarray


@pytest.mark.parametrize("error", [MemoryError, KeyboardInterrupt, RecursionError])
@pytest.mark.parametrize(
    "call",
    [ll.softargmax, ll.log_softargmax, ll.logsumexp, lambda x: ll.token_logprobs(x, 0),
     lambda x: ll.top_k(x, 1), lambda x: ll.sample(x, rng=0),
     lambda x: ll.Sampler(top_k=1).probs(x)],
    ids=["softargmax", "log_softargmax", "logsumexp", "token_logprobs", "top_k", "sample", "Sampler"],
)  # fmt: skip
def test_an_error_while_the_dtype_is_looked_at_is_raised(monkeypatch, call, error):
    """NumPy makes a dtype's name in Python, so anything may happen there; it is not an answer to "which dtype?"."""
    from numpy._core import _dtype

    name_of, looks = _dtype._name_get, []

    def fails_once(dtype):
        looks.append(dtype)
        if len(looks) == 1:
            raise error
        return name_of(dtype)

    monkeypatch.setattr(_dtype, "_name_get", fails_once)
    with pytest.raises(error):
        call(np.ones(3, ml_dtypes.bfloat16))


def test_a_dtype_without_a_name_is_not_bfloat16(monkeypatch):
    from numpy._core import _dtype

    def nameless(dtype):
        raise AttributeError("name")

    monkeypatch.setattr(_dtype, "_name_get", nameless)
    with pytest.raises((TypeError, AttributeError)):
        ll.softargmax(np.ones(3, ml_dtypes.bfloat16))
