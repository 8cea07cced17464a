"""XTC: at random, the top choices but the least likely of them are removed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import Number, choice, flag, number
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class XTC(Step):
    """Exclude top choices: sometimes remove all likely tokens but the least likely of them.

    Rule: with that probability, only the least likely of the tokens with p_i >= threshold stays, unless fewer than
    min_keep would be left. One double, taken before the draw, decides: the step applies where it is below
    `probability`. With `strict` p_i > threshold, and with ``ties="keep"`` everything as likely as the least likely
    stays: both as in mlx-lm. A threshold above 0.5 is off. By p-e-w (2024), as in llama.cpp. Threshold in a trace: the
    threshold, where XTC applied.

    Parameters
    ----------
    probability : float or array_like of float
        In [0, 1].
    threshold : float or array_like of float, optional
        In [0, 1].
    min_keep : int, optional
        Keep at least so many, or remove nothing.
    strict : bool, optional
        Whether a token at the threshold is no top choice.
    ties : {"index", "keep"}, optional
        What happens to top choices as likely as the least likely.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import XTC, Sampler
    >>> Sampler([XTC(1.0, threshold=0.15)]).probs(np.log([0.1, 0.2, 0.3, 0.4])).round(3)
    array([0.333, 0.667, 0.   , 0.   ])
    """

    kind: ClassVar[str] = "xtc"
    options: ClassVar[Mapping[str, str]] = {"xtc_probability": "probability", "xtc_threshold": "threshold"}

    probability: Number = number()
    threshold: Number = number(0.1)
    min_keep: int = number(0)
    strict: bool = flag()
    ties: str = choice("index", "keep")

    def removal(self, margin: float) -> str:
        """Say how far a top choice lies above the one that stayed."""
        return f"it lies {margin:.3g} above the least likely of the top choices"
