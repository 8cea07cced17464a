"""sample: the rule of the draw to the last integer, its shapes and streams, its agreement with the probabilities."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import logitlab as ll
from logitlab import reference

from .given import Given

FORMATS = {"float32": reference.SINGLE, "float64": reference.DOUBLE}
ONE = 1 - 2.0**-53


def boundaries(q):
    """For each running sum the largest u that stays below it and the smallest that does not."""
    total, running, uniforms = sum(q), 0, [0.0, ONE]
    for weight in q[:-1]:
        running += weight
        first = -(-running * 2**53 // total)
        uniforms += [u / 2**53 for u in (first - 1, first) if 0 <= u < 2**53]
    return uniforms


@st.composite
def chains(draw):
    """A row with ties and -inf, and options; lengths on both sides of a block."""
    dtype = draw(st.sampled_from(sorted(FORMATS)))
    n = draw(st.one_of(st.integers(1, 12), st.sampled_from([63, 64, 65, 130])))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    row = rng.standard_normal(n) * draw(st.sampled_from([0.0, 0.01, 3.0, 200.0]))
    row = np.round(row, draw(st.sampled_from([0, 1, 9])))
    row[rng.random(n) < draw(st.sampled_from([0.0, 0.3]))] = -np.inf
    row[draw(st.integers(0, n - 1))] = draw(st.sampled_from([0.0, 5.0, 1e30, np.inf]))
    options = {
        "temperature": draw(
            st.sampled_from([None, 0.0, 1e-300, 1e-3, 0.1, 0.8, 1.0, 7.0, 1e3, 1e300, np.inf])
        ),
        "top_k": draw(st.sampled_from([None, 0, 1, 2, 5, 64, 1000])),
        "top_p": draw(st.sampled_from([None, 0.0, 1e-300, 0.25, 0.5, 0.9, 0.999, 1.0])),
        "min_p": draw(st.sampled_from([None, 0.0, 1e-310, 0.05, 0.5, 1.0])),
    }
    return row.astype(dtype), {name: value for name, value in options.items() if value is not None}


def left_of(row, options):
    """What the reference has left after the chain."""
    left = reference.candidates(row.tolist(), FORMATS[row.dtype.name])
    for step in ("top_k", "top_p", "min_p", "temperature"):
        if step in options:
            left = getattr(reference, step)(left, options[step])
    return left


@settings(deadline=None, max_examples=150)
@given(chains())
def test_every_step_of_the_sum_is_where_the_reference_has_it(chain):
    """Equal on both sides of every boundary: any other integer weight would move one."""
    row, options = chain
    left = left_of(row, options)
    uniforms = boundaries(left.integers)
    tokens = ll.sample(row, size=len(uniforms), rng=Given(uniforms), **options)
    expected = [left.tokens[reference.draw(left.integers, u)] for u in uniforms]
    assert tokens.tolist() == expected


@settings(deadline=None, max_examples=60)
@given(chains(), st.integers(0, 2**70))
def test_a_seed_is_the_reference_with_numpys_double(chain, seed):
    row, options = chain
    u = np.random.Generator(np.random.PCG64(seed)).random()
    assert ll.sample(row, rng=seed, **options) == reference.sample(
        row.tolist(), u, format=FORMATS[row.dtype.name], **options
    )


@pytest.mark.parametrize(
    "options", [{}, {"top_k": 50}, {"top_p": 0.9}, {"min_p": 0.01}, {"top_p": 0.9, "min_p": 0.1}]
)
@pytest.mark.parametrize("n", [600, 3000])
def test_long_rows_follow_the_same_rule(n, options):
    """Long rows are not listed but cut, skipped and searched: the reference lists them all the same."""
    row = (np.random.default_rng(n).standard_normal(n) * 3).astype(np.float32)
    row = np.round(row, 1)  # ties at every cut
    left = left_of(row, options | {"temperature": 0.8})
    uniforms = boundaries(left.integers)[:: max(1, n // 300)]
    tokens = ll.sample(row, size=len(uniforms), rng=Given(uniforms), temperature=0.8, **options)
    running = np.cumsum(np.array(left.integers, dtype=object))
    expected = []
    for u in uniforms:
        target = int(u * 2**53) * running[-1] >> 53
        expected.append(left.tokens[int(np.searchsorted(running, target, "right"))])
    assert tokens.tolist() == expected


def test_ends_of_the_interval():
    """u = 0 and the last double below 1: the first and the last token that have a weight."""
    row = np.array([-np.inf, 0.0, -1e9, 0.0, -np.inf])
    assert ll.sample(row, size=2, rng=Given([0.0, ONE])).tolist() == [1, 3]
    long = np.full(5000, -np.inf, np.float32)
    long[[17, 4000]] = 1
    assert ll.sample(long, size=2, rng=Given([0.0, ONE])).tolist() == [17, 4000]


def test_a_generator_that_leaves_the_interval_is_refused():
    for u in (1.0, -0.5, math.nan):
        with pytest.raises(ValueError, match=r"must return doubles in \[0, 1\)"):
            ll.sample([0.0, 1.0], rng=Given([u]))


def test_one_double_per_row_in_c_order():
    """Also at T = 0 and where one candidate is left; `size` takes that many per row, as single calls would."""
    rows = np.random.default_rng(0).standard_normal((3, 4, 9))
    uniforms = np.random.default_rng(1).random(12 * 5)
    source = Given(uniforms)
    whole = ll.sample(rows, size=5, rng=source, temperature=[[0.0], [1.0], [2.0]], top_k=[1, 0, 3, 9])
    assert source.left == []
    assert whole.shape == (3, 4, 5)
    single = Given(uniforms)
    for at in np.ndindex(3, 4):
        options = {"temperature": [0.0, 1.0, 2.0][at[0]], "top_k": [1, 0, 3, 9][at[1]]}
        for i in range(5):
            assert ll.sample(rows[at], rng=single, **options) == whole[(*at, i)]


def test_an_error_leaves_the_stream_past_its_doubles():
    rows = np.zeros((3, 4))
    rows[1] = np.nan
    source = Given([0.1, 0.2, 0.3, 0.4])
    with pytest.raises(ValueError, match="row 1"):
        ll.sample(rows, rng=source)
    assert source.left == [0.4]


def test_shapes_and_types():
    row = np.zeros(7, np.float32)
    one = ll.sample(row, rng=0)
    assert isinstance(one, np.intp)
    assert ll.sample(row, size=3, rng=0).shape == (3,)
    assert ll.sample(row, size=(2, 3), rng=0).shape == (2, 3)
    assert ll.sample(row, size=(), rng=0).shape == ()
    assert ll.sample(np.zeros((2, 7)), size=(3, 4), rng=0).shape == (2, 3, 4)
    assert ll.sample(np.zeros((7, 2)), axis=0, rng=0).shape == (2,)
    assert ll.sample(np.zeros((2, 7)), temperature=np.ones((5, 1)), rng=0).shape == (5, 2)
    assert ll.sample(np.zeros((2, 7)), axis=None, rng=0).shape == ()
    assert ll.sample(row, size=3, rng=0).dtype == np.intp


def test_what_an_rng_may_be():
    row = np.random.default_rng(0).standard_normal(1000)
    expected = ll.sample(row, size=5, rng=12)
    for rng in (np.random.default_rng(12), np.random.PCG64(12), np.random.SeedSequence(12), np.int64(12),
                np.random.Generator(np.random.PCG64(12))):  # fmt: skip
        np.testing.assert_array_equal(ll.sample(row, size=5, rng=rng), expected)
    for generator in (np.random.MT19937(3), np.random.Philox(3), np.random.SFC64(3)):
        u = type(generator)(3)
        single = [ll.sample(row, rng=u) for _ in range(5)]
        np.testing.assert_array_equal(ll.sample(row, size=5, rng=generator), single)
    assert len({int(ll.sample(row)) for _ in range(50)}) > 1
    assert len({int(ll.sample(row, rng=None)) for _ in range(50)}) > 1


@pytest.mark.parametrize(
    "seed", [0, 1, 2**31, 2**32 - 1, 2**32, 2**64 + 5, 2**127, 2**128, 2**200 + 7, 3**500]
)
def test_an_int_is_numpys_pcg64(seed):
    """The whole stream: each double is seen through a row whose token is its leading 12 bits."""
    flat = np.zeros(4096)
    doubles = np.random.Generator(np.random.PCG64(seed)).random(2000)
    np.testing.assert_array_equal(ll.sample(flat, size=2000, rng=seed), (doubles * 4096).astype(int))


@pytest.mark.parametrize(
    "options", [{}, {"top_k": 20}, {"top_p": 0.9}, {"min_p": 0.02}, {"temperature": 2.0}]
)
def test_draws_agree_with_the_probabilities(options):
    """Chi-square over 20 seeds: the p-values are those of a uniform variable."""
    row = np.random.default_rng(0).standard_normal(60) * 2
    kept = np.array(left_of(row, options).tokens)
    p = ll.softargmax(row[kept], options.get("temperature", 1.0))
    statistics = []
    for seed in range(20):
        counts = np.bincount(ll.sample(row, size=20_000, rng=seed, **options), minlength=60)
        assert counts.sum() == counts[kept].sum()
        expected = p * 20_000
        often = expected >= 5
        statistics.append(((counts[kept] - expected) ** 2 / expected)[often].sum() / often.sum())
    # the mean of 20 such statistics has a standard deviation of sqrt(2 / degrees / 20)
    assert abs(np.mean(statistics) - 1) < 5 * math.sqrt(2 / often.sum() / 20)


def test_steps_come_in_the_stated_order():
    """top_p before the temperature: [3, 2, 1] with top_p 0.8 keeps two, at T = 0.5 it would keep one."""
    draws = ll.sample([3.0, 2.0, 1.0], temperature=0.5, top_p=0.8, size=2000, rng=0)
    assert set(draws.tolist()) == {0, 1}
    # top_k before top_p: of four equal tokens two are left, and half of those is one
    assert set(ll.sample(np.zeros(4), top_k=2, top_p=0.5, size=500, rng=0).tolist()) == {0}
    assert set(ll.sample(np.zeros(4), top_p=0.5, size=500, rng=0).tolist()) == {0, 1}
