"""A Sampler is a value: immutable, equal, hashable, printable, picklable, to JSON and back; one sees its order."""

import copy
import pickle
from dataclasses import fields

import numpy as np
import pytest
from numpy.random import PCG64, Generator, SeedSequence

import logitlab as ll
from logitlab import Sampler
from logitlab.sampling import (
    DRY,
    ENGINES,
    XTC,
    BanTokens,
    LogitBias,
    MinNewTokens,
    MinP,
    PresencePenalty,
    RepetitionPenalty,
    Step,
    Temperature,
    TopK,
    TopP,
    TypicalP,
)
from logitlab.sampling.steps.base import registry

EXAMPLES = {
    "on": {"on": True},
    "bias": {"bias": {3: 1.5, (1, 2): float("-inf")}},
    "tokens": {"tokens": [1, (2, 3)]},
    "eos": {"n": 3, "eos": [1, 2]},
    "multiplier": {"multiplier": 0.8, "breakers": [1, (2, 3)]},
    "probability": {"probability": 0.5},
    "penalty": {"penalty": 1.1, "last_n": 64, "scope": "generated"},
}


def example(kind):
    """A step of each kind, with parameters that are not its defaults."""
    step = registry[kind]
    names = [field.name for field in fields(step)]
    for name, parameters in EXAMPLES.items():
        if name in names:
            return step(**parameters)
    return step(**{name: 1 for name in names[:1]})


STEPS = [example(kind) for kind in registry]
ARRAYS = Sampler([TopK([1, 2, 3]), Temperature([[0.5], [1.5]])])
SAMPLERS = [Sampler([step]) for step in STEPS] + [Sampler(STEPS), Sampler([]), ARRAYS]


@pytest.mark.parametrize("sampler", SAMPLERS, ids=repr)
def test_value(sampler):
    for other in (
        pickle.loads(pickle.dumps(sampler)),
        copy.deepcopy(sampler),
        Sampler.from_json(sampler.to_json()),
        Sampler(list(sampler.steps)),
    ):
        assert other == sampler
        assert hash(other) == hash(sampler)
        assert repr(other) == repr(sampler)


@pytest.mark.parametrize("sampler", SAMPLERS[:-1], ids=repr)
def test_printed_form_makes_it_again(sampler):
    names = {name: getattr(ll.sampling, name) for name in ll.sampling.__all__} | {"inf": float("inf")}
    assert eval(repr(sampler), names) == sampler


def test_different_samplers_differ():
    assert Sampler(top_k=1) != Sampler(top_k=2)
    assert Sampler(top_k=1) != Sampler(top_k=1, engine="llama.cpp")
    assert Sampler([TopK([1, 2])]) != Sampler([TopK([1, 3])])
    assert TopK(1) != Temperature(1)
    assert len({Sampler(top_k=1), Sampler(top_k=1), Sampler(top_k=2)}) == 2


def test_nothing_changes():
    sampler, step = Sampler(top_k=5), TopK([1, 2])
    with pytest.raises(AttributeError, match="replace"):
        sampler.steps = ()
    with pytest.raises(AttributeError):
        del sampler.steps
    with pytest.raises(AttributeError):
        step.k = 3
    with pytest.raises(ValueError, match="read-only"):
        step.k[0] = 5
    given = np.array([1, 2])
    step = TopK(given)
    given[0] = 9
    assert step == TopK([1, 2])


def test_only_what_is_given():
    assert Sampler(temperature=0.8, top_k=50).steps == (TopK(50), Temperature(0.8))
    assert Sampler().steps == ()
    assert Sampler(temperature=0.8, top_p=None).steps == (Temperature(0.8),)


def test_order_of_engines():
    options = {"temperature": 0.7, "top_k": 5, "top_p": 0.9, "min_p": 0.1}
    order = {engine: [s.kind for s in Sampler(**options, engine=engine).steps] for engine in ENGINES}
    assert order["ollama"] == order["llama.cpp"] == ["top_k", "top_p", "min_p", "temperature"]
    assert order["ollama-mlx"] == ["top_k", "temperature", "top_p", "min_p"]
    assert order["transformers"] == ["temperature", "top_k", "top_p", "min_p"]
    assert order["vllm"] == ["temperature", "min_p", "top_k", "top_p"]
    assert order["mlx-lm"] == ["top_p", "min_p", "top_k", "temperature"]


def test_edges_of_engines():
    assert Sampler(top_k=5, engine="transformers").steps == (TopK(5, ties="keep"),)
    assert Sampler(typical_p=0.5).steps == (TypicalP(0.5, strict=True),)
    assert Sampler(repeat_penalty=1.1).steps == (RepetitionPenalty(1.1, last_n=64),)
    assert Sampler(repeat_penalty=1.1, repeat_last_n=9).steps == (RepetitionPenalty(1.1, last_n=9),)
    mlx = Sampler(top_p=0.0, xtc_probability=0.5, engine="mlx-lm")
    assert mlx.steps == (TopP(0.0, zero="off", ties="keep"), XTC(0.5, strict=True, ties="keep"))
    assert Sampler(top_p=0.0, engine="ollama-mlx").steps == (TopP(0.0, zero="off"),)
    assert (Sampler(top_p=0.0, engine="ollama-mlx").probs([0.0, 1.0]) > 0).all()
    assert Sampler(presence_penalty=1, engine="vllm").steps == (PresencePenalty(1.0, scope="generated"),)


def test_defaults():
    assert Sampler.defaults("ollama").steps == (TopK(40), TopP(0.9), Temperature(0.8))
    assert Sampler.defaults("ollama", temperature=1.0, top_k=0).steps == (
        TopK(0),
        TopP(0.9),
        Temperature(1.0),
    )
    assert Sampler.defaults("llama.cpp").steps == (TopK(40), TopP(0.95), MinP(0.05), Temperature(0.8))
    assert all(engine.version for engine in ENGINES.values())


def test_every_step_has_an_option_and_a_place():
    assert set(ENGINES["ollama"].order) == set(registry)
    for step in STEPS:
        assert step.options
        assert Sampler([step]).options or step.has_state


def test_replace():
    sampler = Sampler(temperature=0.8, top_k=50)
    assert sampler.replace(top_k=10) == Sampler(temperature=0.8, top_k=10)
    assert sampler.replace(top_k=None) == Sampler(temperature=0.8)
    assert sampler.replace(min_p=0.1) == Sampler(temperature=0.8, top_k=50, min_p=0.1)
    assert sampler == Sampler(temperature=0.8, top_k=50)
    own = Sampler([Temperature(2.0), TopK(5)])  # not the engine's order, and it stays so
    assert own.replace(temperature=1.0).steps == (Temperature(1.0), TopK(5))
    assert Sampler(repeat_penalty=1.1).replace(repeat_last_n=5).steps == (RepetitionPenalty(1.1, last_n=5),)


def test_options_and_back():
    for options in ({"top_k": 3, "temperature": 0.5}, {"xtc_probability": 0.5, "xtc_threshold": 0.2}):
        assert Sampler(**options).options == options
        assert Sampler(**Sampler(**options).options) == Sampler(**options)


WRONG = [
    ({"top_p": 1.5}, ValueError, r"top_p must be in \[0, 1\], got 1.5"),
    ({"top_p": float("nan")}, ValueError, "top_p must be in"),
    ({"top_p": [0.5, -1.0]}, ValueError, "top_p must be in"),
    ({"min_p": -0.1}, ValueError, "min_p must be in"),
    ({"typical_p": 2}, ValueError, "typical_p must be in"),
    ({"temperature": -1}, ValueError, "temperature must be >= 0, got -1"),
    ({"temperature": "warm"}, TypeError, "temperature must be a real number"),
    ({"top_k": -1}, ValueError, "k must be an integer >= 0, got -1"),
    ({"top_k": 1.5}, TypeError, "k must be an integer >= 0"),
    ({"top_k": True}, TypeError, "k must be an integer"),
    ({"repeat_penalty": 0}, ValueError, "penalty must be > 0, got 0"),
    (
        {"presence_penalty": float("inf")},
        ValueError,
        r"presence_penalty must be in \[-1e\+30, 1e\+30\], got inf",
    ),
    (
        {"dry_multiplier": 1.0, "dry_allowed_length": 0},
        ValueError,
        "allowed_length must be an integer >= 1",
    ),
    ({"logit_bias": {1: float("nan")}}, ValueError, "bias must be finite, or -inf"),
    ({"logit_bias": {-1: 1.0}}, ValueError, "token ids >= 0"),
    ({"logit_bias": {1.5: 1.0}}, TypeError, "token ids"),
    ({"ban_tokens": "the"}, TypeError, "token ids"),
    ({"ban_tokens": [()]}, ValueError, "empty"),
    ({"temprature": 1}, TypeError, "did you mean 'temperature'"),
    ({"engine": "gpt"}, ValueError, "engine must be one of 'ollama'"),
    ({"typical_p": 0.5, "engine": "vllm"}, ValueError, "'vllm' has no typical_p"),
    ({"xtc_threshold": 0.1}, ValueError, "xtc_threshold needs xtc_probability"),
    ({"steps": [TopK(1)], "top_k": 2}, TypeError, "steps or options"),
    ({"steps": TopK(1)}, TypeError, "sequence of steps"),
    ({"steps": ["top_k"]}, TypeError, "steps such as TopK"),
]


@pytest.mark.parametrize(("options", "error", "message"), WRONG, ids=lambda v: str(v)[:50])
def test_wrong_parameters(options, error, message):
    with pytest.raises(error, match=message):
        Sampler(**options)


ROW = np.array([0.0, 1.0, 2.0])
WRONG_CALLS = [
    (Sampler([]), {"history": [3]}, ValueError, r"history must be token ids in \[0, 3\), got 3"),
    (Sampler([]), {"history": [-1]}, ValueError, "history must be token ids in"),
    (Sampler([]), {"history": [0.5]}, TypeError, "history must be token ids"),
    (Sampler([]), {"history": {1, 2}}, TypeError, "history must be token ids"),  # in no order
    (Sampler([]), {"history": {1: 2}}, TypeError, "history must be token ids"),
    (Sampler([]), {"history": [[0], [1]]}, ValueError, "one for all rows or 1 of them, got 2"),
    (Sampler([]), {"generated": -1}, ValueError, "generated must be a number of tokens"),
    (Sampler(logit_bias={3: 1.0}), {}, ValueError, r"logit_bias must be token ids in \[0, 3\), got 3"),
    (Sampler(ban_tokens=[7]), {}, ValueError, r"ban_tokens must be token ids in \[0, 3\), got 7"),
    (Sampler(ban_tokens=[0, 1, 2]), {}, ValueError, "step 1, ban_tokens, left none of row 0"),
    (
        Sampler([TopK(1), LogitBias({2: float("-inf")})]),
        {},
        ValueError,
        "step 2, logit_bias, left none of row 0",
    ),
    (Sampler(top_k=[1, 2]), {"axis": 5}, ValueError, "axis"),
]


@pytest.mark.parametrize("method", ["sample", "probs", "trace"])
@pytest.mark.parametrize(("sampler", "arguments", "error", "message"), WRONG_CALLS, ids=lambda v: str(v)[:50])
def test_wrong_calls(method, sampler, arguments, error, message):
    with pytest.raises(error, match=message):
        getattr(sampler, method)(ROW, **arguments)


@pytest.mark.parametrize("method", ["sample", "probs", "trace"])
def test_rows_without_a_token_are_named(method):
    batch = np.zeros((3, 4))
    batch[1] = -np.inf
    with pytest.raises(ValueError, match="row 1 of the batch"):
        getattr(Sampler(top_k=2), method)(batch)
    batch[1] = np.nan
    with pytest.raises(ValueError, match="row 1 of the batch"):
        getattr(Sampler(top_k=2), method)(batch)
    batch = np.zeros((2, 2))
    with pytest.raises(ValueError, match="step 1, ban_tokens, left none of row 0"):
        getattr(Sampler(ban_tokens=[0, 1]), method)(batch)


def test_certain_rows():
    row = np.array([0.0, np.inf, 5.0, np.inf])
    assert Sampler(temperature=0.5, presence_penalty=3).probs(row, history=[1]).tolist() == [0, 0.5, 0, 0.5]
    assert Sampler(ban_tokens=[1], temperature=2.0).probs(row).tolist() == [0, 0, 0, 1]
    banned = Sampler(ban_tokens=[1, 3]).probs(row)
    np.testing.assert_allclose(banned, [1 / (1 + np.e**5), 0, 1 / (1 + np.e**-5), 0])
    late = Sampler([TopK(3), BanTokens([1, 3])])  # once they are certain, nothing else is left
    with pytest.raises(ValueError, match="step 2, ban_tokens, left none"):
        late.probs(row)


@pytest.mark.parametrize(
    "rng", [3, Generator(PCG64(3)), PCG64(3), SeedSequence(3)], ids=lambda r: type(r).__name__
)
def test_same_draws_as_sample(rng):
    row = np.random.default_rng(0).standard_normal(1000)
    wanted = ll.sample(row, temperature=0.7, top_k=20, top_p=0.9, min_p=0.05, size=8, rng=3)
    drawn = Sampler(temperature=0.7, top_k=20, top_p=0.9, min_p=0.05).sample(row, size=8, rng=rng)
    assert drawn.tolist() == wanted.tolist()


def test_no_steps_is_softargmax():
    for n in (3, 64, 700, 5000):
        for dtype in (np.float16, np.float32, np.float64):
            row = np.random.default_rng(n).standard_normal(n).astype(dtype)
            assert Sampler([]).probs(row).dtype == dtype
            assert np.array_equal(Sampler([]).probs(row), ll.softargmax(row))
            assert np.array_equal(Sampler(temperature=0.3).probs(row), ll.softargmax(row, 0.3))


def test_probs_has_the_bits_of_the_masked_row():
    for n in (5, 300, 3000):
        row = np.random.default_rng(n).standard_normal(n).astype(np.float32) * 3
        for sampler in (
            Sampler(top_k=4),
            Sampler(top_p=0.8),
            Sampler(min_p=0.01),
            Sampler(ban_tokens=[0, 2]),
        ):
            p = sampler.probs(row)
            assert np.array_equal(p, ll.softargmax(np.where(p > 0, row, -np.inf)))


def test_axes():
    batch = np.random.default_rng(0).standard_normal((4, 5, 6))
    sampler = Sampler(top_k=2, temperature=0.5)
    for axis in (0, 1, 2, -1, -2, -3):
        moved = np.moveaxis(batch, axis, -1)
        p = sampler.probs(batch, axis=axis)
        assert p.shape == batch.shape
        assert p.flags.c_contiguous
        assert np.array_equal(np.moveaxis(p, axis, -1), sampler.probs(np.ascontiguousarray(moved)))
    assert sampler.probs(batch, axis=None).shape == batch.shape
    assert np.count_nonzero(sampler.probs(batch, axis=None)) == 2


def test_input_is_not_written():
    row = np.random.default_rng(0).standard_normal(3000)
    before = row.copy()
    row.flags.writeable = False
    sampler = Sampler([PresencePenalty(1.0), BanTokens([1, 2]), TopK(9)])
    sampler.sample(row, history=[1, 2])
    sampler.probs(row, history=[1, 2])
    sampler.trace(row, history=[1, 2])
    assert np.array_equal(row, before)


def test_more_changes_than_are_kept_beside_a_row():
    row = np.random.default_rng(0).standard_normal(6000).astype(np.float32)
    many = np.random.default_rng(1).permutation(6000)[:3000]
    for sampler in (
        Sampler(presence_penalty=2.0, repeat_last_n=-1),
        Sampler(logit_bias=dict.fromkeys(many.tolist(), -2.0)),
    ):
        changed = row.copy()
        changed[many] = (row[many].astype(np.float64) - 2).astype(np.float32)
        assert np.array_equal(sampler.probs(row, history=many), ll.softargmax(changed))
        chosen = sampler.replace(top_k=50).sample(row, size=9, rng=1, history=many)
        assert chosen.tolist() == ll.sample(changed, top_k=50, size=9, rng=1).tolist()


def test_a_changed_maximum_is_found_again():
    row = np.random.default_rng(0).standard_normal(4000).astype(np.float32)
    best = np.argsort(-row)[:300]
    for count in (1, 2, 40, 300):
        p = Sampler(ban_tokens=best[:count].tolist()).probs(row)
        masked = row.copy()
        masked[best[:count]] = -np.inf
        assert np.array_equal(p, ll.softargmax(masked))
    raised = row.copy()
    raised[17] = np.float32(row[17] + 9.0)
    assert np.array_equal(Sampler(logit_bias={17: 9.0}).probs(row), ll.softargmax(raised))


def test_steps_are_steps():
    assert all(isinstance(step, Step) and type(step).__doc__ for step in STEPS)
    assert DRY(1.0, breakers=[1, (2, 3)]).breakers == ((1,), (2, 3))
    assert MinNewTokens(2, eos=5).eos == ((5,),)
    assert XTC(0.5).coins == 1
