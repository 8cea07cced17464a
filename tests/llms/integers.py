"""The oracle of the forward pass, bit for bit: the arithmetic of docs/arithmetic.md in NumPy, one operation at a time.

Token by token, head by head, block by block; float32 throughout but for the norms' sums. exp and softargmax are the
package's, which tests of their own hold to `logitlab.reference`; the rotary tables are math.cos and math.sin.
"""

import math

import numpy as np
from gguf import GGMLQuantizationType as Type

from logitlab import softargmax
from logitlab.reference import SINGLE
from logitlab.reference.weights import Scale, weight

from . import tiny

f32 = np.float32
NEGLIGIBLE = f32(2.0**-100)


def blocks_of(kind: Type, data: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(factor, addend, integers) of each row's blocks: [rows, blocks] twice, then [rows, blocks, 32]."""
    size = {Type.Q4_1: 20, Type.Q8_0: 34}[kind]
    blocks = np.ascontiguousarray(data).reshape(len(data), -1, size)
    halves = np.ascontiguousarray(blocks[..., : 4 if kind == Type.Q4_1 else 2]).view(np.float16).astype(f32)
    if kind == Type.Q8_0:
        return halves[..., 0], np.zeros_like(halves[..., 0]), blocks[..., 2:].view(np.int8).astype(np.int64)
    nibbles = np.concatenate([blocks[..., 4:] & 15, blocks[..., 4:] >> 4], axis=-1)
    return halves[..., 0], halves[..., 1], nibbles.astype(np.int64)


def quantise(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(X, S, integers) of the blocks of an activation."""
    x = x.reshape(-1, 32)
    most = np.abs(x).max(axis=1)
    zero = most < NEGLIGIBLE
    scale = np.where(zero, f32(0), most / f32(127))
    inverse = np.where(zero, f32(0), f32(127) / np.where(zero, f32(1), most))
    integers = np.rint(x * inverse[:, None]).astype(np.int64)
    return scale, scale * integers.sum(axis=1).astype(f32), integers


def product(kind: Type, data: np.ndarray, x: np.ndarray) -> np.ndarray:
    y = np.zeros(len(data), f32)
    if kind == Type.F32:
        for column, value in zip(data.T, x, strict=True):
            y = y + column * value
        return y
    factor, addend, weights = blocks_of(kind, data)
    scale, offset, integers = quantise(x)
    dots = (weights * integers).sum(axis=2).astype(f32)
    for block in range(len(scale)):
        term = (factor[:, block] * scale[block]) * dots[:, block]
        y = y + (term + addend[:, block] * offset[block] if kind == Type.Q4_1 else term)
    return y


def normalise(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    lanes = np.zeros(16)
    for i, value in enumerate(x.astype(float)):
        lanes[i % 16] += value * value
    for half in (8, 4, 2, 1):
        lanes[:half] += lanes[half : 2 * half]
    scale = f32(1 / math.sqrt(lanes[0] / len(x) + float(f32(1e-5))))
    return x * scale * weights


def turn(head: np.ndarray, position: int) -> np.ndarray:
    angles = [position * 10000.0 ** (-2 * i / len(head)) for i in range(len(head) // 2)]
    cosine, sine = (np.array([wave(a) for a in angles], f32) for wave in (math.cos, math.sin))
    even, odd = head[0::2], head[1::2]
    return np.stack([even * cosine - odd * sine, even * sine + odd * cosine], axis=1).ravel()


def gated(gate: np.ndarray, up: np.ndarray) -> np.ndarray:
    scale = Scale(SINGLE, max=0.0, temperature=1.0)
    e = np.array([weight(-abs(float(x)), scale) for x in gate], f32)
    return gate * (np.where(gate >= 0, f32(1), e) / (f32(1) + e)) * up


class Forward:
    """The logits after each token of a sequence."""

    def __init__(self, model: tiny.Tiny) -> None:
        self.tensors = model.tensors
        self.keys = [[[] for _ in range(tiny.KV_HEADS)] for _ in range(tiny.LAYERS)]
        self.values = [[[] for _ in range(tiny.KV_HEADS)] for _ in range(tiny.LAYERS)]
        self.count = 0

    def _times(self, name: str, x: np.ndarray) -> np.ndarray:
        return product(*self.tensors[name + ".weight"], x)

    def _norm(self, name: str, x: np.ndarray) -> np.ndarray:
        return normalise(x, self.tensors[name + ".weight"][1])

    def _embedded(self, token: int) -> np.ndarray:
        kind, data = self.tensors["token_embd.weight"]
        if kind == Type.F32:
            return data[token]
        factor, addend, integers = blocks_of(kind, data[token : token + 1])
        return (factor[0, :, None] * integers[0].astype(f32) + addend[0, :, None]).ravel()

    def logits(self, tokens: list[int]) -> np.ndarray:
        for token in tokens:
            x = self._embedded(token)
            for i in range(tiny.LAYERS):
                x = x + self._attention(x, i)
                x = x + self._feed_forward(x, i)
            self.count += 1
        return self._times("token_embd", self._norm("output_norm", x))

    def _attention(self, x: np.ndarray, i: int) -> np.ndarray:
        x = self._norm(f"blk.{i}.attn_norm", x)
        query, key, value = (self._times(f"blk.{i}.attn_{name}", x) for name in "qkv")
        for h in range(tiny.KV_HEADS):
            part = slice(h * tiny.HEAD, (h + 1) * tiny.HEAD)
            self.keys[i][h].append(turn(key[part], self.count))
            self.values[i][h].append(value[part])
        mixed = [self._head(turn(q, self.count), i, n) for n, q in enumerate(np.split(query, tiny.HEADS))]
        return self._times(f"blk.{i}.attn_output", np.concatenate(mixed))

    def _head(self, query: np.ndarray, i: int, n: int) -> np.ndarray:
        h = n // (tiny.HEADS // tiny.KV_HEADS)
        keys = np.array(self.keys[i][h])
        scores = np.zeros(len(keys), f32)
        for element in range(tiny.HEAD):
            scores = scores + keys[:, element] * query[element]
        mixed = np.zeros(tiny.HEAD, f32)
        for share, value in zip(softargmax(scores, T=math.sqrt(tiny.HEAD)), self.values[i][h], strict=True):
            mixed = mixed + value * share
        return mixed

    def _feed_forward(self, x: np.ndarray, i: int) -> np.ndarray:
        x = self._norm(f"blk.{i}.ffn_norm", x)
        gate, up = (self._times(f"blk.{i}.ffn_{name}", x) for name in ("gate", "up"))
        return self._times(f"blk.{i}.ffn_down", gated(gate, up))
