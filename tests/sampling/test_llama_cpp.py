"""The llama.cpp engine beside llama.cpp: the same tokens are kept on rows without ties at a cut, and draws agree.

llama.cpp adds probabilities up in float32, one after the other; logitlab compares sums exactly. So a row is compared
when every cut of it is clear: no parameter a little smaller or larger, and no logit moved by a few float32 roundings
towards the other side, lets a step remove other tokens. One pair of options is not compared: llama.cpp's top_n_sigma
leaves tokens of probability 0 in the list, and its typical_p then computes 0 log 0 = NaN.
"""

import platform
import sys
from importlib.util import find_spec

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from needs import built_in

from logitlab import Sampler
from logitlab.sampling import ENGINES

HAS_WHEEL = sys.platform == "linux" and platform.machine() == "x86_64"
if not find_spec("xllamacpp"):
    elsewhere = "not on this machine: the wheel with llama.cpp is for Linux on x86-64"
    pytest.skip("xllamacpp is not installed" if HAS_WHEEL else elsewhere, allow_module_level=True)

from .llama_chain import Chain, llamas_parameters  # noqa: E402

CUTS = ("top_p", "min_p", "typical_p", "top_n_sigma", "xtc_threshold")
DRAWS = 20_000
ROUNDING = 3e-6


def optional(**strategies):
    return st.fixed_dictionaries({}, optional=strategies)


FILTERS = {
    "top_n_sigma": st.floats(0.5, 4),
    "top_k": st.integers(1, 400),
    "typical_p": st.floats(0.1, 0.99),
    "top_p": st.floats(0.05, 0.99),
    "min_p": st.floats(1e-3, 0.9),
    "temperature": st.one_of(st.just(0.0), st.floats(0.2, 3)),
}
LOOKING_BACK = {
    "repeat_penalty": st.floats(0.7, 2),
    "presence_penalty": st.floats(-1, 2),
    "frequency_penalty": st.floats(-1, 2),
    "logit_bias": st.dictionaries(st.integers(0, 49), st.floats(-5, 5, width=32), min_size=1, max_size=4),
}
COINS = st.sampled_from([{}, {"xtc_probability": 1.0, "xtc_threshold": 0.05}])


def removed_by(options, logits, history):
    sampler = Sampler(engine="llama.cpp", **options)
    return sampler.trace(logits, history=history).removed_by


def kept(options, logits, history):
    removed = removed_by(options, logits, history)
    return np.flatnonzero(removed == removed.max()).tolist()


def moved(options, logits, removed):
    """The row with every logit a little nearer to the other side of a cut, for each cut."""
    logits = logits.astype(np.float64)
    for number, step in enumerate(Sampler(engine="llama.cpp", **options).steps[: removed.max()]):
        left = removed > number
        over = np.where(left, -1, 1)
        if step.kind == "typical_p":  # removes on both sides of the entropy, a sum of n roundings
            middle = (logits[left].min() + logits[left].max()) / 2
            over = over * np.sign(middle - logits) * np.sqrt(logits.size)
        yield logits + over * ROUNDING


def is_clear(options, logits, history):
    """Whether no step removes other tokens for parameters, or logits, that differ a little."""
    if {"top_n_sigma", "typical_p"} <= options.keys():
        return False
    here = removed_by(options, logits, history)
    share = max(1e-5, 2e-8 * logits.size)  # that its sums of float32 lose, the tail of a real row the most
    nudged = [
        options | {name: options[name] * (1 + nudge)}
        for name in CUTS
        if name in options
        for nudge in (-share, share)
    ]
    return all(np.array_equal(removed_by(other, logits, history), here) for other in nudged) and all(
        np.array_equal(removed_by(options, row, history), here) for row in moved(options, logits, here)
    )


def row_of(seed, n, spread):
    rng = np.random.default_rng(seed)
    logits = (rng.standard_normal(n) * spread).astype(np.float32)
    return logits, rng.choice(np.argsort(-logits)[:20], 80).tolist()


@settings(max_examples=300, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    n=st.sampled_from([50, 300, 5000]),
    spread=st.sampled_from([0.5, 2, 4]),
    options=optional(**FILTERS, **LOOKING_BACK),
    coin=COINS,
)
def test_the_same_tokens_are_kept(seed, n, spread, options, coin):
    logits, history = row_of(seed, n, spread)
    options = options | coin
    assume(options and len(set(logits.tolist())) == n)
    assume(is_clear(options, logits, history))
    assert kept(options, logits, history) == Chain(n, options, history).kept(logits)


def values_kept(options, logits):
    """The logits that are left, in order: which of equal ones are kept depends on llama.cpp's unstable sort."""
    return np.sort(logits[kept(options, logits, [])]).tolist()


def is_clear_of_bounds(options, logits):
    """Whether no parameter a little smaller or larger keeps other values."""
    here = values_kept(options, logits)
    nudges = [
        options | {name: options[name] * by}
        for name in CUTS
        if name in options
        for by in (1 - 1e-5, 1 + 1e-5)
    ]
    return all(values_kept(other, logits) == here for other in nudges)


@settings(max_examples=500, derandomize=True)
@given(
    seed=st.integers(0, 10**6),
    n=st.sampled_from([4, 50, 300]),
    levels=st.integers(2, 8),
    options=optional(**FILTERS),
    coin=COINS,
)
def test_as_many_of_equal_logits_are_kept(seed, n, levels, options, coin):
    """Rows of a few levels: a cut mostly falls among equal logits, and their number is the rule."""
    logits = (np.random.default_rng(seed).integers(0, levels, n) * np.float32(0.75)).astype(np.float32)
    options = options | coin
    assume(options and not {"top_n_sigma", "typical_p"} <= options.keys())
    assume(is_clear_of_bounds(options, logits))
    assert values_kept(options, logits) == np.sort(logits[Chain(n, options, []).kept(logits)]).tolist()


@pytest.fixture(scope="module")
def model():
    return built_in()


@pytest.fixture(scope="module")
def real_rows(model):
    """Logits of a language model, with the tokens before them, and llama.cpp's view of its vocabulary."""
    from llms.llama_cpp import Model

    texts = ("What is Singapore?", "one two one two one two one", "Happy birthday, dear")
    prompts = [model.tokenize(text) for text in texts]
    return [(model.next_logits(tokens), tokens) for tokens in prompts], Model(model.path).vocabulary


@pytest.mark.model
@settings(max_examples=100, derandomize=True)
@given(
    which=st.integers(0, 2),
    options=optional(**FILTERS, **LOOKING_BACK, dry_multiplier=st.floats(0.1, 3)),
    coin=COINS,
)
def test_the_same_tokens_of_a_real_row_are_kept(real_rows, which, options, coin):
    rows, vocabulary = real_rows
    logits, history = rows[which]
    options = options | coin
    assume(options and is_clear(options, logits, history))
    theirs = Chain(logits.size, options, history, vocabulary).kept(logits)
    if "dry_multiplier" in options:
        options["dry_sequence_breakers"] = ()
    assert kept(options, logits, history) == theirs


def p_value(first, second):
    """Return the chance of two samples at least as different, were they of one distribution: Pearson's chi-square."""
    counts = np.array([np.bincount(tokens, minlength=ROW.size) for tokens in (first, second)])
    often = counts.sum(0) >= 20
    table = np.column_stack([counts[:, often], counts[:, ~often].sum(1)])
    table = table[:, table.sum(0) > 0]
    expected = table.sum(1, keepdims=True) * table.sum(0) / table.sum()
    statistic = ((table - expected) ** 2 / expected).sum()
    return float(mpmath.gammainc((table.shape[1] - 1) / 2, statistic / 2, regularized=True))


ROW, HISTORY = row_of(3, 500, 2)
REQUESTS = [
    {"temperature": 0.8},
    {"temperature": 1.5, "top_k": 40},
    {"temperature": 0.8, "top_k": 40, "top_p": 0.9},
    {"temperature": 0.8, "top_k": 40, "top_p": 0.95, "min_p": 0.05},
    {"temperature": 1.2, "dynatemp_range": 0.5, "top_k": 100},
    {"temperature": 2.0, "typical_p": 0.7},
    {"temperature": 1.0, "repeat_penalty": 1.3, "presence_penalty": 0.5, "frequency_penalty": 0.1},
    {"temperature": 1.0, "top_n_sigma": 1.5, "xtc_probability": 0.4, "xtc_threshold": 0.02},
]


@pytest.mark.parametrize("options", REQUESTS, ids=str)
def test_draws_agree(options):
    chain, sampler = Chain(ROW.size, options, HISTORY), Sampler(engine="llama.cpp", **options)
    theirs = [chain.draw(ROW) for _ in range(DRAWS)]
    ours = sampler.sample(ROW, size=DRAWS, rng=0, history=HISTORY)
    assert p_value(ours, theirs) > 1e-5
    other = sampler.replace(temperature=options["temperature"] * 1.4)
    assert p_value(other.sample(ROW, size=DRAWS, rng=0, history=HISTORY), theirs) < 1e-5  # it would be seen


def test_order_and_defaults_are_llama_cpps():
    theirs, ours = llamas_parameters(), ENGINES["llama.cpp"]
    penalties = ("repetition_penalty", "presence_penalty", "frequency_penalty")
    names = {
        "penalties": penalties,
        "typ_p": ("typical_p",),
        "temperature": ("dynamic_temperature", "temperature"),
    }
    order = [kind for name in theirs.samplers.split(";") for kind in names.get(name, (name,))]
    apart = [
        kind for kind in ours.order if kind not in ("logit_bias", "adaptive_p")
    ]  # first, and in place of the draw
    assert apart == order
    defaults = {
        "top_k": theirs.top_k,
        "top_p": theirs.top_p,
        "min_p": theirs.min_p,
        "temperature": theirs.temp,
    }
    assert ours.defaults == pytest.approx(defaults)
    off = {"typ_p": 1, "xtc_probability": 0, "dry_multiplier": 0, "penalty_repeat": 1, "penalty_freq": 0,
           "penalty_present": 0, "dynatemp_range": 0, "mirostat": 0, "adaptive_target": -1}  # fmt: skip
    assert {name: getattr(theirs, name) for name in off} == off
    assert ours.edges["dry"]["last_n"] == theirs.dry_penalty_last_n
    assert {ours.edges[kind]["last_n"] for kind in penalties} == {theirs.penalty_last_n}
