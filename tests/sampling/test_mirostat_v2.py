"""mirostat_v2 holds the surprise of the tokens near tau."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import MirostatV2, Temperature

from .oracle import FORMATS, LONG, SHORT, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


def hold(row, dtype, mu, seed, T):
    array = np.array(row, dtype=dtype)
    left = reference.temperature(reference.candidates([float(x) for x in array], FORMATS[dtype]), T)
    left = reference.mirostat_v2(left, mu)
    uniform = np.random.Generator(np.random.PCG64(seed)).random()
    place = reference.draw(left.integers, uniform)
    sampler = Sampler([Temperature(T), MirostatV2(4.0, 0.25)])
    token, (after,) = sampler.step(array, (mu,), rng=seed)
    assert token == left.tokens[place]
    q = left.integers
    surprise = -np.log2(q[place] / sum(q))
    assert after == pytest.approx(mu - 0.25 * (surprise - 4.0), abs=1e-12)


@DTYPES
@SHORT
@given(row=rows, mu=st.floats(0.1, 30), seed=st.integers(0, 1000), T=st.sampled_from([0.5, 1.0, 3.0]))
def test_short_rows(dtype, row, mu, seed, T):
    hold(row, dtype, mu, seed, T)


@DTYPES
@LONG
@given(row=long_rows(), mu=st.floats(0.1, 30), seed=st.integers(0, 1000), T=st.sampled_from([0.5, 1.0, 3.0]))
def test_long_rows(dtype, row, mu, seed, T):
    hold(row, dtype, mu, seed, T)


def test_the_state_is_found_and_needed():
    sampler, rng = Sampler([MirostatV2(2.0, 0.2)]), np.random.default_rng(0)
    row, state, mu = np.random.default_rng(1).standard_normal(3000) * 2, None, []
    for _ in range(400):
        _, state = sampler.step(row, state, rng)
        mu.append(state[0])
    surprise = 2.0 - np.diff(mu) / 0.2
    assert abs(surprise[100:].mean() - 2.0) < 0.2
    for method in (sampler.sample, sampler.probs, sampler.trace):
        with pytest.raises(ValueError, match="step"):
            method(row)
    with pytest.raises(ValueError, match="1 of them, got 2"):
        sampler.step(row, (1.0, 2.0))
