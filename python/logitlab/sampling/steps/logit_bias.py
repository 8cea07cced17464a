"""LogitBias: numbers added to the logits of single tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from logitlab.sampling.parameters import biases, each_row, of_rows
from logitlab.sampling.steps.base import Lists, Step
from logitlab.sampling.steps.token_lists import brief, flat_biases


@dataclass(frozen=True, eq=False, repr=False)
class LogitBias(Step):
    """Add a number to the logits of some tokens; -inf bans them.

    Rule: z' = z + bias. A sequence of tokens biases its last one, where the history ends with the others (transformers'
    sequence_bias). From OpenAI's API. A token that is not in the row is an error.

    Parameters
    ----------
    bias : dict of int, or tuple of int, to float; or a sequence of such dicts, one for each row
        Finite, or -inf.

    Examples
    --------
    >>> from logitlab.sampling import LogitBias, Sampler
    >>> Sampler([LogitBias({1: float("-inf")})]).probs([0.0, 5.0, 0.0])
    array([0.5, 0. , 0.5])
    """

    kind: ClassVar[str] = "logit_bias"
    options: ClassVar[Mapping[str, str]] = {"logit_bias": "bias"}

    bias: Any = biases()

    def lists(self) -> Lists:
        """Return the sequences with their lengths and biases."""
        return tuple(flat_biases(biases) for biases in each_row(self.bias))

    def __repr__(self) -> str:
        shown = of_rows(self.bias, lambda biases: {brief(sequence): bias for sequence, bias in biases})
        return f"LogitBias({shown!r})"
