"""FrequencyPenalty: a number subtracted for each occurrence of a token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.steps.families import Penalty


@dataclass(frozen=True, eq=False, repr=False)
class FrequencyPenalty(Penalty):
    """Subtract a number from the logits of tokens, once for each time they have occurred.

    Rule: z' = z - times * penalty. 0 is off; below 0 rewards. From OpenAI's API.

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
    >>> from logitlab.sampling import FrequencyPenalty, Sampler
    >>> Sampler([FrequencyPenalty(1.0)]).probs([3.0, 1.0], history=[0, 0])
    array([0.5, 0.5])
    """

    kind: ClassVar[str] = "frequency_penalty"
    options: ClassVar[Mapping[str, str]] = {"frequency_penalty": "penalty", "repeat_last_n": "last_n"}
