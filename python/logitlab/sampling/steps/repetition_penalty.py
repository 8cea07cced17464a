"""RepetitionPenalty: a factor on the logits of tokens that occurred."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.steps.families import Penalty


@dataclass(frozen=True, eq=False, repr=False)
class RepetitionPenalty(Penalty):
    """Make tokens that have occurred less likely, by dividing or multiplying their logits.

    Rule: for each token of the window, once: z' = z / penalty where z > 0, else z * penalty. 1 is off; below 1
    rewards. The result depends on a constant added to all logits, as in the engines: log-probabilities, which are
    never positive, give another than logits. From Keskar et al. 2019 (arXiv:1909.05858).

    Parameters
    ----------
    penalty : float or array_like of float
        Above 0.
    last_n : int or array_like of int, optional
        How many of the last tokens count; -1 is all (transformers, vLLM), 64 is llama.cpp's and Ollama's default.
    scope : {"history", "generated"}, optional
        Whether the prompt counts.

    Examples
    --------
    >>> from logitlab.sampling import RepetitionPenalty, Sampler
    >>> Sampler([RepetitionPenalty(2.0)]).probs([2.0, 1.0], history=[0])
    array([0.5, 0.5])
    """

    kind: ClassVar[str] = "repetition_penalty"
    options: ClassVar[Mapping[str, str]] = {"repeat_penalty": "penalty", "repeat_last_n": "last_n"}
