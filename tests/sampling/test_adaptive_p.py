"""adaptive_p holds the probability of the tokens near a target."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import AdaptiveP, MinP, Temperature

from .oracle import DTYPES, LONG, SHORT, hold, long_rows, rows

PARAMETERS = {
    "target": st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.5, 1.0])),
    "average": st.floats(0, 1),
    "seed": st.integers(0, 1000),
    "T": st.sampled_from([0.5, 1.0, 3.0]),
}


def hold_at(row, dtype, target, average, seed, T):
    """The rule, the draw, and what the state becomes; after a temperature and a filter."""
    before = []

    def rule(left):
        left = reference.min_p(reference.temperature(left, T), 0.01)
        before.append(left)
        return reference.adaptive_p(left, average * 4.0, 4.0, target)

    steps = [Temperature(T), MinP(0.01), AdaptiveP(target, decay=0.75)]
    _, place, (after,) = hold(steps, rule, row, dtype, seed=seed, state=((average * 4.0, 4.0),))
    q = before[0].integers
    assert after == (q[place] / float(sum(q)) + 0.75 * (average * 4.0), 4.0)


@DTYPES
@SHORT
@given(row=rows, **PARAMETERS)
def test_short_rows(dtype, row, target, average, seed, T):
    hold_at(row, dtype, target, average, seed, T)


@DTYPES
@LONG
@given(row=long_rows(), **PARAMETERS)
def test_long_rows(dtype, row, target, average, seed, T):
    hold_at(row, dtype, target, average, seed, T)


@DTYPES
@LONG
@given(row=long_rows(), target=PARAMETERS["target"])
def test_a_whole_row(dtype, row, target):
    step = AdaptiveP(target)
    hold(
        step,
        lambda left: reference.adaptive_p(left, *step.start(), target),
        row,
        dtype,
        state=(step.start(),),
    )


def test_as_published():
    p = np.array([0.5, 0.3, 0.15, 0.05])
    d = np.abs(p - 0.25) / 0.3  # 2 * 0.3 - 0.35
    weights = np.exp(5 - 10 * d * d / (1 + d))
    got = Sampler(adaptive_target=0.3).probs(np.log(p), state=((0.7, 2.0),))
    np.testing.assert_allclose(got, weights / weights.sum(), rtol=1e-12)


@pytest.mark.parametrize("target", [0.2, 0.4])
def test_the_state_steers(target):
    p, rng = 0.5 ** np.arange(1.0, 11.0), np.random.default_rng(0)
    sampler, state, chosen = Sampler(adaptive_target=target), None, []
    for _ in range(2000):
        token, state = sampler.step(np.log(p), state, rng)
        chosen.append(p[token])
    unsteered = sampler.probs(np.log(p), state=sampler.start()) @ p
    assert abs(np.mean(chosen) - target) < 0.75 * abs(unsteered - target)


def test_batches_and_errors():
    batch = np.random.default_rng(0).standard_normal((3, 700))
    sampler = Sampler([AdaptiveP([0.1, 0.3, 0.9], decay=[0.1, 0.5, 0.9])])
    tokens, ((sums, weights),) = sampler.step(batch, rng=0)
    rng = np.random.Generator(np.random.PCG64(0))
    for i, (target, decay) in enumerate([(0.1, 0.1), (0.3, 0.5), (0.9, 0.9)]):
        alone = Sampler([AdaptiveP(target, decay=decay)])
        assert alone.step(batch[i], rng=rng) == (tokens[i], ((sums[i], weights[i]),))
    for method in (sampler.sample, sampler.probs, sampler.trace):
        with pytest.raises(ValueError, match=r"state = sampler\.step"):
            method(batch)
    for state in (0.3, (0.3,), (0.3, 1.0, 2.0)):
        with pytest.raises(ValueError, match="state of adaptive_p must be weighted_sum and total_weight"):
            sampler.step(batch, (state,))
    for state in ((np.nan, 1.0), (np.inf, 1.0), (0.3, [1.0, 0.0, 1.0]), (0.3, np.nan)):
        with pytest.raises(
            ValueError, match=r"adaptive_p: (weighted_sum must be finite|total_weight must be > 0)"
        ):
            sampler.step(batch, (state,))
    with pytest.raises(ValueError, match=r"adaptive_target must be in \[0, 1\]"):
        AdaptiveP(-1.0)
    with pytest.raises(ValueError, match=r"adaptive_decay must be in \[0, 0.99\]"):
        AdaptiveP(0.5, decay=1.0)
