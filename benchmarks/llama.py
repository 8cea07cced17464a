"""llama.cpp's sampler chain, by its C API in the library that the wheel `xllamacpp` carries.

Those symbols are an accident of that build: only the benchmarks and the tests rely on them. Filling
the records is not timed: llama.cpp does it in C, from logits that it has.
"""

import ctypes
import glob
import importlib.util
import os

import numpy as np

from benchmarks.clock import Code

RECORD = np.dtype([("id", "i4"), ("logit", "f4"), ("p", "f4")])
OPAQUE = ctypes.c_void_p


class Candidates(ctypes.Structure):
    """llama_token_data_array"""

    _fields_ = [
        ("data", OPAQUE),
        ("size", ctypes.c_size_t),
        ("selected", ctypes.c_int64),
        ("sorted", ctypes.c_bool),
    ]


class ChainParameters(ctypes.Structure):
    """llama_sampler_chain_params"""

    _fields_ = [("no_perf", ctypes.c_bool)]


SIGNATURES = {
    "chain_init": (OPAQUE, [ChainParameters]),
    "chain_add": (None, [OPAQUE, OPAQUE]),
    "init_top_k": (OPAQUE, [ctypes.c_int32]),
    "init_top_p": (OPAQUE, [ctypes.c_float, ctypes.c_size_t]),
    "init_temp": (OPAQUE, [ctypes.c_float]),
    "init_dist": (OPAQUE, [ctypes.c_uint32]),
    "apply": (None, [OPAQUE, ctypes.POINTER(Candidates)]),
}


def open_library():
    spec = importlib.util.find_spec("xllamacpp")
    paths = glob.glob(os.path.join(spec.submodule_search_locations[0], "*.abi3.so")) if spec else []
    if not paths:
        raise ImportError("xllamacpp is not installed")
    library = ctypes.CDLL(paths[0])
    functions = {}
    for name, (result, arguments) in SIGNATURES.items():
        function = getattr(library, f"llama_sampler_{name}")
        function.restype, function.argtypes = result, arguments
        functions[name] = function
    return functions


class LlamaCpp:
    name = "llama.cpp"

    def __init__(self):
        self.llama = open_library()

    def draw(self, T, k, p, shape, **_):
        return Chain(self.llama, shape[0], T, k, p).code() if len(shape) == 1 else None


class Chain:
    """One sampler chain in llama.cpp's order (the temperature last), and the records that it works on."""

    def __init__(self, llama, n, T, k, p):
        self.llama, self.n = llama, n
        self.handle = llama["chain_init"](ChainParameters(True))
        if k is not None:
            self.add("init_top_k", k)
        if p is not None:
            self.add("init_top_p", p, 1)
        self.add("init_temp", T)
        self.add("init_dist", 7)
        self.records = np.zeros(n, RECORD)
        self.tokens = np.arange(n, dtype="i4")
        self.candidates = Candidates(self.records.ctypes.data, n, -1, False)

    def add(self, name, *arguments):
        self.llama["chain_add"](self.handle, self.llama[name](*arguments))

    def fill(self, x):
        self.records["id"] = self.tokens
        self.records["logit"] = x
        self.candidates.size, self.candidates.selected, self.candidates.sorted = self.n, -1, False

    def token(self):
        return self.records["id"][self.candidates.selected]

    def code(self):
        names = {"apply": self.llama["apply"], "chain": self.handle, "here": ctypes.byref(self.candidates)}
        names |= {"fill": self.fill, "token": self.token}
        return Once("apply(chain, here)", names, setup="fill(x)")


class Once(Code):
    """A statement that uses up its input: never repeated within a sample."""

    def value(self, row):
        super().value(row)
        return self.names["token"]()

    def calibrate(self, row):
        super().calibrate(row)
        self.repeats = 1
