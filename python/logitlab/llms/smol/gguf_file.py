"""A GGUF file: its metadata and its tensors, the latter as float32.

The format is read by ggml-org's own package `gguf`; here its errors become ours, which name the file, what
was needed and what came. Only the architecture that the forward pass is written for, `llama`, is let through.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logitlab.llms.extras import need
from logitlab.messages import shown

Floats = NDArray[np.float32]


class GGUFError(ValueError):
    """The file is not a model that this package can run."""


class GGUFFile:
    """The metadata and tensors of the file at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        gguf = need("gguf", "model")
        with open(path, "rb") as file:
            magic = file.read(4)
        if magic != b"GGUF":
            raise GGUFError(f"{path} is not a GGUF file: it needs to start with b'GGUF', not {shown(magic)}")
        try:
            reader = gguf.GGUFReader(path)
        except (ValueError, IndexError, KeyError, OverflowError, UnicodeDecodeError) as error:
            size = path.stat().st_size
            raise GGUFError(f"{path} is damaged or cut short at {size} bytes: {error}") from error
        self._fields = reader.fields
        self._tensors = {tensor.name: tensor for tensor in reader.tensors}
        self._dequantize = need("gguf.quants", "model").dequantize
        self.require("general.architecture", ["llama"])

    def get(self, key: str, default: Any = None) -> Any:
        """A metadata value, as Python has it."""
        if key in self._fields:
            return self._fields[key].contents()
        if default is None:
            raise GGUFError(f"{self.path} has no metadata {key!r}")
        return default

    def require(self, key: str, values: Iterable[str]) -> None:
        """Refuse the file unless the metadata `key` is one of `values`."""
        if (value := self.get(key)) not in values:
            raise GGUFError(f"{self.path}: {key} needs to be one of {', '.join(values)}, not {shown(value)}")

    def tensor(self, name: str, *shape: int) -> Floats:
        """A tensor as float32, which needs to have `shape`."""
        if name not in self._tensors:
            raise GGUFError(f"{self.path} has no tensor {name!r}")
        tensor = self._tensors[name]
        try:
            value: Floats = self._dequantize(tensor.data, tensor.tensor_type)
        except NotImplementedError as error:
            raise GGUFError(
                f"{self.path}: tensor {name!r} has a type that can not be read: {error}"
            ) from error
        if value.shape != shape:
            raise GGUFError(f"{self.path}: tensor {name!r} needs the shape {shape}, not {value.shape}")
        return np.ascontiguousarray(value, dtype=np.float32)
