"""What the explorer says of engines is what `compare` says: reasons and refusals have one owner."""

import numpy as np

from logitlab import Explorer, compare
from logitlab.explorer.controls import CONTROLS
from logitlab.explorer.engines import refused
from logitlab.sampling import ENGINES

OFF = {name: control.off for name, control in CONTROLS.items()}
FIRST = ("temperature", "top_k", "top_p", "min_p")  # the controls whose steps every engine has
VALUES = {
    "temperature": [0, 1e-6, 0.005, 0.01, 0.5, 1, 2, 2.0000001, 3, 1e6],
    "top_k": [0, 1, 2, 3, 5, 100],
    "top_p": [0, 1e-9, 0.3, 0.9, 1],
    "min_p": [0, 0.05, 0.5, 1],
} | {name: [control.off, control.asking()] for name, control in CONTROLS.items() if name not in FIRST}


def random_settings(n, seed):
    rng = np.random.default_rng(seed)
    for _ in range(n):
        yield {name: rng.choice(values).item() for name, values in VALUES.items()}


def refusals(settings):
    """The rule by which the page reads its table."""
    said = {}
    for line in refused().split("\n"):
        engine, option, low, high, says = line.split("\t")
        if float(low) <= settings[option] <= float(high):
            said.setdefault(engine, says)
    return said


def test_refusals_of_1000_settings_and_reasons_of_100():
    """On rows with ties; with every value that an engine refuses or changes."""
    rng = np.random.default_rng(5)
    rows = [np.round(rng.normal(0, 2, 12), 1), np.array([2.0, 1, 1, 0]), rng.normal(0, 3, 30)]
    explorers = [Explorer(row) for row in rows]
    parted = left_out = 0
    for i, settings in enumerate(random_settings(1000, 6)):
        explorer, row = explorers[i % 3], rows[i % 3]
        found = compare(row, **{name: value for name, value in settings.items() if value != OFF[name]})
        kinds = {CONTROLS[name].kind for name, value in settings.items() if value != OFF[name]}
        able = {name for name, engine in ENGINES.items() if kinds <= set(engine.order)}
        said = {name: why for name, why in refusals(settings).items() if name in able}
        assert said == {name: why for name, why in found.without.items() if name in able}, settings
        if i % 10 == 0:
            explorer._answer(explorer, {"kind": "reason", "settings": settings}, [])
            assert explorer._error == ""
            assert explorer._reason == [[settings[name] for name in OFF], found.reason], settings
        parted += not found.same_tokens
        left_out += bool(found.without)
    assert min(parted, left_out) > 100


def test_ties_are_named_as_the_reason():
    explorer = Explorer([2.0, 1, 1, 0])
    explorer._answer(explorer, {"kind": "reason", "settings": OFF | {"top_k": 2}}, [])
    assert "the other all that equal the k-th" in explorer._reason[1]
    explorer._answer(explorer, {"kind": "reason", "settings": OFF | {"top_p": 0}}, [])
    assert "part at top_p" in explorer._reason[1]


def test_every_engine_of_the_table_is_one():
    assert {line.split("\t")[0] for line in refused().split("\n")} <= set(ENGINES)
