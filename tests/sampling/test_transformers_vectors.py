"""The transformers engine keeps what the real library keeps: rows that it was asked about, by make_transformers.py."""

import json
from pathlib import Path

import numpy as np
import pytest

from logitlab import Sampler

FILE = json.loads((Path(__file__).parents[1] / "vectors" / "transformers.json").read_text())
N = FILE["n"]


def row_of(seed):
    words = np.random.PCG64(seed).random_raw(2 * N)
    unit = (words >> np.uint64(44)).astype(np.float64) * 2.0**-20
    return ((unit[:N] + unit[N:] - 1) * (2 + seed % 5) * 4).astype(np.float32)


def history_of(seed):
    best = np.argsort(-row_of(seed), kind="stable")[:6]
    picks = np.random.PCG64(seed + 1000).random_raw(14) % np.uint64(6)
    return [int(best[int(i)]) for i in picks]


@pytest.mark.parametrize("entry", FILE["rows"], ids=lambda e: f"{e['seed']}-{e['options']}")
def test_kept_set(entry):
    sampler = Sampler(engine="transformers", **entry["options"])
    trace = sampler.trace(row_of(entry["seed"]), history=history_of(entry["seed"]))
    assert np.flatnonzero(trace.removed_by == len(sampler.steps)).tolist() == entry["kept"]


def test_the_file_is_of_the_real_library():
    assert FILE["versions"]["transformers"].startswith("5.")
    assert len(FILE["rows"]) == 144
    sizes = {len(entry["kept"]) for entry in FILE["rows"]}
    assert len(sizes) > 20
