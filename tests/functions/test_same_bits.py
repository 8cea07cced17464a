"""Every target gives the same bits: the published vectors, and a battery of rows hashed in a process of each target."""

import hashlib
import json
from pathlib import Path

import pytest

import logitlab as ll

from .battery import BATTERY, LOGARITHMS, recipe

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "draws.json").read_text())


@pytest.mark.parametrize(
    ("battery", "name"),
    [(BATTERY, "battery"), (LOGARITHMS, "logarithms_battery")],
    ids=["rows", "logarithms"],
)
def test_battery(on_target, battery, name):
    used, digest = on_target(battery).split()
    assert used == on_target.target
    assert digest == VECTORS[name]


@pytest.mark.parametrize("entry", VECTORS["draws"], ids=lambda e: f"{e['row']} {e['options']}")
def test_published_table(entry):
    row = recipe(entry["row"])
    tokens = ll.sample(row, size=len(entry["tokens"]), rng=entry["seed"], **entry["options"])
    assert tokens.tolist() == entry["tokens"]
    p = ll.softargmax(row, entry["options"].get("temperature", 1.0))
    assert hashlib.sha256(p.tobytes()).hexdigest() == entry["softargmax_sha256"]
    assert [float(v).hex() for v in p[:3]] == entry["first_probabilities"]
