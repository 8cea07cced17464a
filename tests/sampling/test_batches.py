"""A batch with its own settings in every row gives what single calls give, bit for bit."""

from dataclasses import fields

import numpy as np
import pytest

from logitlab import Sampler
from logitlab._kernels import STEPS
from logitlab.sampling import (
    DRY,
    XTC,
    AdaptiveP,
    BanTokens,
    DynamicTemperature,
    EpsilonCutoff,
    EtaCutoff,
    FrequencyPenalty,
    LogitBias,
    MinNewTokens,
    MinP,
    Mirostat,
    MirostatV2,
    NoRepeatNGram,
    PerRow,
    PresencePenalty,
    RepetitionPenalty,
    Smoothing,
    TailFree,
    Temperature,
    TopA,
    TopH,
    TopK,
    TopNSigma,
    TopP,
    TypicalP,
)
from logitlab.sampling.steps.base import registry

ROWS = 64
RNG = np.random.default_rng(0)


def uniform(low, high):
    return RNG.uniform(low, high, ROWS)


def whole(low, high):
    return RNG.integers(low, high, ROWS)


def lists(longest, above=40):
    """A list of tokens, or of pairs of them, for each row."""
    return [
        [int(t) if t % 3 else (int(t), int(t) // 3) for t in RNG.integers(1, above, RNG.integers(0, longest))]
        for _ in range(ROWS)
    ]


# every numeric parameter of every step; BanTokens and others have a list for each row
SETTINGS = [
    (LogitBias, {"bias": [dict.fromkeys(row, RNG.normal()) for row in lists(9)]}, {}),
    (BanTokens, {"tokens": lists(5)}, {}),
    (MinNewTokens, {"n": whole(0, 20), "eos": [[int(RNG.integers(0, 9))] for _ in range(ROWS)]}, {}),
    (NoRepeatNGram, {"n": whole(0, 4)}, {}),
    (RepetitionPenalty, {"penalty": uniform(0.5, 2), "last_n": whole(-1, 9)}, {}),
    (PresencePenalty, {"penalty": uniform(-1, 2), "last_n": whole(-1, 9)}, {}),
    (FrequencyPenalty, {"penalty": uniform(-1, 2), "last_n": whole(-1, 9)}, {"scope": "generated"}),
    (
        DRY,
        {
            "multiplier": uniform(0, 2),
            "base": uniform(1, 3),
            "allowed_length": whole(1, 4),
            "last_n": whole(-1, 30),
            "breakers": lists(3, 5),
        },
        {},
    ),
    (TopNSigma, {"n": uniform(1, 4)}, {}),
    (TopK, {"k": whole(0, 300), "min_keep": whole(1, 300)}, {}),
    (TypicalP, {"p": uniform(0.8, 1), "min_keep": whole(1, 99)}, {}),
    (TopP, {"p": uniform(0.5, 1), "min_keep": whole(1, 70)}, {}),
    (TopH, {"h": uniform(0.8, 1), "considered": whole(50, 99)}, {}),
    (MinP, {"p": uniform(0, 0.01), "min_keep": whole(1, 60)}, {}),
    (TopA, {"a": uniform(0, 1e-3)}, {}),
    (TailFree, {"z": uniform(0.9, 1), "min_keep": whole(1, 50)}, {}),
    (EpsilonCutoff, {"epsilon": uniform(0, 1e-3), "min_keep": whole(1, 40)}, {}),
    (EtaCutoff, {"epsilon": uniform(0, 1e-3), "min_keep": whole(1, 40)}, {}),
    (XTC, {"probability": uniform(0, 1), "threshold": uniform(0, 0.3), "min_keep": whole(0, 9)}, {}),
    (Smoothing, {"factor": uniform(0, 0.2), "curve": uniform(1, 2)}, {}),
    (
        DynamicTemperature,
        {"temperature": uniform(0.2, 2), "range": uniform(0, 1), "exponent": uniform(0.5, 2)},
        {},
    ),
    (Temperature, {"temperature": uniform(0.2, 2)}, {}),
]
STATEFUL = [
    (Mirostat, {"tau": uniform(2, 9), "eta": uniform(0, 1), "considered": whole(50, 99)}, {}),
    (MirostatV2, {"tau": uniform(2, 9), "eta": uniform(0, 1)}, {}),
    (AdaptiveP, {"target": uniform(0, 1), "decay": uniform(0, 0.99)}, {}),
]


def within(what, low, high):
    """A number for each row, in the middle of a range."""
    low, high = max(low, -1), min(high, 2)
    return whole(low, high + 9) if what == "whole" else uniform(low + 0.1, high)


KNOWN = {"p_less", *(step.kind for step, *_ in SETTINGS + STATEFUL)}
SETTINGS[-1:-1] = [  # a step that is not above has numbers from its ranges in the table of steps
    (registry[kind], {name: within(what, *bounds[:2]) for name, what, *bounds in parameters}, {})
    for kind, (_, parameters) in STEPS.items()
    if kind not in KNOWN
]
HISTORIES = [RNG.integers(0, 5, RNG.integers(0, 30)) for _ in range(ROWS)]
GENERATED = np.array([RNG.integers(0, len(history) + 1) for history in HISTORIES])


def of_row(values, row):
    if row is None:
        return PerRow(values) if isinstance(values, list) else values
    return values[row]


def sampler_of(row=None, settings=SETTINGS):
    return Sampler(
        step(**{name: of_row(values, row) for name, values in arrays.items()}, **rest)
        for step, arrays, rest in settings
    )


def test_every_numeric_parameter_is_here():
    arrays = {step.kind: parameters for step, parameters, _ in SETTINGS + STATEFUL}
    assert set(arrays) == set(registry) - {"p_less"}
    for kind, parameters in arrays.items():
        words = {"scope", "ties", "strict", "renormalise", "zero"}  # not numbers
        assert {field.name for field in fields(registry[kind])} - words == set(parameters)


@pytest.mark.parametrize("n", [40, 900])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_64_rows_with_64_settings(n, dtype):
    batch = (np.random.default_rng(n).standard_normal((ROWS, n)) * 2).astype(dtype)
    arguments = {"history": HISTORIES, "generated": GENERATED}
    together = sampler_of().sample(batch, size=3, rng=9, **arguments)
    probs = sampler_of().probs(batch, **arguments)
    trace = sampler_of().trace(batch, **arguments)
    rng = np.random.default_rng(9)
    for row in range(ROWS):
        single, own = sampler_of(row), {"history": HISTORIES[row], "generated": GENERATED[row]}
        assert single.sample(batch[row], size=3, rng=rng, **own).tolist() == together[row].tolist()
        assert np.array_equal(single.probs(batch[row], **own), probs[row])
        alone = single.trace(batch[row], **own)
        assert np.array_equal(alone.removed_by, trace[row].removed_by)
        assert np.array_equal(alone.margin, trace[row].margin)
        assert np.array_equal(alone._records, trace[row]._records, equal_nan=True)


@pytest.mark.parametrize("n", [40, 900])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_steps_with_a_state(n, dtype):
    batch = (np.random.default_rng(n).standard_normal((ROWS, n)) * 2).astype(dtype)
    settings, rng = SETTINGS[-1:] + STATEFUL, np.random.default_rng(3)
    together = sampler_of(settings=settings)
    alone = [sampler_of(row, settings) for row in range(ROWS)]
    state, states = None, [None] * ROWS
    for i in range(3):
        tokens, state = together.step(batch, state, rng=i)
        rng = np.random.default_rng(i)
        for row in range(ROWS):
            token, states[row] = alone[row].step(batch[row], states[row], rng)
            assert token == tokens[row]
            own = [each[row] for each in (*state[:2], *state[2])]
            assert [*states[row][:2], *states[row][2]] == own


def test_lists_for_each_row_broadcast():
    row = np.zeros(4)
    bans = PerRow([[0], [1, 2], []])
    p = Sampler([BanTokens(bans), LogitBias([{3: -np.inf}, {}, {0: 1.0}])]).probs(row)
    assert (p > 0).tolist() == [[False, True, True, False], [True, False, False, True], [True] * 4]
    assert np.array_equal(Sampler(ban_tokens=bans, top_k=[[1], [2]]).probs(row).shape, (2, 3, 4))
    assert np.array_equal(
        p,
        Sampler.from_json(Sampler(ban_tokens=bans, logit_bias=[{3: -np.inf}, {}, {0: 1}]).to_json()).probs(
            row
        ),
    )
    assert eval(repr(BanTokens(bans)), {"BanTokens": BanTokens, "PerRow": PerRow}) == BanTokens(bans)


def test_errors_name_the_row():
    batch = np.zeros((2, 4))
    with pytest.raises(ValueError, match=r"ban_tokens of row 1 must be token ids in \[0, 4\), got 9"):
        Sampler(ban_tokens=PerRow([[0], [9]])).sample(batch, rng=0)
    with pytest.raises(ValueError, match=r"logit_bias of row 1 must be finite, or -inf for a ban, got nan"):
        LogitBias([{}, {1: np.nan}])
    with pytest.raises(ValueError, match=r"top_p must be in \[0, 1\], got 1.5 for row 1"):
        Sampler(top_p=[0.5, 1.5])
    with pytest.raises(ValueError, match=r"step 1, ban_tokens, left none of row 1"):
        Sampler(ban_tokens=PerRow([[0], [0, 1, 2, 3]])).sample(batch, rng=0)
    with pytest.raises(
        ValueError, match=r"ban_tokens does not broadcast against the rows: needed 1 or 2 .* got 3"
    ):
        Sampler(ban_tokens=PerRow([[0]] * 3)).sample(batch, rng=0)
    with pytest.raises(ValueError, match="a value for each row, got an empty PerRow"):
        BanTokens(PerRow([]))
    with pytest.raises(TypeError, match="a sequence with a value for each row, got 3"):
        PerRow(3)


def test_parameters_make_a_batch():
    row = np.random.default_rng(0).standard_normal(50)
    sampler = Sampler(top_k=[1, 5], temperature=np.array([[0.5], [1.0], [2.0]]))
    assert sampler.probs(row).shape == (3, 2, 50)
    assert sampler.sample(row, rng=0).shape == (3, 2)
    assert sampler.trace(row).count.shape == (3, 2, 3)
    for i, temperature in enumerate([0.5, 1.0, 2.0]):
        for j, k in enumerate([1, 5]):
            assert np.array_equal(
                sampler.probs(row)[i, j], Sampler(top_k=k, temperature=temperature).probs(row)
            )


def test_one_history_for_all_rows():
    batch = np.zeros((3, 4))
    p = Sampler(presence_penalty=1.0).probs(batch, history=[1, 1])
    assert np.array_equal(p[0], p[2])
    assert p[0, 1] < p[0, 0]


@pytest.mark.parametrize("penalty", [PresencePenalty, FrequencyPenalty, RepetitionPenalty])
def test_a_number_of_generated_tokens_without_the_tokens(penalty):
    """They cannot be penalised, but min_new_tokens counts them."""
    sampler = Sampler([MinNewTokens(4, eos=0), penalty(1.5, scope="generated")])
    row = np.arange(4.0)
    assert np.array_equal(sampler.probs(row, generated=5), Sampler().probs(row))
    assert sampler.probs(row, generated=3)[0] == 0


def test_empty_batch_and_empty_histories():
    assert Sampler(top_k=2).probs(np.zeros((0, 4))).shape == (0, 4)
    assert Sampler(top_k=2).sample(np.zeros((0, 4)), rng=0).shape == (0,)
    assert Sampler(presence_penalty=1.0).probs(np.zeros((2, 4)), history=[[], [0]])[0].tolist() == [0.25] * 4


def test_strided_and_swapped_rows():
    batch = np.random.default_rng(0).standard_normal((6, 1400))
    sampler = Sampler(ban_tokens=[3], top_p=0.9, temperature=0.6)
    wanted = sampler.probs(np.ascontiguousarray(batch[::2, ::-2]))
    assert np.array_equal(sampler.probs(batch[::2, ::-2]), wanted)
    swapped = batch[::2, ::-2].astype(batch.dtype.newbyteorder())
    assert np.array_equal(sampler.probs(swapped), wanted)
    assert np.array_equal(sampler.trace(swapped).after, wanted)


def test_many_parameters_along_a_strided_axis():
    batch = np.random.default_rng(0).standard_normal((3, 40, 12)).astype(">f4")
    rng = np.random.default_rng(1)
    options = {
        "temperature": rng.uniform(0.5, 2, (3, 1)),
        "top_k": np.array([[5], [20], [30]]),
        "top_p": rng.uniform(0.5, 1, (3, 12)),
        "min_p": rng.uniform(0, 0.01, 12),
        "typical_p": rng.uniform(0.8, 1, (3, 12)),
        "top_a": rng.uniform(0, 0.01, 12),
        "repeat_penalty": rng.uniform(1, 2, 12),
        "presence_penalty": rng.uniform(0, 1, (3, 1)),
        "frequency_penalty": rng.uniform(0, 1, 12),
    }
    sampler, history = Sampler(**options), [1, 2, 3, 1]
    probs = np.moveaxis(sampler.probs(batch, axis=1, history=history), 1, -1)
    after = sampler.trace(batch, axis=1, history=history).after
    assert probs.shape == (3, 12, 40)
    tokens = sampler.sample(batch, axis=1, history=history, rng=7)
    stream = np.random.Generator(np.random.PCG64(7))
    for i, j in np.ndindex(3, 12):
        alone = Sampler(**{name: np.broadcast_to(value, (3, 12))[i, j] for name, value in options.items()})
        row = batch[i, :, j].astype(np.float32)
        assert np.array_equal(probs[i, j], alone.probs(row, history=history))
        assert np.array_equal(after[i, j], probs[i, j])
        assert tokens[i, j] == alone.sample(row, history=history, rng=stream)
