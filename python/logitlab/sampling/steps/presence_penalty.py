"""PresencePenalty: a number subtracted once from the logits of tokens that occurred."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.steps.families import Penalty


@dataclass(frozen=True, eq=False, repr=False)
class PresencePenalty(Penalty):
    """Subtract a number from the logits of tokens that have occurred.

    Rule: for each token of the window, once: z' = z - penalty. 0 is off; below 0 rewards. From OpenAI's API.

    Parameters
    ----------
    penalty : float or array_like of float
        Finite.
    last_n : int or array_like of int, optional
        How many of the last tokens count; -1 is all.
    scope : {"history", "generated"}, optional
        Whether the prompt counts; in OpenAI's API and in vLLM it does not.

    Examples
    --------
    >>> from logitlab.sampling import PresencePenalty, Sampler
    >>> Sampler([PresencePenalty(1.0)]).probs([2.0, 1.0], history=[0, 0])
    array([0.5, 0.5])
    """

    kind: ClassVar[str] = "presence_penalty"
    options: ClassVar[Mapping[str, str]] = {"presence_penalty": "penalty", "repeat_last_n": "last_n"}
