"""compare says which tokens engines keep, where they part, and why they agree."""

import numpy as np
import pytest

from logitlab import Sampler, compare
from logitlab.sampling import ENGINES

ROW = np.array([3.0, 2.0, 1.0])


def test_the_order_decides():
    found = compare(ROW, ["ollama", "transformers"], top_p=0.8, temperature=0.5)
    assert {name: kept.tolist() for name, kept in found.kept.items()} == {
        "ollama": [0, 1],
        "transformers": [0],
    }
    assert found.groups == [["ollama"], ["transformers"]]
    assert not found.same_tokens
    assert found.first_difference("ollama", "transformers") == "top_p"
    assert "part at top_p" in str(found)


def test_kept_and_probs_are_the_samplers():
    row = np.random.default_rng(0).standard_normal(2000) * 3
    options = {"temperature": 1.4, "top_k": 60, "top_p": 0.9, "min_p": 0.02}
    found = compare(row, **options)
    assert list(found.traces) == list(ENGINES)
    for engine in ENGINES:
        assert np.array_equal(found.probs[engine], Sampler(engine=engine, **options).probs(row))
        assert np.array_equal(found.kept[engine], np.flatnonzero(found.probs[engine]))
    assert len(found.groups) > 1


def test_why_they_agree():
    row = np.random.default_rng(0).standard_normal(100)
    always = compare(row, top_k=5, temperature=0.7)
    assert always.same_tokens
    assert always.same_probs
    assert "on every row" in always.reason
    assert "temperature 1" in compare(row, top_k=5, top_p=0.9, temperature=1.0).reason
    assert "steps and their order are the same" in compare(row, ["ollama", "llama.cpp"], top_p=0.5).reason
    chance = compare(np.array([9.0, 0.0]), top_p=0.5, temperature=0.9)
    assert "by chance" in chance.reason


def test_ties_at_k():
    found = compare(np.array([1.0, 1.0, 1.0]), ["ollama", "vllm"], top_k=2)
    assert {name: len(kept) for name, kept in found.kept.items()} == {"ollama": 2, "vllm": 3}
    assert "part at top_k" in found.reason


def test_engines_without_a_step_are_named():
    found = compare(ROW, typical_p=0.5, temperature=0.5)
    assert set(found.without) == {"ollama-mlx", "vllm", "mlx-lm"}
    assert "has no typical_p" in str(found)
    with pytest.raises(ValueError, match="has no typical_p"):
        compare(ROW, ["ollama", "vllm"], typical_p=0.5)


def test_samplers_of_ones_own():
    found = compare(ROW, {"cold": Sampler(temperature=0.1), "warm": Sampler(temperature=2.0)})
    assert found.same_tokens
    assert "other probabilities" in found.reason


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((ROW, ["ollama"]), {"top_k": 1}, ValueError, "at least two engines, got ollama"),
        ((ROW, ["ollama", "gpt"]), {"top_k": 1}, ValueError, "engine must be one of"),
        ((np.zeros((2, 3)),), {"top_k": 1}, ValueError, "one row of logits"),
        ((ROW,), {"top_q": 1}, TypeError, "did you mean"),
        ((ROW, {"a": Sampler(), "b": Sampler()}), {"top_k": 1}, TypeError, "samplers or options"),
    ],
    ids=str,
)
def test_errors(arguments, options, error, message):
    with pytest.raises(error, match=message):
        compare(*arguments, **options)


def test_tables_and_plot():
    found = compare(ROW, top_p=0.8, temperature=0.5, tokens=["<a>", "b", " c"])
    frame = found.frame()
    assert frame.loc[0, "text"] == "<a>"
    assert frame.loc[1, "transformers"] == 0
    html = found._repr_html_()
    assert "&lt;a&gt;" in html
    assert "<a>" not in html
    assert len(found.plot().axes) == len(found.traces)
