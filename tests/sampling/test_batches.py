"""A batch with its own settings in every row gives what single calls give, bit for bit."""

import numpy as np
import pytest

from logitlab import Sampler
from logitlab.sampling import (
    DRY,
    XTC,
    DynamicTemperature,
    EpsilonCutoff,
    EtaCutoff,
    FrequencyPenalty,
    MinNewTokens,
    MinP,
    NoRepeatNGram,
    PresencePenalty,
    RepetitionPenalty,
    Temperature,
    TopH,
    TopK,
    TopNSigma,
    TopP,
    TypicalP,
)

ROWS = 64
RNG = np.random.default_rng(0)


def uniform(low, high):
    return RNG.uniform(low, high, ROWS)


SETTINGS = [
    (MinNewTokens, {"n": RNG.integers(0, 20, ROWS)}, {"eos": [0]}),
    (NoRepeatNGram, {"n": RNG.integers(0, 4, ROWS)}, {}),
    (RepetitionPenalty, {"penalty": uniform(0.5, 2), "last_n": RNG.integers(-1, 9, ROWS)}, {}),
    (PresencePenalty, {"penalty": uniform(-1, 2), "last_n": RNG.integers(-1, 9, ROWS)}, {}),
    (FrequencyPenalty, {"penalty": uniform(-1, 2)}, {"scope": "generated"}),
    (
        DRY,
        {"multiplier": uniform(0, 2), "base": uniform(1, 3), "allowed_length": RNG.integers(1, 4, ROWS)},
        {},
    ),
    (TopNSigma, {"n": uniform(1, 4)}, {}),
    (TopK, {"k": RNG.integers(0, 300, ROWS)}, {}),
    (TypicalP, {"p": uniform(0.8, 1)}, {}),
    (TopP, {"p": uniform(0.5, 1)}, {}),
    (TopH, {"h": uniform(0.8, 1)}, {}),
    (MinP, {"p": uniform(0, 0.01)}, {}),
    (EpsilonCutoff, {"epsilon": uniform(0, 1e-3)}, {}),
    (EtaCutoff, {"epsilon": uniform(0, 1e-3)}, {}),
    (XTC, {"probability": uniform(0, 1), "threshold": uniform(0, 0.3)}, {}),
    (DynamicTemperature, {"temperature": uniform(0.2, 2), "range": uniform(0, 1)}, {}),
    (Temperature, {"temperature": uniform(0.2, 2)}, {}),
]
HISTORIES = [RNG.integers(0, 5, RNG.integers(0, 30)) for _ in range(ROWS)]
GENERATED = np.array([RNG.integers(0, len(history) + 1) for history in HISTORIES])


def sampler_of(row=slice(None)):
    return Sampler(
        [
            step(**{name: values[row] for name, values in arrays.items()}, **rest)
            for step, arrays, rest in SETTINGS
        ]
    )


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
