"""A random model of SmolLM2's family, small enough for every test: two layers, 64 wide, written as GGUF.

Its matrices have the types of the real file (Q4_1, the embedding Q8_0), so reading them is tested too.
The vocabulary is 256 bytes but for one, some merges, and control tokens at SmolLM2's own ids.
"""

from dataclasses import dataclass, field
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf.quants import quantize

WIDTH, HEADS, KV_HEADS, HEAD, INNER, LAYERS, CONTEXT = 64, 4, 2, 16, 96, 2, 160
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<repo_name>", "<reponame>"]
MERGES = [
    "t h", "th e", "i n", "Ġ a", "Ġ the", "in g", "e r", "Ġ Ġ", "ĠĠ ĠĠ", "Ċ Ċ", "o r", "a n", "Ġa n", "an d",
    "' s", "Ã ©", "ð Ł", "ðŁ ĺ", "1 2", "l l", "' ll", "Ġan d", "S in", "Sin g", "a p", "or e",
]  # fmt: skip
MISSING_BYTE = 4  # no token spells it, as in SmolLM2


@dataclass
class Tiny:
    """What the file at `path` holds: numbers as bytes of their type, in the file's layout."""

    path: Path
    tokens: list[str]
    merges: list[str]
    tensors: dict[str, tuple[Type, np.ndarray]] = field(default_factory=dict)


def alphabet() -> dict[int, str]:
    """GPT-2's character for each byte, as its authors list them."""
    shown = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    hidden = [byte for byte in range(256) if byte not in shown]
    return {**{byte: chr(byte) for byte in shown}, **{byte: chr(256 + i) for i, byte in enumerate(hidden)}}


def vocabulary() -> list[str]:
    letters = [letter for byte, letter in alphabet().items() if byte != MISSING_BYTE]
    merged = list(dict.fromkeys(merge.replace(" ", "") for merge in MERGES))
    return CONTROL + letters + merged


def write(
    path: Path,
    seed: int = 0,
    metadata: dict[str, object] | None = None,
    drop: str = "",
    kinds: tuple[Type, Type] = (Type.Q4_1, Type.Q8_0),
) -> Tiny:
    """Write the model; `metadata` replaces values, the tensor `drop` is left out, `kinds` are the types of the
    matrices and of the embedding."""
    rng = np.random.default_rng(seed)
    tiny = Tiny(path, vocabulary(), MERGES)
    _add_tensors(tiny, rng, *kinds)
    tiny.tensors.pop(drop, None)
    writer = gguf.GGUFWriter(path, "llama")
    for key, value in _metadata(tiny, metadata or {}).items():
        add = {str: writer.add_string, int: writer.add_uint32, float: writer.add_float32}
        add.get(type(value), writer.add_array)(key, value)
    for name, (kind, data) in tiny.tensors.items():
        writer.add_tensor(name, data, raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return tiny


def _metadata(tiny: Tiny, changed: dict[str, object]) -> dict[str, object]:
    usual: dict[str, object] = {
        "llama.context_length": CONTEXT,
        "llama.embedding_length": WIDTH,
        "llama.block_count": LAYERS,
        "llama.feed_forward_length": INNER,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": KV_HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.freq_base": 10000.0,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "smollm",
        "tokenizer.ggml.tokens": tiny.tokens,
        "tokenizer.ggml.token_type": [3] * len(CONTROL) + [1] * (len(tiny.tokens) - len(CONTROL)),
        "tokenizer.ggml.merges": tiny.merges,
        "tokenizer.ggml.eos_token_id": 2,
    }
    return usual | changed


def _add_tensors(tiny: Tiny, rng: np.random.Generator, matrices: Type, embedding: Type) -> None:
    def add(name: str, *shape: int, kind: Type = matrices) -> None:
        spread = 1.0 if len(shape) == 1 else 4 * shape[-1] ** -0.5
        values = rng.normal(scale=spread, size=shape).astype(np.float32)
        if name == "token_embd":
            values[: len(CONTROL)] /= 100  # their logits are near 0: an answer seldom ends early
        tiny.tensors[name + ".weight"] = (kind, quantize(values, kind))

    add("token_embd", len(tiny.tokens), WIDTH, kind=embedding)
    add("output_norm", WIDTH, kind=Type.F32)
    for i in range(LAYERS):
        add(f"blk.{i}.attn_norm", WIDTH, kind=Type.F32)
        add(f"blk.{i}.attn_q", WIDTH, WIDTH)
        add(f"blk.{i}.attn_k", KV_HEADS * HEAD, WIDTH)
        add(f"blk.{i}.attn_v", KV_HEADS * HEAD, WIDTH)
        add(f"blk.{i}.attn_output", WIDTH, WIDTH)
        add(f"blk.{i}.ffn_norm", WIDTH, kind=Type.F32)
        add(f"blk.{i}.ffn_gate", INNER, WIDTH)
        add(f"blk.{i}.ffn_up", INNER, WIDTH)
        add(f"blk.{i}.ffn_down", WIDTH, INNER)
