"""mirostat holds the surprise of the tokens near tau."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import Mirostat, Temperature

from .oracle import LONG, SHORT, hold, long_rows, rows

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])


def hold_at(row, dtype, mu, seed, T):
    steps = [Temperature(T), Mirostat(4.0, 0.25)]
    left, place, (after,) = hold(
        steps,
        lambda left: reference.mirostat(reference.temperature(left, T), mu),
        row,
        dtype,
        seed=seed,
        state=(mu,),
    )
    q = left.integers
    surprise = -np.log2(q[place] / sum(q))
    assert after == pytest.approx(mu - 0.25 * (surprise - 4.0), abs=1e-12)


@DTYPES
@SHORT
@given(row=rows, mu=st.floats(0.1, 30), seed=st.integers(0, 1000), T=st.sampled_from([0.5, 1.0, 3.0]))
def test_short_rows(dtype, row, mu, seed, T):
    hold_at(row, dtype, mu, seed, T)


@DTYPES
@LONG
@given(row=long_rows(), mu=st.floats(0.1, 30), seed=st.integers(0, 1000), T=st.sampled_from([0.5, 1.0, 3.0]))
def test_long_rows(dtype, row, mu, seed, T):
    hold_at(row, dtype, mu, seed, T)


def test_the_state_is_found_and_needed():
    sampler, rng = Sampler([Mirostat(2.0, 0.2)]), np.random.default_rng(0)
    row, state, mu = np.random.default_rng(1).standard_normal(3000) * 2, None, []
    for _ in range(400):
        _, state = sampler.step(row, state, rng)
        mu.append(state[0])
    surprise = 2.0 - np.diff(mu) / 0.2
    assert abs(surprise[100:].mean() - 2.0) < 0.2
    for method in (sampler.sample, sampler.probs, sampler.trace):
        with pytest.raises(ValueError, match=r"state = sampler\.step"):
            method(row)
    assert sampler.start() == (4.0,)
    assert sampler.trace(row, state=state).count[-1] == np.count_nonzero(sampler.probs(row, state=state))
    with pytest.raises(ValueError, match="1 of them, got 2"):
        sampler.step(row, (1.0, 2.0))
