"""The page and Python give the same bits: distributions, uniforms, draws; random states and the published table."""

import base64
import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from logitlab import Sampler, sample, softargmax
from logitlab.explorer.controls import CONTROLS
from logitlab.explorer.engines import programs
from logitlab.sampling import ENGINES

from .conftest import serve

OFF = {name: control.off for name, control in CONTROLS.items()}
recipe = runpy.run_path(str(Path(__file__).parents[1] / "functions" / "battery.py"))["recipe"]
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "draws.json").read_text())["draws"]
COMPUTE = """({ rows, cases, programs }) => cases.map(({ row, state, seed, size }) => {
    const { double, data } = rows[row];
    const b = bytes(data);
    const k = kernels[double ? "f64" : "f32"];
    if (window.last !== row) k.setRow(double ? new Float64Array(b.buffer) : new Float32Array(b.buffer));
    window.last = row;
    const steps = stepsOf(state, programs[state.engine]);
    const uniforms = k.uniforms(seed, size);
    const trace = k.trace(steps);
    const probs = trace.probsView.slice();
    const kept = trace.removedView.reduce((n, removed) => n + (removed > steps.length), 0);
    const left = trace.records.at(-1).count;
    k.settle();
    const hex = Array.from(new Uint8Array(probs.buffer), (x) => x.toString(16).padStart(2, "0")).join("");
    const drawn = [...k.draws(uniforms)], sorted = [...k.draws(uniforms.slice().sort())];
    return { hex, uniforms: [...uniforms], drawn, sorted, kept, left };
})"""


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    serve(page)
    yield page
    page.close()


def packed(rows):
    return [{"double": x.dtype == np.float64, "data": base64.b64encode(x.tobytes()).decode()} for x in rows]


def random_rows(rng):
    for n in (1, 2, 4, 63, 64, 65, 300, 513, 2000):
        for dtype in (np.float32, np.float64):
            x = (rng.normal(size=n) * rng.choice([0.1, 2.0, 9.0])).astype(dtype)
            yield x
            tied = np.round(x, 1)
            tied[rng.random(n) < 0.2] = -np.inf
            tied[rng.integers(n)] = np.inf if n == 65 else 3.0
            yield tied


def random_state(rng, row):
    return OFF | {
        "temperature": float(rng.choice([0, 1e-6, 0.05, 0.7, 1, 1.3, 4, 1e6])),
        "top_k": int(rng.choice([0, 1, 2, 5, 40, len(row), len(row) + 9])),
        "top_p": float(rng.choice([0, 0.3, 0.9, 0.999, 1])),
        "min_p": float(rng.choice([0, 1e-4, 0.05, 0.5, 1])),
        "engine": str(rng.choice(list(ENGINES))),
    }


def sampler_of(state):
    return Sampler(engine=state["engine"], **{name: state[name] for name in OFF if state[name] != OFF[name]})


def test_random_states(page):
    """1000 states: each bit of the distribution, each double, each token."""
    rng = np.random.default_rng(20)
    rows = list(random_rows(rng))
    cases = []
    for i in range(1000):
        row = int(i * len(rows) / 1000)  # in order: the page sets a row once
        seed = int(rng.integers(2**53)) if i % 2 else i
        cases.append({"row": row, "state": random_state(rng, rows[row]), "seed": seed, "size": 20})
    found = page.evaluate(COMPUTE, {"rows": packed(rows), "cases": cases, "programs": programs()})
    for case, got in zip(cases, found, strict=True):
        row, sampler = rows[case["row"]], sampler_of(case["state"])
        probs = sampler.probs(row)
        assert got["hex"] == probs.tobytes().hex(), case
        assert got["uniforms"] == np.random.default_rng(case["seed"]).random(20).tolist(), case
        tokens = sampler.sample(row, size=20, rng=case["seed"]).tolist()
        assert got["drawn"] == tokens, case
        assert sorted(got["sorted"]) == sorted(tokens), case
        assert got["kept"] == got["left"] == sampler.trace(row).count[-1], case


def test_a_vocabulary(page):
    row = np.random.default_rng(3).normal(0, 2.5, 49_152).astype(np.float32)
    states = [
        OFF | {"engine": "ollama"},
        OFF | {"temperature": 0.8, "top_k": 40, "top_p": 0.9, "engine": "ollama"},
        OFF | {"temperature": 1.7, "top_k": 9000, "top_p": 0.95, "min_p": 1e-4, "engine": "vllm"},
        OFF | {"temperature": 5, "top_p": 0.99, "engine": "transformers"},
    ]
    cases = [{"row": 0, "state": state, "seed": 11, "size": 500} for state in states]
    page.evaluate("window.last = undefined")
    found = page.evaluate(COMPUTE, {"rows": packed([row]), "cases": cases, "programs": programs()})
    for state, got in zip(states, found, strict=True):
        assert got["hex"] == sampler_of(state).probs(row).tobytes().hex(), state
        assert got["drawn"] == sampler_of(state).sample(row, size=500, rng=11).tolist(), state


@pytest.mark.parametrize("entry", VECTORS, ids=lambda e: f"{e['row']} {e['options']}")
def test_published_table(page, entry):
    """The published draws, from the page's kernels alone."""
    row = recipe(entry["row"])
    row = row.astype(np.float32) if row.dtype.itemsize == 2 else row
    state = OFF | {"engine": "ollama"} | entry["options"]
    size = len(entry["tokens"])
    page.evaluate("window.last = undefined")
    case = {"row": 0, "state": state, "seed": entry["seed"], "size": size}
    [got] = page.evaluate(COMPUTE, {"rows": packed([row]), "cases": [case], "programs": programs()})
    assert (
        got["drawn"]
        == entry["tokens"]
        == sample(row, size=size, rng=entry["seed"], **entry["options"]).tolist()
    )
    page.evaluate("window.last = undefined")
    whole = page.evaluate(
        """({ double, data, T }) => { const b = bytes(data); const k = kernels[double ? "f64" : "f32"];
        k.setRow(double ? new Float64Array(b.buffer) : new Float32Array(b.buffer));
        const p = new Uint8Array(k.trace([["temperature", T]]).probsView.slice().buffer);
        return Array.from(p, (x) => x.toString(16).padStart(2, "0")).join(""); }""",
        packed([row])[0] | {"T": state["temperature"]},
    )
    assert whole == softargmax(row, state["temperature"]).tobytes().hex()
