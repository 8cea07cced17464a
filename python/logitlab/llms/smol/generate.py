"""From logits to tokens: one draw of a sampler, and so one double of the generator, per token."""

from collections.abc import Callable, Generator, Sequence
from typing import SupportsIndex

import numpy as np
from numpy import random
from numpy.typing import NDArray

from logitlab.llms.smol.gguf_file import Floats
from logitlab.llms.smol.network import Network
from logitlab.sampling import Sampler


def generate(
    network: Network,
    prompt: Sequence[int],
    sampler: Sampler,
    seed: int,
    longest: int,
    cancelled: Callable[[], bool],
    workers: SupportsIndex | None = None,
) -> Generator[tuple[int, Floats], None, None]:
    """Draw tokens without end, each with the logits that it was drawn from, until the context is full.

    The model is busy only while the next token is computed: a stream that nobody reads holds no lock.
    """
    rng = random.Generator(random.PCG64(seed))
    with network.pool.lend(prompt, longest, workers) as cache:
        logits = network.read(cache, prompt, cancelled)
        while logits is not None:
            token = draw(sampler, logits, cache.history, len(cache.tokens) - len(prompt), rng)
            yield token, logits
            if cancelled() or len(cache.tokens) + 1 >= longest:
                return
            logits = network.step(cache, token)


def draw(
    sampler: Sampler, logits: Floats, history: NDArray[np.int64], generated: int, rng: random.Generator
) -> int:
    """Return a token; the tokens so far are for the steps that look at them."""
    return int(sampler.sample(logits, rng=rng, history=history, generated=generated))
