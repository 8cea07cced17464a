"""A bit generator that returns the doubles that a test gives it, through the C interface that NumPy's own have."""

import ctypes

import numpy as np

_NEXT_DOUBLE = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_void_p)
_NEXT_64 = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_void_p)
_NEXT_32 = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_void_p)


class _Bitgen(ctypes.Structure):
    _fields_ = [
        ("state", ctypes.c_void_p),
        ("next_uint64", _NEXT_64),
        ("next_uint32", _NEXT_32),
        ("next_double", _NEXT_DOUBLE),
        ("next_raw", _NEXT_64),
    ]


class Given(np.random.BitGenerator):
    """Gives these doubles, one after the other; `left` are those that nobody took."""

    def __init__(self, doubles):
        super().__init__(0)
        self.left = [float(u) for u in doubles]
        self._struct = _Bitgen(
            None,
            _NEXT_64(lambda _: 0),
            _NEXT_32(lambda _: 0),
            _NEXT_DOUBLE(lambda _: self.left.pop(0)),
            _NEXT_64(lambda _: 0),
        )
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
        self._capsule = new(ctypes.addressof(self._struct), b"BitGenerator", None)

    @property
    def capsule(self):
        return self._capsule
