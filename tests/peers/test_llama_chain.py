"""Kept sets of the llama.cpp engine equal those of llama.cpp's own chain, on rows without ties at a cut."""

import ctypes
import glob
import importlib.util
import os

import numpy as np
import pytest

from benchmarks.llama import OPAQUE, RECORD, Candidates, open_library
from logitlab import Sampler

N = 5000
FLOAT, SIZE, INT, TOKEN = ctypes.c_float, ctypes.c_size_t, ctypes.c_int32, ctypes.c_int32
BUILDERS = {
    "top_k": ([INT], lambda v: (v,)),
    "top_p": ([FLOAT, SIZE], lambda v: (v, 1)),
    "min_p": ([FLOAT, SIZE], lambda v: (v, 1)),
    "typical": ([FLOAT, SIZE], lambda v: (v, 1)),
    "temp_ext": ([FLOAT, FLOAT, FLOAT], lambda v: v),
    "top_n_sigma": ([FLOAT], lambda v: (v,)),
    "penalties": ([INT, INT, FLOAT, FLOAT, FLOAT], lambda v: (N, *v)),  # the vocabulary first, since 2026
}


class Chain:
    """llama.cpp's samplers one after the other, and what they leave of a row."""

    def __init__(self, library, steps):
        self.library, self.samplers = library, []
        self.apply = self._function("apply", None, [OPAQUE, ctypes.POINTER(Candidates)])
        self.accept = self._function("accept", None, [OPAQUE, TOKEN])
        for name, value in steps:
            types, arguments = BUILDERS[name]
            build = self._function(f"init_{name}", OPAQUE, types)
            self.samplers.append(build(*arguments(value)))

    def _function(self, name, result, types):
        function = getattr(self.library, f"llama_sampler_{name}")
        function.restype, function.argtypes = result, types
        return function

    def kept(self, row, history=()):
        records = np.zeros(len(row), RECORD)
        records["id"], records["logit"] = np.arange(len(row)), row
        candidates = Candidates(records.ctypes.data, len(row), -1, False)
        for sampler in self.samplers:
            for token in history:
                self.accept(sampler, token)
            self.apply(sampler, ctypes.byref(candidates))
        offset = (candidates.data - records.ctypes.data) // RECORD.itemsize
        left = records[offset : offset + candidates.size]
        return sorted(left["id"][left["logit"] > -np.inf].tolist())


@pytest.fixture(scope="module")
def library():
    open_library()  # says what is missing
    folder = importlib.util.find_spec("xllamacpp").submodule_search_locations[0]
    return ctypes.CDLL(glob.glob(os.path.join(folder, "*.abi3.so"))[0])


REQUESTS = [
    (
        {"top_k": 40, "top_p": 0.9, "temperature": 0.8},
        [("top_k", 40), ("top_p", 0.9), ("temp_ext", (0.8, 0, 1))],
    ),
    ({"top_k": 300, "min_p": 0.05}, [("top_k", 300), ("min_p", 0.05)]),
    ({"top_p": 0.8}, [("top_p", 0.8)]),
    ({"min_p": 0.1, "temperature": 2.0}, [("min_p", 0.1), ("temp_ext", (2.0, 0, 1))]),
    ({"top_k": 100, "typical_p": 0.7}, [("top_k", 100), ("typical", 0.7)]),
    ({"typical_p": 0.9, "top_p": 0.9}, [("typical", 0.9), ("top_p", 0.9)]),
    ({"top_n_sigma": 1.5}, [("top_n_sigma", 1.5)]),
    (
        {"repeat_penalty": 1.3, "presence_penalty": 0.5, "frequency_penalty": 0.2, "top_k": 30, "top_p": 0.9},
        [("penalties", (64, 1.3, 0.2, 0.5)), ("top_k", 30), ("top_p", 0.9)],
    ),
]


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("options", "steps"), REQUESTS, ids=lambda v: str(v)[:60])
def test_kept_set(library, options, steps, seed):
    rng = np.random.default_rng(seed)
    row = (rng.standard_normal(N) * rng.choice([1, 2, 4])).astype(np.float32)
    history = np.argsort(-row)[:20][rng.integers(0, 20, 40)].tolist()
    sampler = Sampler(engine="llama.cpp", **options)
    ours = np.flatnonzero(sampler.trace(row, history=history).removed_by == len(sampler.steps)).tolist()
    assert ours == Chain(library, steps).kept(row, history)
