"""TypicalP: the tokens whose surprisal is nearest the entropy (locally typical sampling)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from logitlab.sampling.parameters import choice
from logitlab.sampling.steps.families import Share


@dataclass(frozen=True, eq=False, repr=False)
class TypicalP(Share):
    """Keep the tokens whose surprisal is nearest the entropy, until their mass reaches p.

    Rule: order by | -ln p_i - H |, of equal distances the larger logit, then the lowest token; keep the shortest
    prefix whose mass reaches p, or with `strict` exceeds it (llama.cpp); with ``ties="keep"`` everything as near as
    the last one stays (transformers). The likeliest token may go. 1 keeps all. From Meister et al. 2023
    (arXiv:2202.00666). Threshold in a trace: H in nats.

    Parameters
    ----------
    p : float or array_like of float
        In [0, 1].
    min_keep : int, optional
        Keep at least so many.
    strict : bool, optional
        Whether the mass must exceed p.
    ties : {"index", "keep"}, optional
        What happens to tokens as near as the last one.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import Sampler, TypicalP
    >>> Sampler([TypicalP(0.5)]).probs(np.log([0.4, 0.2, 0.2, 0.2])).round(3)
    array([0.   , 0.333, 0.333, 0.333])
    """

    kind: ClassVar[str] = "typical_p"
    options: ClassVar[Mapping[str, str]] = {"typical_p": "p"}

    ties: str = choice("index", "keep")

    def removal(self, margin: float) -> str:
        """Say how far a token lies from those that stayed, which may be less likely."""
        return f"its logit lies {margin:.3g} outside of what was kept" if margin else super().removal(margin)
