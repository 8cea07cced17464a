"""SmolLM2's forward pass: token ids in, float32 logits out, the same bits on every machine.

A decoder of the family `llama`: root-mean-square norms, rotary positions, grouped queries, a gated
feed-forward layer, the embedding used again as the output. The pass itself is csrc/model; this file reads the
shape from the GGUF file and names the tensors in the order in which the pass wants them.

Source: Touvron et al., LLaMA (arXiv 2302.13971). GGUF files of this family store queries and keys so that a
rotation turns neighbours, elements 2i and 2i + 1.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from logitlab._kernels import Session
from logitlab.llms.smol.cache import Cache, Pool
from logitlab.llms.smol.gguf_file import Floats, GGUFError, GGUFFile
from logitlab.llms.smol.packing import Wanted, load

BLOCK = 32  # tokens of a prompt that one call of the pass takes


class Network:
    """The weights of a GGUF file, ready to run. Streams run side by side, each in a session of its own."""

    def __init__(self, file: GGUFFile, vocabulary: int, folder: Path | None) -> None:
        self.width = file.get("llama.embedding_length")
        self.heads = file.get("llama.attention.head_count")
        self.kv_heads = file.get("llama.attention.head_count_kv", self.heads)
        if not (self.heads and self.kv_heads) or self.width % self.heads or self.heads % self.kv_heads:
            shape = f"{self.heads} heads and {self.kv_heads} key heads on a width of {self.width}"
            raise GGUFError(f"{file.path}: {shape} do not divide each other")
        self.inner, self.layers = file.get("llama.feed_forward_length"), file.get("llama.block_count")
        self.vocabulary = vocabulary
        self.context = file.get("llama.context_length")
        self._rules = (
            file.get("llama.attention.layer_norm_rms_epsilon"),
            file.get("llama.rope.freq_base", 10000.0),
        )
        self._weights = load(file, self._wanted(), folder)
        self._path = file.path
        self.pool = Pool(self._cache)
        self._cache(1)  # whatever else is wrong with the shape is found now

    def _wanted(self) -> Iterator[Wanted]:
        width, inner = self.width, self.inner
        shared = width // self.heads * self.kv_heads
        yield Wanted("output_norm.weight", (width,))
        yield Wanted("token_embd.weight", (self.vocabulary, width))
        for i in range(self.layers):
            for name, *shape in (
                ("attn_norm", width), ("attn_q", width, width), ("attn_k", shared, width),
                ("attn_v", shared, width), ("attn_output", width, width), ("ffn_norm", width),
                ("ffn_gate", inner, width), ("ffn_up", inner, width), ("ffn_down", width, inner),
            ):  # fmt: skip
                yield Wanted(f"blk.{i}.{name}.weight", tuple(shape))

    def _cache(self, capacity: int) -> Cache:
        capacity = -(-capacity // 16) * 16
        shape = (self.width, self.heads, self.kv_heads, self.inner, self.layers, self.vocabulary, capacity)
        try:
            session = Session(self._weights.data, (*shape, *self._rules), self._weights.tensors)
        except ValueError as error:
            raise GGUFError(f"{self._path}: {error}") from error
        return Cache(session, capacity)

    def read(self, cache: Cache, tokens: Sequence[int], cancelled: Callable[[], bool]) -> Floats | None:
        """Return the logits after a prompt; None when cancelled. `cache` comes from `pool.lend(tokens, ...)`."""
        while len(cache.tokens) < len(tokens):
            if cancelled():
                return None
            block = list(tokens[len(cache.tokens) : len(cache.tokens) + BLOCK])
            self._feed(cache, block, last=len(cache.tokens) + len(block) == len(tokens))
        cache.remember()
        return cache.logits

    def step(self, cache: Cache, token: int) -> Floats:
        """Return the logits after one more token, a drawn one."""
        self._feed(cache, [token], last=True)
        assert cache.logits is not None
        return cache.logits

    def _feed(self, cache: Cache, tokens: list[int], last: bool) -> None:
        """Run `tokens`, which follow those in the cache.

        They count only when the pass is over: one that is interrupted leaves nothing behind.
        """
        logits = np.empty(self.vocabulary, np.float32) if last else None
        cache.session.forward(tokens, len(cache.tokens), logits, cache.workers)
        if logits is not None:
            logits.flags.writeable = False
        cache.logits = logits
        cache.tokens += tokens
