"""`explorer.state`: a plain dict, there and back, all or nothing; the same entries as a link to an exported page."""

import json

import numpy as np
import pytest
from explorer.test_engines import random_settings

from logitlab import Explorer
from logitlab.explorer.state import PANELS, TRAITS
from logitlab.sampling import ENGINES

ROW = np.random.default_rng(3).normal(0, 2, 300).astype(np.float32)
ANOTHER = {
    "temperature": 0.3,
    "top_k": 7,
    "top_p": 0.5,
    "min_p": 0.1,
    "engine": "vllm",
    "seed": 2**53 - 1,
    "draws": 100_000,
    "selected": 299,
    "shown": 1,
    "predict": True,
    "zoom": 0.001,
    "pins": [{"temperature": 0.0, "top_k": 1, "top_p": 0.0, "min_p": 1.0, "engine": "mlx-lm"}],
    "slider": "min_p",
    "stage": "draws",
}


def random_states(n, seed):
    """States with any entry at any value of its range."""
    rng = np.random.default_rng(seed)
    engines, sliders = list(ENGINES), ["temperature", "top_k", "top_p", "min_p"]

    def settings(of):
        return of | {"engine": str(rng.choice(engines))}

    pool = list(random_settings(3 * n, seed))
    for i in range(n):
        yield settings(pool[3 * i]) | {
            "seed": int(rng.integers(2**53)),
            "draws": int(rng.integers(100_001)),
            "selected": None if rng.random() < 0.3 else int(rng.integers(300)),
            "shown": int(rng.integers(1, 201)),
            "predict": bool(rng.random() < 0.5),
            "zoom": float(rng.choice([0.001, 0.02, 0.5, 1.0])),
            "pins": [settings(pool[3 * i + 1 + j]) for j in range(rng.integers(3))],
            "slider": str(rng.choice(sliders)),
            "stage": None if rng.random() < 0.5 else str(rng.choice(PANELS)),
        }


def test_there_and_back():
    """200 random states, by way of JSON; to another explorer, and to one that exists."""
    one = Explorer(ROW)
    before = one.state
    for state in random_states(200, 5):
        one.state = json.loads(json.dumps(state))
        assert one.state == state
        assert json.loads(json.dumps(one.state)) == state
        for name in set(state) - {"stage"}:
            assert getattr(one, name) == state[name]
    other = Explorer(ROW, temperature=5.0, seed=1, state=one.state)
    assert other.state == one.state
    np.testing.assert_array_equal(other.probs, one.probs)
    other.reset()
    assert other.state == one.state  # as the cell has made it
    one.state = before
    assert one.state == Explorer(ROW).state


def test_every_entry_counts_and_the_rest_stays():
    assert set(ANOTHER) == set(TRAITS) == set(Explorer(ROW).state)
    for name, value in ANOTHER.items():
        explorer = Explorer(ROW)
        before = explorer.state
        explorer.state = {name: value}
        assert explorer.state == before | {name: value} != before
        assert Explorer(ROW, state={name: value}).state == explorer.state


def test_nothing_is_shared():
    explorer = Explorer(ROW, state=ANOTHER)
    state = explorer.state
    state["pins"][0]["temperature"] = 9.0
    state["pins"].append({})
    assert explorer.state == ANOTHER == Explorer(ROW, state=ANOTHER).state


def test_numpy_and_none_are_taken_as_the_sliders_take_them():
    explorer = Explorer(ROW, state={"temperature": np.float32(0.5), "top_k": None, "predict": np.bool_(True)})
    assert json.dumps(explorer.state).startswith('{"temperature": 0.5, "top_k": 0')
    assert explorer.state["predict"] is True


WRONG = [
    ([1], TypeError, "state must be a dict, got [1]"),
    ("temperature", TypeError, "state must be a dict"),
    ({"temprature": 1.0}, ValueError, "state has no 'temprature'; did you mean 'temperature'?"),
    ({3: 1.0}, ValueError, "state has no 3"),
    ({"temperature": -1}, ValueError, "temperature must be >= 0, got -1"),
    ({"top_k": 2.5}, ValueError, "top_k must be an integer"),
    ({"engine": None}, ValueError, "engine must be one of 'ollama'"),
    ({"selected": 300}, ValueError, "selected must be a token id below 300, got 300"),
    ({"seed": 2**53}, ValueError, "seed must be an integer in [0, 2**53)"),
    ({"zoom": 0}, ValueError, "zoom must be in [0.001, 1], got 0"),
    ({"predict": 1}, ValueError, "predict must be True or False, got 1"),
    ({"slider": "top"}, ValueError, "slider must be one of 'temperature', 'top_k', 'top_p', 'min_p', got 'top'"),
    ({"stage": True}, ValueError, "stage must be one of 'bars', "),
    ({"pins": {}}, ValueError, "pins must be a list of at most 2 dicts, got {}"),
    ({"pins": [ANOTHER["pins"][0]] * 3}, ValueError, "pins must be a list of at most 2 dicts, got 3 of them"),
    ({"pins": [{"temperature": 1.0}]}, ValueError, "each of pins must be a dict of temperature, top_k, "),
    ({"pins": [ANOTHER["pins"][0] | {"top_p": 2}]}, ValueError, "top_p must be in [0, 1], got 2"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "error", "says"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_state_changes_nothing(state, error, says):
    explorer = Explorer(ROW, temperature=0.7)
    before, sent = explorer.state, []
    explorer.send = lambda content, buffers=None: sent.append(content)
    whole = {"top_k": 5, "draws": 3} | state if isinstance(state, dict) else state
    with pytest.raises(error) as raised:
        explorer.state = whole
    assert says in str(raised.value)
    assert explorer.state == before
    assert sent == []  # no step for Undo either
    with pytest.raises(error) as raised:
        Explorer(ROW, state=whole)
    assert says in str(raised.value)
