"""From logits to tokens: one call of `logitlab.sample`, and so one double of the generator, per token."""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

from numpy import random

from logitlab import sample
from logitlab.llms.smol.gguf_file import Floats
from logitlab.llms.smol.network import Network


def generate(
    network: Network, prompt: Sequence[int], options: Mapping[str, Any], cancelled: Callable[[], bool]
) -> Generator[tuple[int, Floats], None, None]:
    """Draw tokens without end, each with the logits that it was drawn from, until the context is full.

    The model is busy only while the next token is computed: a stream that nobody reads holds no lock.
    """
    rng = random.Generator(random.PCG64(options["seed"]))
    with network.pool.lend(prompt) as cache:
        logits = network.read(cache, prompt, cancelled)
        while logits is not None:
            token = draw(logits, options, rng)
            yield token, logits
            if cancelled() or len(cache.tokens) + 1 >= options["num_ctx"]:
                return
            logits = network.step(cache, token)


def draw(logits: Floats, options: Mapping[str, Any], rng: random.Generator) -> int:
    """A token by top_k, top_p, min_p and, last, temperature: the order of llama.cpp and Ollama."""
    return int(
        sample(
            logits,
            temperature=options["temperature"],
            top_k=options["top_k"],
            top_p=options["top_p"],
            min_p=options["min_p"],
            rng=rng,
        )
    )
