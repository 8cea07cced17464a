"""Holds a step to its rule: the same tokens left, exactly; their probabilities to 4 units; the same draw."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from logitlab import Sampler, reference

FORMATS = {"float32": reference.SINGLE, "float64": reference.DOUBLE}
SHORT = settings(max_examples=100, deadline=None)
LONG = settings(max_examples=10, deadline=None)  # plain Python is slow

_LOGIT = st.one_of(
    st.floats(-20, 20, width=32),
    st.sampled_from([0.0, -0.0, 1.0, 1.5, 3.0, -math.inf]),
    st.floats(-1e4, 1e4, width=32),
)
rows = st.lists(_LOGIT, min_size=1, max_size=12).filter(lambda row: max(row) > -math.inf)


@st.composite
def long_rows(draw):
    """More than 512 tokens: such rows are not listed at once. Ties, -inf, one huge, or a flat tail."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.sampled_from([513, 640, 700]))
    row = rng.standard_normal(n) * draw(st.sampled_from([0.01, 1.0, 4.0]))
    if draw(st.booleans()):
        row = np.round(row)
    if draw(st.booleans()):
        row[rng.integers(0, n, n // 3)] = -np.inf
    if draw(st.booleans()):
        row[rng.integers(0, n)] = 30.0
    return row.astype(np.float32).tolist()


def histories(row):
    """Token ids of a row, few different ones, so that they repeat."""
    return st.lists(st.integers(0, min(len(row), 4) - 1), max_size=12)


def exact(left):
    """The probabilities of what is left, to 40 digits."""
    with mpmath.workdps(40):
        weights = [mpmath.exp((mpmath.mpf(x) - left.max) / left.temperature) for x in left.logits]
        total = mpmath.fsum(weights)
        return [w / total for w in weights]


def hold(steps, rule, row, dtype, *, history=None, generated=None, seed=0, state=None, **arguments):
    """Run steps, given as one or several, and the rule, a function of what is left, over one row; compare.

    With a state it gives what is left, the place of the token drawn in it, and the state after.
    """
    array = np.array(row, dtype=dtype)
    sampler = Sampler([steps] if not isinstance(steps, list) else steps)
    left = rule(reference.candidates([float(x) for x in array], FORMATS[dtype]))
    context = {"history": history, "generated": generated}
    if not left.tokens:
        with pytest.raises(ValueError, match="left none of row 0"):
            sampler.sample(array, **context)
        return None
    trace = sampler.trace(array, state=state, **context, **arguments)
    kept = np.flatnonzero(trace.removed_by == len(sampler.steps))
    assert kept.tolist() == list(left.tokens)
    assert trace.count[-1] == len(left.tokens)
    for token, probability in zip(left.tokens, exact(left), strict=True):
        got, smallest = trace.after[token], np.finfo(dtype).tiny
        unit = max(abs(float(np.spacing(np.dtype(dtype).type(float(probability))))), 0.0)
        assert abs(float(got) - probability) <= max(4 * unit, float(smallest)), (token, got, probability)
    if not arguments:
        uniform = np.random.Generator(np.random.PCG64(seed)).random()
        place = reference.draw(left.integers, uniform)
        assert np.array_equal(sampler.probs(array, state=state, **context), trace.after)
        if state is None:
            assert sampler.sample(array, rng=seed, **context) == left.tokens[place]
            return None
        token, after = sampler.step(array, state, rng=seed, **context)
        assert token == left.tokens[place]
        return left, place, after
    return None
