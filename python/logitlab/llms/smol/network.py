"""SmolLM2's forward pass in NumPy: token ids in, float32 logits out.

A decoder of the family `llama`: root-mean-square norms, rotary positions, grouped queries, a gated
feed-forward layer, the embedding used again as the output. Plain float32 with the matrix products of NumPy's
BLAS.

Sources: Touvron et al., LLaMA (arXiv 2302.13971); Su et al., RoFormer (arXiv 2104.09864) for the rotary
positions; Ainslie et al. (arXiv 2305.13245) for grouped queries; Shazeer (arXiv 2002.05202) for the gate.
GGUF files of this family store queries and keys so that a rotation turns neighbours, elements 2i and 2i + 1.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import numpy as np

from logitlab import softargmax
from logitlab.llms.extras import need
from logitlab.llms.smol.cache import BLOCK, Cache, Pool
from logitlab.llms.smol.gguf_file import Floats, GGUFError, GGUFFile


@dataclass(frozen=True, slots=True)
class Layer:
    """The weights of one layer; what is multiplied with the same input is one matrix."""

    attention_norm: Floats
    query_key_value: Floats
    attention_out: Floats
    feed_norm: Floats
    gate_up: Floats
    down: Floats


class Network:
    """The weights of a GGUF file, ready to run. One forward pass runs at a time, whoever calls."""

    def __init__(self, file: GGUFFile, vocabulary: int) -> None:
        self.width = file.get("llama.embedding_length")
        self.heads = file.get("llama.attention.head_count")
        self.kv_heads = file.get("llama.attention.head_count_kv", self.heads)
        self.head = self.width // self.heads
        if self.head * self.heads != self.width or self.heads % self.kv_heads or self.head % 2:
            shape = f"{self.heads} heads and {self.kv_heads} key heads on a width of {self.width}"
            raise GGUFError(f"{file.path}: {shape} do not divide each other")
        self.context = file.get("llama.context_length")
        self.epsilon = np.float32(file.get("llama.attention.layer_norm_rms_epsilon"))
        self.embedding = file.tensor("token_embd.weight", vocabulary, self.width)
        self.output_norm = file.tensor("output_norm.weight", self.width)
        self.layers = [self._layer(file, i) for i in range(file.get("llama.block_count"))]
        self.cosine, self.sine = self._rotations(file.get("llama.rope.freq_base", 10000.0))
        self.pool = Pool(len(self.layers), self.kv_heads, self.head)
        self._lock = Lock()
        self._blas = need("threadpoolctl", "model").ThreadpoolController().select(user_api="blas")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One pass at a time, on one core: BLAS's threads wait for each other by spinning, so that on a busy
        machine a second core can cost seconds; and its sums depend on their number."""
        with self._lock, self._blas.limit(limits=1):
            yield

    def _layer(self, file: GGUFFile, i: int) -> Layer:
        width, inner = self.width, file.get("llama.feed_forward_length")
        shared = self.kv_heads * self.head

        def tensor(name: str, *shape: int) -> Floats:
            return file.tensor(f"blk.{i}.{name}.weight", *shape)

        return Layer(
            attention_norm=tensor("attn_norm", width),
            query_key_value=np.vstack(
                [
                    tensor("attn_q", width, width),
                    tensor("attn_k", shared, width),
                    tensor("attn_v", shared, width),
                ]
            ),
            attention_out=tensor("attn_output", width, width),
            feed_norm=tensor("ffn_norm", width),
            gate_up=np.vstack([tensor("ffn_gate", inner, width), tensor("ffn_up", inner, width)]),
            down=tensor("ffn_down", width, inner),
        )

    def _rotations(self, base: float) -> tuple[Floats, Floats]:
        """Cosine and sine of position * base^(-2i / head), for every position up to a whole block."""
        positions = np.arange(-(-self.context // BLOCK) * BLOCK)
        angles = np.outer(positions, base ** (-np.arange(0, self.head, 2) / self.head))
        return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)

    def read(self, cache: Cache, tokens: Sequence[int], cancelled: Callable[[], bool]) -> Floats | None:
        """The logits after a prompt; None when cancelled. `cache` comes from `pool.lend(tokens)`."""
        if cache.logits is not None:
            return cache.logits
        while len(cache.tokens) < len(tokens):
            if cancelled():
                return None
            block = tokens[len(cache.tokens) : len(cache.tokens) + BLOCK]
            hidden = self._forward(cache, [*block, *[0] * (BLOCK - len(block))])
            cache.tokens += block
            cache.prompt = len(cache.tokens)
        cache.logits = self._logits(hidden[len(block) - 1])
        cache.logits.flags.writeable = False
        return cache.logits

    def step(self, cache: Cache, token: int) -> Floats:
        """The logits after one more token, a drawn one."""
        hidden = self._forward(cache, [token])
        cache.tokens.append(token)
        return self._logits(hidden[0])

    def _logits(self, hidden: Floats) -> Floats:
        with self._turn():
            return self.embedding @ self._norm(hidden, self.output_norm)

    def _forward(self, cache: Cache, tokens: list[int]) -> Floats:
        """The last layer's output for `tokens`, which follow those in the cache. Their keys and values are
        written, but count only when the caller adds the tokens: an interrupted pass leaves nothing behind."""
        start, end = len(cache.tokens), len(cache.tokens) + len(tokens)
        with self._turn():
            cache.reserve(end)
            hidden = self.embedding[tokens]
            for layer, keys, values in zip(
                self.layers, cache.keys[:, :, :end], cache.values[:, :, :end], strict=True
            ):
                hidden = hidden + self._attention(hidden, layer, keys, values, start)
                hidden = hidden + self._feed_forward(hidden, layer)
        return hidden

    def _attention(self, hidden: Floats, layer: Layer, keys: Floats, values: Floats, start: int) -> Floats:
        rows, group = len(hidden), self.heads // self.kv_heads
        projected = self._norm(hidden, layer.attention_norm) @ layer.query_key_value.T
        heads = projected.reshape(rows, -1, self.head)
        turned = self._rotate(heads[:, : self.heads + self.kv_heads], start)
        keys[:, start:] = turned[:, self.heads :].swapaxes(0, 1)
        values[:, start:] = heads[:, self.heads + self.kv_heads :].swapaxes(0, 1)
        # From here on a row is one query: [key head, query head of its group and row, ...].
        grouped = turned[:, : self.heads].reshape(rows, self.kv_heads, group, self.head)
        query = grouped.transpose(1, 2, 0, 3).reshape(self.kv_heads, group * rows, self.head)
        scores: Floats = query @ keys.swapaxes(1, 2) * np.float32(self.head**-0.5)
        if rows > 1:
            future = np.arange(keys.shape[1]) > np.arange(start, start + rows)[:, None]
            scores.reshape(self.kv_heads, group, rows, -1)[..., future] = -np.inf
        mixed: Floats = softargmax(scores) @ values
        mixed = mixed.reshape(self.kv_heads, group, rows, self.head).transpose(2, 0, 1, 3)
        out: Floats = mixed.reshape(rows, self.width) @ layer.attention_out.T
        return out

    def _rotate(self, heads: Floats, start: int) -> Floats:
        """Each head's neighbouring elements turned by the angle of their position."""
        cosine = self.cosine[start : start + len(heads), None]
        sine = self.sine[start : start + len(heads), None]
        even, odd = heads[..., 0::2], heads[..., 1::2]
        out = np.empty_like(heads)
        out[..., 0::2] = even * cosine - odd * sine
        out[..., 1::2] = even * sine + odd * cosine
        return out

    def _feed_forward(self, hidden: Floats, layer: Layer) -> Floats:
        both = self._norm(hidden, layer.feed_norm) @ layer.gate_up.T
        gate, up = np.split(both, 2, axis=-1)
        with np.errstate(over="ignore"):  # exp(-gate) may be infinite: the gate is then shut
            opened = gate / (1 + np.exp(-gate)) * up
        out: Floats = opened @ layer.down.T
        return out

    def _norm(self, hidden: Floats, weight: Floats) -> Floats:
        mean = np.mean(hidden * hidden, axis=-1, keepdims=True)
        out: Floats = hidden / np.sqrt(mean + self.epsilon) * weight
        return out
