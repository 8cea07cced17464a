"""The transformers engine keeps what the real library keeps: rows that it was asked about, by make_transformers.py."""

import json
from pathlib import Path

import numpy as np
import pytest

from logitlab import Sampler
from logitlab.sampling import ENGINES

FILE = json.loads((Path(__file__).parents[1] / "vectors" / "transformers.json").read_text())
CASES = [(number, case["options"]) for number, row in enumerate(FILE["rows"]) for case in row["cases"]]


def kept_here(row, options):
    biases = {"logit_bias": [(tuple(tokens), bias) for tokens, bias in options.get("logit_bias", [])]}
    sampler = Sampler(engine="transformers", **options | {k: v for k, v in biases.items() if v})
    trace = sampler.trace(
        np.array(row["logits"], np.float32), history=row["history"], generated=row["generated"]
    )
    return np.flatnonzero(trace.removed_by == len(sampler.steps)).tolist()


@pytest.mark.parametrize(("number", "options"), CASES, ids=str)
def test_kept_set(number, options):
    row = FILE["rows"][number]
    (kept,) = (case["kept"] for case in row["cases"] if case["options"] == options)
    assert kept_here(row, options) == kept


def test_the_engines_defaults_are_the_librarys():
    ours = dict(ENGINES["transformers"].defaults)
    assert {name: FILE["defaults"][name] for name in ours} == ours
    neutral = {"typical_p": 1.0, "repetition_penalty": 1.0, "no_repeat_ngram_size": 0}
    assert {name: value for name, value in FILE["defaults"].items() if name not in ours} == neutral


def test_the_version_that_the_engine_names_is_the_files():
    assert FILE["versions"]["transformers"] in ENGINES["transformers"].version


def test_the_rows_tell_rules_apart():
    """Sizes differ; equal logits at the k-th place are there; the history matters."""
    kept = [case["kept"] for row in FILE["rows"] for case in row["cases"]]
    assert len({len(tokens) for tokens in kept}) > 20
    sevens = [
        case["kept"] for row in FILE["rows"] for case in row["cases"] if case["options"] == {"top_k": 7}
    ]
    assert any(len(tokens) > 7 for tokens in sevens)
    without = [
        kept_here(row | {"history": []}, {"no_repeat_ngram_size": 2, "top_k": 10}) for row in FILE["rows"]
    ]
    assert any(
        row["cases"][12]["kept"] != other for row, other in zip(FILE["rows"][:12], without, strict=False)
    )
