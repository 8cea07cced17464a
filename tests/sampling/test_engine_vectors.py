"""Numbers that llama.cpp, transformers and Ollama assert in their own tests (tests/vectors/engines.json) hold here.

Run on float32 logits, with every parameter a double. Rows that no step covers are listed with the reason.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from logitlab import Sampler, softargmax
from logitlab.sampling import (
    DRY,
    XTC,
    BanTokens,
    DynamicTemperature,
    EpsilonCutoff,
    EtaCutoff,
    FrequencyPenalty,
    LogitBias,
    MinP,
    NoRepeatNGram,
    PLess,
    PresencePenalty,
    RepetitionPenalty,
    Temperature,
    TopH,
    TopK,
    TopNSigma,
    TopP,
    TypicalP,
)
from logitlab.sampling.options import known

ROWS = json.loads((Path(__file__).parents[1] / "vectors" / "engines.json").read_text())["rows"]

# each reason is a test of its own below
NOT_COVERED = {
    21: "min_p above 1 is an error here; 1 gives the greedy choice that the row asserts",
    97: "NaN is an error here; transformers replaces it by 0",
    104: "top_k below 0 is an error here; 0 is off, and gives what the row asserts",
    128: "speculative sampling needs a second model's distribution: not a step over one row of logits",
}


def _number(value):
    return float(value) if isinstance(value, str) else value


def _logits(row):
    if row["input"] == "ln(arange(10000))":
        with np.errstate(divide="ignore"):
            return np.log(np.arange(10000)).astype(np.float32)
    values = np.array([_number(v) for v in row["input"]], dtype=np.float64)
    if row["input_kind"].startswith("probs"):
        with np.errstate(divide="ignore"):
            values = np.log(values)
    return values.astype(np.float32)


def _min_keep(params):
    return max(int(params.get("min_keep", params.get("min_tokens_to_keep", 1))), 1)


def _from_hf(row):
    return row["source"].startswith("huggingface")


def _penalties(params):
    last_n = params.get("repeat_last_n", -1)
    steps = []
    if "prompt" in params:  # an encoder's: transformers makes its tokens likelier by the inverse
        return [RepetitionPenalty(1 / params["penalty"])]
    if "repeat" in params or "penalty" in params:
        steps.append(RepetitionPenalty(float(params.get("repeat", params.get("penalty"))), last_n))
    steps.append(PresencePenalty(float(params.get("presence", 0)), last_n))
    steps.append(FrequencyPenalty(float(params.get("frequency", 0)), last_n))
    return steps


def _chain(params):
    steps = _penalties(params)
    if "top_k" in params:
        steps.append(TopK(params["top_k"]))
    steps.append(Temperature(float(params.get("temperature", 0))))
    if "top_p" in params:
        steps.append(TopP(params["top_p"]))
    return steps


def _queue(row):
    p = row["params"]
    steps = {"k": TopK(p.get("top_k", 0)), "p": TopP(p.get("top_p", 1)), "m": MinP(p.get("min_p", 0), 1)}
    return [steps[letter] for letter in row["op"].split(":")[1]]


STEPS = {
    "temperature": lambda row, p: [Temperature(p["temp"])],
    "dynatemp": lambda row, p: [DynamicTemperature(p["temp"], p["range"], p["exponent"])],
    "top_k": lambda row, p: [TopK(p["k"], "keep" if _from_hf(row) else "index", _min_keep(p))],
    "top_p": lambda row, p: [TopP(p["p"], _min_keep(p))],
    "min_p": lambda row, p: [MinP(p["p"], _min_keep(p))],
    "typical_p": lambda row, p: [
        TypicalP(p["p"], _min_keep(p), not _from_hf(row), "keep" if _from_hf(row) else "index")
    ],
    "epsilon": lambda row, p: [EpsilonCutoff(p["epsilon"], _min_keep(p))],
    "eta": lambda row, p: [EtaCutoff(p["epsilon"], _min_keep(p))],
    "top_h": lambda row, p: [TopH(p["h"])],
    "top_n_sigma": lambda row, p: [TopNSigma(p["n"])],
    "p_less": lambda row, p: [PLess()],
    "xtc": lambda row, p: [XTC(1.0, p["threshold"], p["min_keep"])],  # the row says that the coin falls
    "penalties": lambda row, p: _penalties(p),
    "repetition_penalty": lambda row, p: _penalties(p),
    "encoder_repetition_penalty": lambda row, p: _penalties(p),
    "remove_inf_nan": lambda row, p: [],
    "dry": lambda row, p: [DRY(p["multiplier"], p["base"], p["allowed_length"], p["last_n"], p["breakers"])],
    "chain": lambda row, p: _chain(p),
    "softmax": lambda row, p: [],
}


def _changed_logits(sampler, logits, history):
    """The logits after steps that change them, from the distribution: up to a constant, which a control fixes."""
    probs = sampler.probs(np.append(logits, 0.0), history=history).astype(np.float64)
    return np.log(probs[:-1]) - np.log(probs[-1])


def _check_probs(row, sampler, logits, history):
    p = sampler.probs(logits, history=history).astype(np.float64)
    if "NOT renormalised" in row["expected_kind"]:
        p = np.where(p > 0, softargmax(logits.astype(np.float64)), 0)
    expected = np.array(row["expected"], dtype=np.float64)
    in_place = len(expected) == len(p) and _from_hf(row)
    if not in_place:
        expected, p = np.sort(expected[expected > 0]), np.sort(p[p > 1e-6])  # in the engine's own order
    np.testing.assert_allclose(p, expected, atol=row["atol"], rtol=0)


def _check(row):
    params, kind = row["params"], row["expected_kind"]
    logits, history = _logits(row), params.get("history", params.get("prompt"))
    sampler = Sampler(_queue(row) if row["op"].startswith("queue") else STEPS[row["op"]](row, params))
    kept = np.flatnonzero(sampler.trace(logits, history=history).removed_by == len(sampler.steps))
    expected = row["expected"]
    if kind == "surviving count and id range":
        assert len(kept) == expected["size"]
        assert kept.max() == expected.get("first", 9999)
        assert kept.min() == expected.get("last", expected.get("min_id"))
    elif kind.startswith("keep mask"):
        assert [int(i in kept) for i in range(len(logits))] == expected
    elif kind == "number kept":
        assert len(kept) <= int(expected[2:]) if isinstance(expected, str) else len(kept) == expected
    elif kind == "sampled id":
        assert sampler.sample(logits, history=history, rng=0) == expected
    elif kind == "distribution":
        p = sampler.probs(logits, history=history)
        assert {str(i): float(p[i]) for i in np.flatnonzero(p)} == pytest.approx(expected["probs"])
    elif row["op"] == "remove_inf_nan" or (kind == "values" and params.get("temp") == 0):
        # what the engine does so that its own arithmetic survives: the same distribution comes out
        np.testing.assert_array_equal(sampler.probs(logits), softargmax(np.array(expected)))
    elif row["op"] == "softmax":
        np.testing.assert_allclose(sampler.probs(logits), expected, atol=row["atol"], rtol=0)
    elif kind == "logits" or (kind == "values" and row["op"] in ("temperature", "penalties")):
        got = _changed_logits(sampler, logits, history)
        np.testing.assert_allclose(got, expected, atol=max(row["atol"], 1e-6), rtol=1e-6)
    elif kind == "values":
        np.testing.assert_allclose(np.sort(logits[kept])[::-1], expected, atol=row["atol"], rtol=0)
    else:
        _check_probs(row, sampler, logits, history)


def _check_bans(row):
    """Rows whose input is a history: which tokens are banned, or what is added to logits of 0."""
    params, history = row["params"], row["input"]
    if row["op"] == "sequence_bias":
        step = LogitBias([(tuple(tokens), bias) for tokens, bias in params["bias"]])
        got = _changed_logits(Sampler([step]), np.zeros(5), history)
        assert got.tolist() == pytest.approx(row["expected"])
        return
    n = max(*history, 5) + 1
    if row["op"] == "bad_words":
        step = BanTokens(
            [tokens for tokens in params["bad"] if tokens != [params["eos"]]]
        )  # the end is exempt
    else:
        step = NoRepeatNGram(params["n"])
    trace = Sampler([step]).trace(np.zeros(n, np.float32), history=history)
    assert np.flatnonzero(trace.removed_by == 0).tolist() == row["expected"]


COVERED = [row for row in ROWS if row["id"] not in NOT_COVERED]


@pytest.mark.parametrize("row", COVERED, ids=lambda row: f"{row['id']}-{row['op']}")
def test_row(row):
    if row["input_kind"].startswith("history"):
        _check_bans(row)
    else:
        _check(row)


def test_rows_that_no_step_covers():
    assert set(NOT_COVERED) <= {row["id"] for row in ROWS}
    assert len(COVERED) == 90


def _row(number):
    return next(row for row in ROWS if row["id"] == number)


def test_why_row_21_is_not_covered():
    logits, p = _logits(_row(21)), _row(21)["params"]["p"]
    with pytest.raises(ValueError, match=r"min_p must be .* got 1\.05"):
        MinP(p)
    assert _row(21)["expected"] == [1]
    assert Sampler([MinP(1.0)]).probs(logits).tolist() == [0, 0, 0, 1]


def test_why_row_97_is_not_covered():
    with pytest.raises(ValueError, match="NaN"):
        Sampler().probs(_logits(_row(97)))


def test_why_row_104_is_not_covered():
    with pytest.raises(ValueError, match="top_k must be an integer >= 0, got -1"):
        TopK(_row(104)["params"]["k"])
    logits = _logits(_row(104))
    kept = Sampler([TopK(0)]).probs(logits) > 0
    np.testing.assert_allclose(np.sort(logits[kept])[::-1], _row(104)["expected"], atol=1e-6)


def test_why_row_128_is_not_covered():
    assert set(_row(128)["input"]) == {"target", "draft"}
    assert not any("speculative" in name or "draft" in name for name in known())
