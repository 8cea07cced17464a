"""`sample` and `BuiltIn().complete` take the same option names: all that the steps of a sampler have."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import logitlab as ll
from logitlab import Sampler
from logitlab.llms import BuiltIn
from logitlab.ranges import range_of
from logitlab.sampling.options import ALIASES, known

ROW = (np.random.default_rng(0).standard_normal(300) * 3).astype(np.float32)
HISTORY = np.argsort(-ROW)[:8].tolist() * 2
VALUES = {
    "dynatemp_range": 0.3, "dynatemp_exponent": 1.5, "top_n_sigma": 2.0, "typical_p": 0.9, "top_h": 0.7, "top_a": 0.1,
    "p_less": True, "tfs_z": 0.9, "smoothing_factor": 0.1, "smoothing_curve": 1.5, "epsilon_cutoff": 0.01,
    "eta_cutoff": 0.01, "xtc_probability": 0.5, "xtc_threshold": 0.1, "repeat_penalty": 1.2, "presence_penalty": 0.5,
    "frequency_penalty": 0.1, "repeat_last_n": 4, "dry_multiplier": 0.8, "dry_base": 1.5, "dry_allowed_length": 1,
    "dry_penalty_last_n": 10, "dry_sequence_breakers": [3], "no_repeat_ngram_size": 2, "logit_bias": {5: 9.0},
    "ban_tokens": [int(ROW.argmax())], "min_new_tokens": 3, "eos_token_id": int(ROW.argmax()), "temperature": 0.8,
    "top_k": 40, "top_p": 0.9, "min_p": 0.02,
}  # fmt: skip
STATEFUL = {name for name in known() if name.startswith(("mirostat", "adaptive"))}
for _name, _users in known().items():  # an option that is not above has a number from its range
    if _name not in VALUES and _name not in STATEFUL:
        VALUES[_name] = min(max(range_of(*_users[0]).low, 0) + 0.5, 0.9)
NEEDS = {  # an option that only changes a step needs the one that asks for it
    "dynatemp_exponent": "dynatemp_range", "smoothing_curve": "smoothing_factor", "xtc_threshold": "xtc_probability",
    "repeat_last_n": "repeat_penalty", "eos_token_id": "min_new_tokens", "min_new_tokens": "eos_token_id",
} | {name: "dry_multiplier" for name in VALUES if name.startswith("dry_") and name != "dry_multiplier"}  # fmt: skip


def with_what_it_needs(name):
    return {key: VALUES[key] for key in (name, NEEDS.get(name)) if key}


@pytest.mark.parametrize("name", sorted(set(known()) & set(VALUES)))
def test_each_option_draws_as_the_sampler(name):
    options = with_what_it_needs(name)
    got = ll.sample(ROW, size=50, rng=3, history=HISTORY, generated=5, **options)
    expected = Sampler(**options).sample(ROW, size=50, rng=3, history=HISTORY, generated=5)
    assert np.array_equal(got, expected)


@given(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=6, unique=True), st.integers(0, 1000))
def test_many_options_draw_as_the_sampler(names, seed):
    options = {key: value for name in names for key, value in with_what_it_needs(name).items()}
    got = ll.sample(ROW, rng=seed, history=HISTORY, **options)
    assert got == Sampler(**options).sample(ROW, rng=seed, history=HISTORY)


def test_the_names_are_those_of_the_built_in_model():
    own = set(inspect.signature(ll.sample).parameters) - {
        "logits",
        "size",
        "axis",
        "rng",
        "workers",
        "options",
    }
    assert own == {"temperature", "top_k", "top_p", "min_p"}
    assert own | set(known()) <= set(BuiltIn._takes)
    assert set(known()) - STATEFUL == set(VALUES)


def test_other_names_of_an_option():
    assert ALIASES["repetition_penalty"] == "repeat_penalty"
    a = ll.sample(ROW, repetition_penalty=1.3, history=HISTORY, rng=1, size=20)
    assert np.array_equal(a, ll.sample(ROW, repeat_penalty=1.3, history=HISTORY, rng=1, size=20))


def test_shape_and_axis_are_those_of_sample():
    rows = np.stack([ROW, ROW[::-1]], axis=1)
    got = ll.sample(rows, axis=0, size=(2, 3), typical_p=[0.2, 0.9], rng=0)
    assert got.shape == (2, 2, 3)
    assert np.array_equal(got, Sampler(typical_p=[0.2, 0.9]).sample(rows, axis=0, size=(2, 3), rng=0))
    assert isinstance(ll.sample(ROW, typical_p=0.5, rng=0), np.intp)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"top_pp": 1},
            TypeError,
            r"sample\(\) got an unexpected keyword argument 'top_pp'; did you mean 'top_p'",
        ),
        (
            {"T": 1.0, "typical_p": 0.5},
            TypeError,
            "unexpected keyword argument 'T': it is called temperature= here",
        ),
        ({"typical_p": 2.0}, ValueError, "typical_p must be"),
        ({"mirostat_tau": 5.0}, ValueError, "without a state"),
        ({"repeat_last_n": 5}, ValueError, "repeat_last_n needs"),
        ({"repeat_penalty": 1.1, "history": [300]}, ValueError, "300"),
    ],
    ids=str,
)
def test_errors(options, error, message):
    with pytest.raises(error, match=message):
        ll.sample(ROW, **options)
