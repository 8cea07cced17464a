"""Holds a step to its rule: the same tokens left, exactly; their probabilities to 4 units; the same draw."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logitlab import Sampler, reference
from logitlab.sampling import Temperature, TopK

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
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


SEEDS = st.integers(0, 1000)
TEMPERATURES = st.sampled_from([0.1, 0.7, 2.0, 10.0])
SHARES = st.one_of(st.floats(0, 1), st.sampled_from([0.0, 1.0, 0.5, 0.25, 1e-300]))
MIN_KEEP = st.sampled_from([1, 1, 2, 5])


def row_tests(step, rule, **parameters):
    """The tests of a step, which takes the parameters, against its rule, which takes them after what is left.

    On short rows, on long ones, and after a temperature.
    """
    drawn = st.fixed_dictionaries(parameters)

    @DTYPES
    @SHORT
    @given(row=rows, seed=SEEDS, drawn=drawn)
    def on_short_rows(dtype, row, seed, drawn):
        hold(step(**drawn), lambda left: rule(left, **drawn), row, dtype, seed=seed)

    @DTYPES
    @LONG
    @given(row=long_rows(), seed=SEEDS, drawn=drawn)
    def on_long_rows(dtype, row, seed, drawn):
        hold(step(**drawn), lambda left: rule(left, **drawn), row, dtype, seed=seed)

    @DTYPES
    @SHORT
    @given(row=rows, T=TEMPERATURES, drawn=drawn)
    def after_a_temperature(dtype, row, T, drawn):
        steps = [Temperature(T), step(**drawn)]
        hold(steps, lambda left: rule(reference.temperature(left, T), **drawn), row, dtype)

    return on_short_rows, on_long_rows, after_a_temperature


def history_tests(step, rule, fit=None, **parameters):
    """The same for a step that looks at the tokens so far: the rule takes what is left and the history first.

    Of long rows the best tokens occurred, and a selection comes after the step, too. `fit` makes drawn parameters fit
    a row of n tokens.
    """
    drawn, fit = st.fixed_dictionaries(parameters), fit or (lambda drawn, n: drawn)

    @DTYPES
    @SHORT
    @given(data=st.data(), row=rows, seed=SEEDS, drawn=drawn)
    def on_short_rows(dtype, data, row, seed, drawn):
        drawn, history = fit(drawn, len(row)), data.draw(histories(row))
        hold(step(**drawn), lambda left: rule(left, history, **drawn), row, dtype, history=history, seed=seed)

    @DTYPES
    @LONG
    @given(data=st.data(), row=long_rows(), seed=SEEDS, drawn=drawn)
    def on_long_rows(dtype, data, row, seed, drawn):
        best = sorted(range(len(row)), key=lambda i: (-row[i], i))[:6]
        context = {"history": [best[i] for i in data.draw(histories(row))], "seed": seed}

        def changed(left):
            return rule(left, context["history"], **drawn)

        hold(step(**drawn), changed, row, dtype, **context)
        hold([step(**drawn), TopK(4)], lambda left: reference.top_k(changed(left), 4), row, dtype, **context)

    @DTYPES
    @SHORT
    @given(data=st.data(), row=rows, T=TEMPERATURES, drawn=drawn)
    def after_a_temperature(dtype, data, row, T, drawn):
        drawn, history = fit(drawn, len(row)), data.draw(histories(row))
        steps = [Temperature(T), step(**drawn)]
        hold(
            steps,
            lambda left: rule(reference.temperature(left, T), history, **drawn),
            row,
            dtype,
            history=history,
        )

    return on_short_rows, on_long_rows, after_a_temperature


def surprisal_tests(step, rule):
    """The tests of a step that holds the surprisal near tau by a state mu; the rule takes what is left, and mu."""
    drawn = {"mu": st.floats(0.1, 30), "seed": SEEDS, "T": st.sampled_from([0.5, 1.0, 3.0])}

    def hold_in_state(row, dtype, mu, seed, T):
        left, place, (after,) = hold(
            [Temperature(T), step(4.0, 0.25)],
            lambda left: rule(reference.temperature(left, T), mu),
            row,
            dtype,
            seed=seed,
            state=(mu,),
        )
        surprisal = -np.log2(left.integers[place] / sum(left.integers))
        assert after == pytest.approx(mu - 0.25 * (surprisal - 4.0), abs=1e-12)

    @DTYPES
    @SHORT
    @given(row=rows, **drawn)
    def on_short_rows(dtype, row, mu, seed, T):
        hold_in_state(row, dtype, mu, seed, T)

    @DTYPES
    @LONG
    @given(row=long_rows(), **drawn)
    def on_long_rows(dtype, row, mu, seed, T):
        hold_in_state(row, dtype, mu, seed, T)

    def the_state_is_found_and_needed():
        sampler, rng = Sampler([step(2.0, 0.2)]), np.random.default_rng(0)
        row, state, mu = np.random.default_rng(1).standard_normal(3000) * 2, None, []
        for _ in range(400):
            _, state = sampler.step(row, state, rng)
            mu.append(state[0])
        surprisal = 2.0 - np.diff(mu) / 0.2
        assert abs(surprisal[100:].mean() - 2.0) < 0.2
        for method in (sampler.sample, sampler.probs, sampler.trace):
            with pytest.raises(ValueError, match=r"state = sampler\.step"):
                method(row)
        assert sampler.start() == (4.0,)
        assert sampler.trace(row, state=state).count[-1] == np.count_nonzero(sampler.probs(row, state=state))
        with pytest.raises(ValueError, match="1 of them, got 2"):
            sampler.step(row, (1.0, 2.0))
        for wrong in (1.0, "4"):
            with pytest.raises(TypeError, match=f"state must be a tuple .* got {wrong!r}"):
                sampler.probs(row, state=wrong)
        with pytest.raises(ValueError, match="mu must be finite, got nan"):
            sampler.step(row, (np.nan,))

    return on_short_rows, on_long_rows, the_state_is_found_and_needed
