"""softargmax is at most 2.5 units in the last place from the exact value, log_softargmax at most 4."""

import numpy as np
import pytest

import logitlab as ll

from . import oracles

# the longest rows at few temperatures: the oracle, not logitlab, takes the time
LENGTHS = [(n, oracles.TEMPERATURES) for n in (1, 2, 4, 63, 64, 65, 1000)]
LENGTHS += [(49_152, (0.1, 0.8, 5.0)), (262_144, (0.8,))]


@pytest.mark.parametrize("dtype", oracles.DTYPES)
@pytest.mark.parametrize(("n", "temperatures"), LENGTHS, ids=lambda v: str(v) if isinstance(v, int) else "")
def test_softargmax(dtype, n, temperatures):
    limit = 1.0 if dtype == np.float16 else 2.5
    smallest = 0 if dtype == np.float16 else np.finfo(dtype).smallest_normal
    for seed in range(40 if n < 1000 else 1):
        for name, row in oracles.hard_rows(n, dtype, seed).items():
            for temperature in temperatures:
                exact = np.exp(oracles.exact_logarithms(row, temperature))
                result = ll.softargmax(row, temperature)
                units = np.abs(result - exact) / oracles.last_place(exact, dtype)
                # a value beside the smallest normal number may fall on either side of it
                beside = np.abs(exact - smallest) <= 3 * oracles.last_place(exact, dtype)
                assert units[(exact >= smallest) & ~beside].max(initial=0) <= limit, (name, temperature)
                assert not result[(exact < smallest) & ~beside].any(), (name, temperature)


@pytest.mark.parametrize("dtype", oracles.DTYPES)
@pytest.mark.parametrize(("n", "temperatures"), LENGTHS, ids=lambda v: str(v) if isinstance(v, int) else "")
def test_log_softargmax(dtype, n, temperatures):
    largest = np.longdouble(np.finfo(dtype).max)
    for seed in range(40 if n < 1000 else 1):
        for name, row in oracles.hard_rows(n, dtype, seed).items():
            for temperature in temperatures:
                exact = oracles.exact_logarithms(row, temperature)
                result = ll.log_softargmax(row, temperature)
                within = exact > -largest
                unit = np.maximum(oracles.last_place(exact[within], dtype), np.finfo(dtype).eps)
                units = np.abs(result[within] - exact[within]) / unit
                assert units.max(initial=0) <= 4, (name, temperature)
                assert (result[exact < -2 * largest] == -np.inf).all()
                assert (result <= 0).all()


@pytest.mark.parametrize("dtype", oracles.DTYPES)
def test_order_of_logits_is_kept(dtype):
    """Equal logits are equally likely; a larger one is never less likely by more than 2 units."""
    rng = np.random.default_rng(0)
    for temperature in (0.01, 0.8, 3.0):
        row = np.sort(np.repeat((rng.standard_normal(500) * 2).astype(dtype), 2))
        p = ll.softargmax(row, temperature).astype(np.longdouble)
        assert (p[row == np.roll(row, 1)] == np.roll(p, 1)[row == np.roll(row, 1)]).all()
        falls = np.maximum(p[:-1] - p[1:], 0)
        assert (falls / oracles.last_place(p[1:], dtype)).max() <= 2


def test_float16_keeps_its_subnormal_probabilities():
    row = np.array([0, -12, -16], dtype=np.float16)
    result = ll.softargmax(row)
    assert 0 < result[2] < np.finfo(np.float16).smallest_normal
    np.testing.assert_array_equal(result, np.exp(oracles.exact_logarithms(row, 1.0)).astype(np.float16))


def test_real_logits(real_row):
    for temperature in oracles.TEMPERATURES:
        exact = np.exp(oracles.exact_logarithms(real_row, temperature))
        normal = exact > 2 * np.finfo(np.float32).smallest_normal
        units = np.abs(ll.softargmax(real_row, temperature) - exact) / oracles.last_place(exact, np.float32)
        assert units[normal].max() <= 2.5
