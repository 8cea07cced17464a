"""What is on the screen, as values: the widget fills it in, and whatever draws or writes a screen reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from logitlab.sampling import Sampler

Row = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Screen:
    """A row of logits, what is done to it, and what is said about it."""

    logits: Row
    sampler: Sampler
    shown: int  # tokens with a row of their own
    text_of: Callable[[int], str | None]
    prompt: str | None
    note: str
    draws: int
    seed: int
    place: int = (
        0  # tokens that were added to the text: the draws begin with that double of the seed's stream
    )

    @property
    def probs(self) -> NDArray[Any]:
        """The distribution over the whole row."""
        return self.sampler.probs(self.logits)

    @property
    def about(self) -> str:
        """The sampler in words, where it has no step too."""
        return repr(self.sampler) if self.sampler.steps else "temperature 1, every token left"

    def drawn(self) -> NDArray[Any]:
        """Return the tokens of the draws."""
        rng = np.random.Generator(np.random.PCG64(self.seed))
        rng.random(self.place)
        return np.asarray(self.sampler.sample(self.logits, size=self.draws, rng=rng))
