"""The weights of a GGUF file in the layout that the forward pass reads, kept in the user's cache.

16 rows of a matrix lie side by side, so that a vector's lanes hold different rows (csrc/model/model.h has the
layout). Repacking takes a second and as much memory as the file has; what comes out is written once and mapped
read-only from then on, so that all processes of a machine share it. A file that is damaged, of another layout
or of another model is made again. A cache that cannot be written costs memory and not the answer.
"""

import contextlib
import hashlib
import mmap
import os
import struct
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from logitlab.llms.smol.digest import sha256_of
from logitlab.llms.smol.gguf_file import F32, Q4_1, Q8_0, GGUFError, GGUFFile

Bytes = NDArray[np.uint8]

ROWS = 16  # that lie side by side
LAYOUT = 1  # changes whenever the bytes below change
_PACKING = {F32: 0, Q8_0: 1, Q4_1: 2}  # ll_packing
_SMALL = 1 << 22  # bytes of weights that are quicker repacked than looked up
_MAGIC = b"logitlab weights"
_HEADER = struct.Struct(
    "<16sI32sQ32s36x"
)  # magic, layout, the model's SHA-256, length and SHA-256 of the rest


@dataclass(frozen=True, slots=True)
class Wanted:
    """A tensor that the network needs; a shape of one dimension is a vector, which stays as it is."""

    name: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """The packed bytes, and for each tensor its packing and where its values and scales begin."""

    data: memoryview
    tensors: tuple[tuple[int, int, int], ...]


def load(file: GGUFFile, wanted: Iterable[Wanted], folder: Path | None) -> Weights:
    """Return the packed weights of `file`: mapped from `folder`, or packed now and kept there (None: in memory)."""
    parts = list(_parts(file, wanted))
    tensors, length = _places(parts)
    if length < _SMALL or folder is None:
        return Weights(_pack(file, parts, tensors, length).data, tensors)
    digest = bytes.fromhex(sha256_of(file.path))
    path = folder / f"{digest.hex()[:16]}-{LAYOUT}.weights"
    data = _mapped(path, digest, length)
    if data is None:
        data = _pack(file, parts, tensors, length).data
        with contextlib.suppress(OSError):
            _write(path, digest, data)
            data = _mapped(path, digest, length) or data
    return Weights(data, tensors)


@dataclass(frozen=True, slots=True)
class _Part:
    wanted: Wanted
    kind: int
    values: int  # bytes
    scales: int


def _parts(file: GGUFFile, wanted: Iterable[Wanted]) -> Iterator[_Part]:
    for tensor in wanted:
        kind, _ = file.raw(tensor.name, *tensor.shape)
        if len(tensor.shape) == 1:
            if kind != F32:
                raise GGUFError(f"{file.path}: tensor {tensor.name!r} must have the type F32")
            yield _Part(tensor, kind, tensor.shape[0] * 4, 0)
        else:
            rows, columns = -(-tensor.shape[0] // ROWS) * ROWS, tensor.shape[1]
            quarters, scales = {F32: (16, 0), Q8_0: (4, 1), Q4_1: (2, 2)}[kind]
            yield _Part(tensor, kind, rows * columns * quarters // 4, rows * (columns // 32) * scales * 2)


def _places(parts: Iterable[_Part]) -> tuple[tuple[tuple[int, int, int], ...], int]:
    """(packing, offset of the values, offset of the scales) of each part, and the length of all."""
    end, places = 0, []
    for part in parts:
        scales = end + -(-part.values // 64) * 64
        places.append((_PACKING[part.kind], end, scales))
        end = scales + -(-part.scales // 64) * 64
    return tuple(places), end


def _pack(file: GGUFFile, parts: list[_Part], places: tuple[tuple[int, int, int], ...], length: int) -> Bytes:
    memory = np.zeros(length + 64, np.uint8)
    data = memory[-memory.ctypes.data % 64 :][:length]
    for part, (_, values, scales) in zip(parts, places, strict=True):
        kind, raw = file.raw(part.wanted.name, *part.wanted.shape)
        out = data[values : values + part.values], data[scales : scales + part.scales]
        if raw.ndim == 1:
            out[0][:] = raw
            continue
        padded = raw
        if len(raw) % ROWS:
            padded = np.zeros((-(-len(raw) // ROWS) * ROWS, raw.shape[1]), np.uint8)
            padded[: len(raw)] = raw
        {F32: _floats, Q8_0: _byte_blocks, Q4_1: _nibble_blocks}[kind](padded, *out)
        if (out[1].view("<u2") & 0x7C00 == 0x7C00).any():
            raise GGUFError(f"{file.path}: a scale of tensor {part.wanted.name!r} is not finite")
    return data


def _floats(raw: Bytes, values: Bytes, scales: Bytes) -> None:
    rows = raw.view("<f4").reshape(len(raw) // ROWS, ROWS, -1)
    values.view("<f4").reshape(len(rows), -1, ROWS)[:] = rows.transpose(0, 2, 1)


def _byte_blocks(raw: Bytes, values: Bytes, scales: Bytes) -> None:
    """Blocks of a float16 and 32 bytes."""
    blocks = raw.reshape(len(raw) // ROWS, ROWS, -1, 34)
    words = np.ascontiguousarray(blocks[..., 2:]).view("<u4")
    values.view("<u4").reshape(len(blocks), -1, 8, ROWS)[:] = words.transpose(0, 2, 3, 1)
    factors = np.ascontiguousarray(blocks[..., :2]).view("<u2")[..., 0]
    scales.view("<u2").reshape(len(blocks), -1, ROWS)[:] = factors.transpose(0, 2, 1)


def _nibble_blocks(raw: Bytes, values: Bytes, scales: Bytes) -> None:
    """Blocks of two float16 and 16 bytes, each with an element of the first and of the second half."""
    words = raw.view("<u4").reshape(len(raw) // ROWS, ROWS, -1, 5)
    values.view("<u4").reshape(len(words), -1, 4, ROWS)[:] = words[..., 1:].transpose(0, 2, 3, 1)
    both = np.ascontiguousarray(words[..., 0]).view("<u2").reshape(*words.shape[:3], 2)
    scales.view("<u2").reshape(len(words), -1, 2, ROWS)[:] = both.transpose(0, 2, 3, 1)


def _mapped(path: Path, model: bytes, length: int) -> memoryview | None:
    """Return the weights in a file, or None where it is not exactly what `_write` would write."""
    try:
        with open(path, "rb") as file:
            data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError):
        return None
    if len(data) != _HEADER.size + length:
        return None
    weights = data[_HEADER.size :]
    return weights if data[: _HEADER.size] == _header(model, weights) else None


def _header(model: bytes, weights: memoryview) -> bytes:
    return _HEADER.pack(_MAGIC, LAYOUT, model, len(weights), hashlib.sha256(weights).digest())


def _write(path: Path, model: bytes, weights: memoryview) -> None:
    """Write the file under another name, then rename it: nobody ever sees a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with open(descriptor, "wb") as file:
            file.write(_header(model, weights))
            file.write(weights)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
