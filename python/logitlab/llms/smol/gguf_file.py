"""A GGUF file: its metadata, and its tensors as the bytes that the file has.

GGUF is ggml's format: a header, key-value pairs, a list of tensors, then their numbers. Every length and
offset is checked against the size of the file before it is used, so a damaged file is an error that names
it and never an allocation. Only the architecture that the forward pass is written for, `llama`, is let through,
and of the tensor types F32, Q8_0 and Q4_1.

Source: ggml's specification of GGUF, version 3 (docs/gguf.md in ggml-org/ggml).
"""

import math
import mmap
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logitlab.messages import shown

Floats = NDArray[np.float32]

F32, Q4_1, Q8_0 = 0, 3, 8
KINDS = {
    F32: ("F32", 1, 4),
    Q4_1: ("Q4_1", 32, 20),
    Q8_0: ("Q8_0", 32, 34),
}  # name, elements and bytes of a block
_STRING, _ARRAY = 8, 9
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_VERSIONS = (2, 3)


class GGUFError(ValueError):
    """The file is not a model that this package can run."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """Where a tensor lies: its shape as NumPy has it, its type's number, and its place in the file."""

    shape: tuple[int, ...]
    kind: int
    offset: int


class GGUFFile:
    """The metadata and tensors of the file at `path`, mapped into memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with open(path, "rb") as file:
            if (magic := file.read(4)) != b"GGUF":
                raise GGUFError(f"{path} is not a GGUF file: it must start with b'GGUF', got {shown(magic)}")
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._at = 4
        self._fields: dict[str, Any] = {}
        self._tensors: dict[str, Tensor] = {}
        try:
            self._read_header()
        except (struct.error, UnicodeDecodeError, OverflowError) as error:
            raise self._damaged(error) from error
        self.require("general.architecture", ["llama"])

    def get(self, key: str, default: Any = None) -> Any:
        """Return a metadata value, as Python has it."""
        if key in self._fields:
            return self._fields[key]
        if default is None:
            raise GGUFError(f"{self.path} has no metadata {key!r}")
        return default

    def require(self, key: str, values: Iterable[str]) -> None:
        """Refuse the file unless the metadata `key` is one of `values`."""
        if (value := self.get(key)) not in values:
            raise GGUFError(f"{self.path}: {key} must be one of {', '.join(values)}, got {shown(value)}")

    def raw(self, name: str, *shape: int) -> tuple[int, NDArray[np.uint8]]:
        """Return the type of a tensor, which must have `shape`, and its bytes, row by row."""
        if name not in self._tensors:
            raise GGUFError(f"{self.path} has no tensor {name!r}")
        tensor = self._tensors[name]
        if tensor.kind not in KINDS:
            raise GGUFError(
                f"{self.path}: tensor {name!r} has type {tensor.kind} of ggml, and only F32, Q8_0 and Q4_1 "
                "can be run here; Ollama runs the others: ollama create my-model -f Modelfile"
            )
        if tensor.shape != shape:
            raise GGUFError(f"{self.path}: tensor {name!r} must have the shape {shape}, got {tensor.shape}")
        _, elements, size = KINDS[tensor.kind]
        if shape[-1] % elements:
            raise self._damaged(f"the rows of {name!r} have {shape[-1]} elements, no multiple of {elements}")
        row = shape[-1] // elements * size
        count = math.prod(shape[:-1]) * row
        if tensor.offset + count > len(self._data):
            raise self._damaged(f"tensor {name!r} ends at {tensor.offset + count}")
        data = np.frombuffer(self._data, np.uint8, count, tensor.offset)
        return tensor.kind, data.reshape(*shape[:-1], row)

    def _damaged(self, why: object) -> GGUFError:
        return GGUFError(f"{self.path} is damaged or cut short at {len(self._data)} bytes: {why}")

    def _read_header(self) -> None:
        if (version := self._number("I")) not in _VERSIONS:
            raise GGUFError(f"{self.path} has version {version} of GGUF, and 2 and 3 can be read")
        tensors, fields = self._number("Q"), self._number("Q")
        for _ in range(fields):
            key = self._string()
            self._fields[key] = self._value(self._number("I"))
        listed = [self._tensor_entry() for _ in range(tensors)]
        alignment = self._fields.get("general.alignment", 32)
        if not isinstance(alignment, int) or alignment <= 0:
            raise self._damaged(f"general.alignment is {shown(alignment)}")
        begin = -(-self._at // alignment) * alignment
        self._tensors = {name: Tensor(shape, kind, begin + at) for name, shape, kind, at in listed}

    def _tensor_entry(self) -> tuple[str, tuple[int, ...], int, int]:
        name, dimensions = self._string(), self._number("I")
        if not 1 <= dimensions <= 4:
            raise self._damaged(f"tensor {name!r} has {dimensions} dimensions")
        shape = tuple(self._number("Q") for _ in range(dimensions))[::-1]
        return name, shape, self._number("I"), self._number("Q")

    def _number(self, code: str) -> Any:
        (value,) = struct.unpack_from("<" + code, self._data, self._at)
        self._at += struct.calcsize("<" + code)
        return value

    def _string(self) -> str:
        return self._take(self._number("Q")).decode()

    def _strings(self, count: int) -> list[str]:
        """As many calls of `_string`, in a loop of its own: a vocabulary and its merges are 100 000 of them."""
        data, at, texts, length_at = self._data, self._at, [], struct.Struct("<Q").unpack_from
        for _ in range(count):
            (length,) = length_at(data, at)
            if length > len(data) - at - 8:
                raise self._damaged(f"{length} bytes are announced at {at + 8}")
            at += 8 + length
            texts.append(data[at - length : at].decode())
        self._at = at
        return texts

    def _take(self, count: int) -> bytes:
        if count > len(self._data) - self._at:
            raise self._damaged(f"{count} bytes are announced at {self._at}")
        self._at += count
        return self._data[self._at - count : self._at]

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array(self._number("I"), self._number("Q"))
        if kind not in _NUMBERS:
            raise self._damaged(f"a value has the unknown type {kind}")
        return self._number(_NUMBERS[kind])

    def _array(self, kind: int, count: int) -> list[Any]:
        if kind == _STRING:
            return self._strings(count)
        if kind not in _NUMBERS:
            raise self._damaged(f"an array has the type {kind}")
        code = "<" + _NUMBERS[kind]
        return [value for (value,) in struct.iter_unpack(code, self._take(count * struct.calcsize(code)))]
