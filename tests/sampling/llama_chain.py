"""llama.cpp's own sampler chain as an oracle: its C functions, put into the order that llama.cpp itself names.

The library is the one inside the wheel `xllamacpp`, which tests/llms/llama_cpp.py opens. `common_sampler_init` puts
logit_bias first, then what `samplers` lists, then the draw; here the same. Two signatures are those of 2026: penalties
takes the size of the vocabulary first, DRY no longer the length of the context.
"""

import ctypes

import numpy as np
from llms.llama_cpp import library

from benchmarks.llama import OPAQUE, RECORD, Candidates

FLOAT, SIZE, INT, SEED = ctypes.c_float, ctypes.c_size_t, ctypes.c_int32, ctypes.c_uint32
MIN_KEEP, LAST_N = 0, 64
BIAS = np.dtype([("token", "i4"), ("bias", "f4")])
PROTOTYPES = {
    "apply": (None, [OPAQUE, ctypes.POINTER(Candidates)]),
    "accept": (None, [OPAQUE, INT]),
    "free": (None, [OPAQUE]),
    "init_logit_bias": (OPAQUE, [INT, INT, OPAQUE]),
    "init_penalties": (OPAQUE, [INT, INT, FLOAT, FLOAT, FLOAT]),
    "init_dry": (OPAQUE, [OPAQUE, FLOAT, FLOAT, INT, INT, OPAQUE, SIZE]),
    "init_top_n_sigma": (OPAQUE, [FLOAT]),
    "init_top_k": (OPAQUE, [INT]),
    "init_typical": (OPAQUE, [FLOAT, SIZE]),
    "init_top_p": (OPAQUE, [FLOAT, SIZE]),
    "init_min_p": (OPAQUE, [FLOAT, SIZE]),
    "init_xtc": (OPAQUE, [FLOAT, FLOAT, SIZE, SEED]),
    "init_temp_ext": (OPAQUE, [FLOAT, FLOAT, FLOAT]),
    "init_dist": (OPAQUE, [SEED]),
}


def llamas_parameters():
    """Return llama.cpp's own `common_params_sampling`: its defaults, and `samplers`, its order."""
    import xllamacpp

    return xllamacpp.CommonParams().sampling


class Chain:
    """The samplers that options ask for, after the tokens so far."""

    def __init__(self, n, options, history=(), vocabulary=None, seed=1):
        self.n, self.options, self.vocabulary, self.library = n, options, vocabulary, library()
        for name, (result, arguments) in PROTOTYPES.items():
            function = getattr(self.library, f"llama_sampler_{name}")
            function.restype, function.argtypes = result, arguments
        self.samplers = [self.made("logit_bias", *self.biases())] if "logit_bias" in options else []
        for name in llamas_parameters().samplers.split(";"):
            self.samplers += getattr(self, name)()
        for sampler in self.samplers:
            for token in history:
                self.library.llama_sampler_accept(sampler, token)
        self.dice = self.made("dist", seed)
        self.records = np.zeros(n, RECORD)

    def __del__(self):
        for sampler in (*self.samplers, self.dice):
            self.library.llama_sampler_free(sampler)

    def made(self, name, *arguments):
        return getattr(self.library, f"llama_sampler_init_{name}")(*arguments)

    def asked(self, option, name, *others):
        return [self.made(name, self.options[option], *others)] if option in self.options else []

    def biases(self):
        table = np.array(list(self.options["logit_bias"].items()), BIAS)
        return self.n, len(table), table.ctypes.data

    def penalties(self):
        names = ("repeat_penalty", "frequency_penalty", "presence_penalty")
        values = [self.options.get(name, neutral) for name, neutral in zip(names, (1, 0, 0), strict=True)]
        return [self.made("penalties", self.n, LAST_N, *values)]

    def dry(self):
        if "dry_multiplier" not in self.options:
            return []
        return [self.made("dry", self.vocabulary, self.options["dry_multiplier"], 1.75, 2, LAST_N, None, 0)]

    def top_n_sigma(self):
        return self.asked("top_n_sigma", "top_n_sigma")

    def top_k(self):
        return self.asked("top_k", "top_k")

    def typ_p(self):
        return self.asked("typical_p", "typical", MIN_KEEP)

    def top_p(self):
        return self.asked("top_p", "top_p", MIN_KEEP)

    def min_p(self):
        return self.asked("min_p", "min_p", MIN_KEEP)

    def xtc(self):  # a seed of its own: of one seed the coin and the draw would share their bits
        return self.asked("xtc_probability", "xtc", self.options.get("xtc_threshold", 0.1), MIN_KEEP, 2)

    def temperature(self):
        return self.asked("temperature", "temp_ext", self.options.get("dynatemp_range", 0), 1)

    def applied(self, logits, samplers):
        self.records["id"], self.records["logit"] = np.arange(self.n), logits
        candidates = Candidates(self.records.ctypes.data, self.n, -1, False)
        for sampler in samplers:
            self.library.llama_sampler_apply(sampler, ctypes.byref(candidates))
        first = (candidates.data - self.records.ctypes.data) // RECORD.itemsize
        return candidates, self.records[first : first + candidates.size]

    def kept(self, logits):
        """Return the tokens left above -inf."""
        _, left = self.applied(logits, self.samplers)
        return sorted(left["id"][left["logit"] > -np.inf].tolist())

    def draw(self, logits):
        """Return a token."""
        candidates, left = self.applied(logits, [*self.samplers, self.dice])
        return int(left["id"][candidates.selected])
