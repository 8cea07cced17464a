"""llama.cpp as an oracle: its C interface, by ctypes, on the library inside the wheel `xllamacpp`.

The symbols are an accident of that build, so its version is pinned (group `test`), and the fields of the two
structures that are set here are checked by what the library then says. Only the tests use it.
"""

import ctypes
import importlib.util
import os
from pathlib import Path

import numpy as np

VERSION = "2026.10.11549"


class Parameters(ctypes.Structure):
    """Room for any of llama.cpp's structures of parameters, given and taken by value."""

    _fields_ = (("words", ctypes.c_uint64 * 128),)


class Batch(ctypes.Structure):
    _fields_ = (
        ("count", ctypes.c_int32),
        *(
            (name, ctypes.c_void_p)
            for name in ("token", "embedding", "position", "sequences", "ids", "logits")
        ),
    )


_POINTER, _INT, _BOOL = ctypes.c_void_p, ctypes.c_int32, ctypes.c_bool
_PROTOTYPES = {
    "llama_backend_init": (None, []),
    "llama_log_set": (None, [_POINTER, _POINTER]),
    "llama_model_default_params": (Parameters, []),
    "llama_context_default_params": (Parameters, []),
    "llama_model_load_from_file": (_POINTER, [ctypes.c_char_p, Parameters]),
    "llama_init_from_model": (_POINTER, [_POINTER, Parameters]),
    "llama_model_get_vocab": (_POINTER, [_POINTER]),
    "llama_vocab_n_tokens": (_INT, [_POINTER]),
    "llama_vocab_is_eog": (_BOOL, [_POINTER, _INT]),
    "llama_n_ctx": (ctypes.c_uint32, [_POINTER]),
    "llama_tokenize": (_INT, [_POINTER, ctypes.c_char_p, _INT, _POINTER, _INT, _BOOL, _BOOL]),
    "llama_token_to_piece": (_INT, [_POINTER, _INT, _POINTER, _INT, _INT, _BOOL]),
    "llama_get_memory": (_POINTER, [_POINTER]),
    "llama_memory_clear": (None, [_POINTER, _BOOL]),
    "llama_batch_get_one": (Batch, [_POINTER, _INT]),
    "llama_decode": (_INT, [_POINTER, Batch]),
    "llama_get_logits_ith": (_POINTER, [_POINTER, _INT]),
    "llama_set_n_threads": (None, [_POINTER, _INT, _INT]),
}
_quiet = ctypes.CFUNCTYPE(None, _INT, ctypes.c_char_p, _POINTER)(lambda *_: None)


def library():
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # its threads would spin on a busy machine
    (folder,) = importlib.util.find_spec("xllamacpp").submodule_search_locations
    (path,) = Path(folder).glob("xllamacpp.abi3.*")
    lib = ctypes.CDLL(str(path))
    for name, (result, arguments) in _PROTOTYPES.items():
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    lib.llama_log_set(ctypes.cast(_quiet, _POINTER), None)
    lib.llama_backend_init()
    return lib


class Model:
    """A GGUF file in llama.cpp, on one core."""

    def __init__(self, path: Path, context: int = 512) -> None:
        self.lib = lib = library()
        parameters = lib.llama_model_default_params()
        self.model = lib.llama_model_load_from_file(os.fsencode(path), parameters)
        assert self.model
        parameters = lib.llama_context_default_params()
        sizes = np.array([context, context, context], np.uint32)  # context, batch, micro-batch
        ctypes.memmove(ctypes.addressof(parameters), sizes.ctypes.data, sizes.nbytes)
        self.context = lib.llama_init_from_model(self.model, parameters)
        assert lib.llama_n_ctx(self.context) == context
        lib.llama_set_n_threads(self.context, 1, 1)
        self.vocabulary = lib.llama_model_get_vocab(self.model)
        self.size = lib.llama_vocab_n_tokens(self.vocabulary)

    def tokenize(self, text: str) -> list[int]:
        data = text.encode()
        ids = np.empty(len(data) + 1, np.int32)
        count = self.lib.llama_tokenize(
            self.vocabulary, data, len(data), ids.ctypes.data, len(ids), False, True
        )
        return ids[:count].tolist()

    def piece(self, token: int) -> bytes:
        buffer = ctypes.create_string_buffer(256)
        count = self.lib.llama_token_to_piece(self.vocabulary, token, buffer, 256, 0, False)
        return buffer.raw[: max(count, 0)]

    def ends(self, token: int) -> bool:
        return self.lib.llama_vocab_is_eog(self.vocabulary, token)

    def logits(self, tokens: list[int]) -> np.ndarray:
        """After these tokens alone."""
        self.lib.llama_memory_clear(self.lib.llama_get_memory(self.context), True)
        return self.feed(tokens)

    def feed(self, tokens: list[int]) -> np.ndarray:
        """After these tokens, which follow those that were fed before."""
        ids = np.array(tokens, np.int32)
        failed = self.lib.llama_decode(self.context, self.lib.llama_batch_get_one(ids.ctypes.data, len(ids)))
        assert not failed
        row = self.lib.llama_get_logits_ith(self.context, -1)
        return np.ctypeslib.as_array(ctypes.cast(row, ctypes.POINTER(ctypes.c_float)), (self.size,)).copy()
