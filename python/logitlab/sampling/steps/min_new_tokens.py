"""MinNewTokens: no end of the text before n tokens are generated."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from logitlab.messages import shown
from logitlab.ranges import range_of
from logitlab.sampling.parameters import Number, each_row, number, sequences
from logitlab.sampling.steps.base import Lists, Step
from logitlab.sampling.steps.token_lists import flat


@dataclass(frozen=True, eq=False, repr=False)
class MinNewTokens(Step):
    """Ban the tokens that end a text until the model has written n tokens.

    How many it wrote is `generated=` of the call, or else the length of the history. As transformers' min_new_tokens
    and vLLM's min_tokens.

    Parameters
    ----------
    n : int or array_like of int
        At least 0.
    eos : int or sequence of int; or a PerRow of such, optional
        Token ids that end a text; only n = 0 needs none.

    Examples
    --------
    >>> from logitlab.sampling import MinNewTokens, Sampler
    >>> Sampler([MinNewTokens(2, eos=0)]).probs([5.0, 0.0, 0.0], history=[1])
    array([0. , 0.5, 0.5])
    """

    kind: ClassVar[str] = "min_new_tokens"
    options: ClassVar[Mapping[str, str]] = {"min_new_tokens": "n", "eos_token_id": "eos"}

    n: Number = number()
    eos: Any = sequences(None)

    def __post_init__(self) -> None:
        if self.eos is None:
            if np.any(range_of(self.kind).check(self.label("n"), self.n)):
                raise ValueError(f"{self.label('n')} needs {self.label('eos')} beside it, unless it is 0")
            object.__setattr__(self, "eos", ())
        super().__post_init__()
        if any(len(sequence) != 1 for eos in each_row(self.eos) for sequence in eos):
            raise ValueError(f"{self.label('eos')} must be token ids, got {shown(self.eos)}")

    def lists(self) -> Lists:
        """Return the tokens."""
        return tuple((flat(eos)[0], None) for eos in each_row(self.eos))
