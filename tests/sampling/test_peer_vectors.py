"""An engine's preset keeps what the engine's own code kept when tools/make_peer_vectors.py asked it."""

import json
from pathlib import Path

import numpy as np
import pytest

from logitlab import Sampler
from logitlab.sampling import ENGINES

VECTORS = Path(__file__).parents[1] / "vectors"
FILES = {
    engine: json.loads((VECTORS / f"{engine}.json").read_text())
    for engine in ("transformers", "mlx-lm", "vllm")
}
CASES = [
    (engine, number, case["options"])
    for engine, file in FILES.items()
    for number, row in enumerate(file["rows"])
    for case in row["cases"]
]
engines = pytest.mark.parametrize("engine", FILES)


def kept_here(engine, row, options):
    biases = {"logit_bias": [(tuple(tokens), bias) for tokens, bias in options.get("logit_bias", [])]}
    sampler = Sampler(engine=engine, **options | {k: v for k, v in biases.items() if v})
    trace = sampler.trace(
        np.array(row["logits"], np.float32),
        history=row["history"],
        generated=row["generated"],
        coins=[0.0] * sum(step.coins for step in sampler.steps),
    )
    return np.flatnonzero(trace.removed_by == len(sampler.steps)).tolist()


@pytest.mark.parametrize(("engine", "number", "options"), CASES, ids=str)
def test_kept_set(engine, number, options):
    row = FILES[engine]["rows"][number]
    (kept,) = (case["kept"] for case in row["cases"] if case["options"] == options)
    assert kept_here(engine, row, options) == kept


@engines
def test_the_engines_defaults_are_the_librarys(engine):
    neutral = {"typical_p": 1.0, "repetition_penalty": 1.0, "no_repeat_ngram_size": 0}
    theirs = FILES[engine]["defaults"]
    ours = dict(ENGINES[engine].defaults)
    assert {name: theirs[name] for name in ours} == ours
    assert all(neutral[name] == value for name, value in theirs.items() if name not in ours)


@engines
def test_what_was_asked_is_no_older_than_what_the_preset_names(engine):
    """A newer one is no failure while it keeps the same: `make test-peers` says that it is newer."""
    library, version = ENGINES[engine].ran.split()
    asked = FILES[engine]["versions"][library]
    assert [int(part) for part in asked.split(".")] >= [int(part) for part in version.split(".")]


@engines
def test_the_rows_tell_rules_apart(engine):
    """Sizes differ; equal logits are there where steps cut; the history matters; so do the preset's edges."""
    rows = FILES[engine]["rows"]
    kept = [case["kept"] for row in rows for case in row["cases"]]
    assert len({len(tokens) for tokens in kept}) > 12
    with_ties = [case for row in rows[12:] for case in row["cases"]]
    tied = {"transformers": {"top_k": 7}, "vllm": {"top_k": 7}, "mlx-lm": {"top_p": 0.3}}[engine]
    (name,) = tied
    sizes = [len(case["kept"]) for case in with_ties if case["options"] == tied]
    index = [len(kept_here("ollama", row, tied)) for row in rows[12:]]
    assert sizes != index, name
    cases = [(row, case) for row in rows[:12] for case in row["cases"]]
    forgetful = [
        kept_here(engine, row | {"history": [], "generated": 0}, case["options"]) for row, case in cases
    ]
    assert any(case["kept"] != other for (_, case), other in zip(cases, forgetful, strict=True))
