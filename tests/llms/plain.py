"""The oracles: the package's rules, written as plainly as they can be, with nothing of the package.

The forward pass goes token by token and head by head in float64, the rotary positions are complex numbers,
the blocks of Q4_1 and Q8_0 are read one at a time. The tokeniser merges the first best pair until there is
none, and splits with Unicode's own table of classes.
"""

import functools
import re
import struct
import unicodedata
from itertools import pairwise

import numpy as np
from gguf import GGMLQuantizationType as Type

from . import tiny

NO_SPACE = "\x1c\x1d\x1e\x1f"  # Python takes them for space, Unicode's White_Space and other engines do not
NEVER = 1 << 30  # the rank of a pair that is not merged


def dequantize(kind: Type, data: np.ndarray) -> np.ndarray:
    """float64 values of a tensor, block by block as ggml defines them."""
    if kind == Type.F32:
        return data.astype(np.float64)
    size, read = {Type.Q4_1: (20, _q4_1), Type.Q8_0: (34, _q8_0)}[kind]
    rows = [bytes(row) for row in data]
    return np.array([[x for i in range(0, len(row), size) for x in read(row[i : i + size])] for row in rows])


def _q4_1(block: bytes) -> list[float]:
    scale, low = struct.unpack("<ee", block[:4])
    nibbles = [byte & 15 for byte in block[4:]] + [byte >> 4 for byte in block[4:]]
    return [scale * q + low for q in nibbles]


def _q8_0(block: bytes) -> list[float]:
    (scale,) = struct.unpack("<e", block[:2])
    return [scale * q for q in struct.unpack("<32b", block[2:])]


class Forward:
    """The logits after each token of a sequence, by the papers' formulas."""

    def __init__(self, model: tiny.Tiny) -> None:
        self.weights = {name: dequantize(*tensor) for name, tensor in model.tensors.items()}

    def logits(self, tokens: list[int]) -> np.ndarray:
        past = [([], []) for _ in range(tiny.LAYERS)]
        for position, token in enumerate(tokens):
            x = self.weights["token_embd.weight"][token]
            for i in range(tiny.LAYERS):
                x = x + self._attention(x, i, position, *past[i])
                x = x + self._feed_forward(x, i)
        return self.weights["token_embd.weight"] @ self._norm(x, "output_norm")

    def _norm(self, x, name):
        return x / np.sqrt(np.mean(x**2) + 1e-5) * self.weights[name + ".weight"]

    def _attention(self, x, i, position, keys, values):
        w = {name: self.weights[f"blk.{i}.attn_{name}.weight"] for name in ("q", "k", "v", "output")}
        x = self._norm(x, f"blk.{i}.attn_norm")
        keys.append([turn(k, position) for k in np.split(w["k"] @ x, tiny.KV_HEADS)])
        values.append(np.split(w["v"] @ x, tiny.KV_HEADS))
        heads = []
        for head, query in enumerate(np.split(w["q"] @ x, tiny.HEADS)):
            shared = head // (tiny.HEADS // tiny.KV_HEADS)
            scores = np.array([key[shared] @ turn(query, position) for key in keys]) / tiny.HEAD**0.5
            share = np.exp(scores - scores.max())
            share /= share.sum()
            heads.append(sum(p * value[shared] for p, value in zip(share, values, strict=True)))
        return w["output"] @ np.concatenate(heads)

    def _feed_forward(self, x, i):
        w = {name: self.weights[f"blk.{i}.ffn_{name}.weight"] for name in ("gate", "up", "down")}
        x = self._norm(x, f"blk.{i}.ffn_norm")
        gate = w["gate"] @ x
        return w["down"] @ (gate / (1 + np.exp(-gate)) * (w["up"] @ x))


def turn(head: np.ndarray, position: int) -> np.ndarray:
    """Neighbouring elements as one complex number, turned by its own angle per position."""
    angles = position * 10000.0 ** (-np.arange(0, len(head), 2) / len(head))
    turned = (head[0::2] + 1j * head[1::2]) * np.exp(1j * angles)
    return np.stack([turned.real, turned.imag], axis=1).ravel()


@functools.cache
def _class(letter: str) -> str:
    """All characters of a Unicode class, as the inside of a regular expression's brackets."""
    return "".join(re.escape(chr(c)) for c in range(0x110000) if unicodedata.category(chr(c))[0] == letter)


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    letters, numbers = _class("L"), _class("N")
    space = "".join(chr(c) for c in range(0x3001) if chr(c).isspace() and chr(c) not in NO_SPACE)
    word = f"'s|'t|'re|'ve|'m|'ll|'d| ?[{letters}]+| ?[^{space}{letters}{numbers}]+"
    words = f"{word}|[{space}]+(?![^{space}])|[{space}]+"
    return re.compile(f"([{numbers}])"), re.compile(words)


def words(text: str) -> list[str]:
    """Every number alone, then GPT-2's split."""
    number, word = _patterns()
    parts = [part for part in number.split(text) if part]
    return [w for part in parts for w in ([part] if number.fullmatch(part) else word.findall(part))]


class BPE:
    def __init__(self, tokens: list[str], merges: list[str], control: list[str]) -> None:
        self.ids = {token: i for i, token in enumerate(tokens)}
        self.rank = {tuple(merge.split(" ")): i for i, merge in enumerate(merges)}
        self.control = re.compile(
            "(" + "|".join(map(re.escape, sorted(control, key=len, reverse=True))) + ")"
        )
        self.letters = tiny.alphabet()

    def encode(self, text: str) -> list[int]:
        out = []
        for i, part in enumerate(self.control.split(text)):
            out += [self.ids[part]] if i % 2 else [t for word in words(part) for t in self._word(word)]
        return out

    def _word(self, word: str) -> list[int]:
        parts = [self.letters[byte] for byte in word.encode()]
        while True:
            pairs = [(self.rank.get(pair, NEVER), i) for i, pair in enumerate(pairwise(parts))]
            best, i = min(pairs, default=(NEVER, 0))
            if best == NEVER:
                return [self.ids[part] for part in parts]
            parts[i : i + 2] = [parts[i] + parts[i + 1]]
