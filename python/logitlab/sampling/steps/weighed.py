"""Steps that look at probabilities: typical_p, epsilon_cutoff, eta_cutoff, XTC."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from logitlab.sampling.parameters import Number, Range, choice, flag, number
from logitlab.sampling.steps.base import Step, edges
from logitlab.sampling.steps.ranked import MIN_KEEP, Share


@dataclass(frozen=True, eq=False, repr=False)
class TypicalP(Share):
    """Keep the tokens whose surprise is nearest the entropy, until their mass reaches p.

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
    numbers: ClassVar[tuple[str, ...]] = ("p", "min_keep", "strict", "ties")

    ties: str = choice("index", "keep")


@dataclass(frozen=True, eq=False, repr=False)
class Cutoff(Step):
    """What the cutoffs share: a probability epsilon."""

    numbers: ClassVar[tuple[str, ...]] = ("epsilon", "min_keep", "ties")

    epsilon: Number = number(Range("in [0, 1]", 0.0, 1.0))
    min_keep: int = number(MIN_KEEP, 1)
    ties: str = choice("index", "keep")


@dataclass(frozen=True, eq=False, repr=False)
class EpsilonCutoff(Cutoff):
    """Keep tokens of at least the probability epsilon, and the best min_keep.

    Rule: p_i >= epsilon, compared exactly on integer weights. 0 is off. From Hewitt, Manning and Liang 2022
    (arXiv:2210.15191). Threshold in a trace: epsilon.

    Parameters
    ----------
    epsilon : float or array_like of float
        In [0, 1].
    min_keep : int, optional
        Keep at least so many.
    ties : {"index", "keep"}, optional
        What happens, where fewer than min_keep reach the cutoff, to logits that equal the last of the best min_keep:
        the lowest tokens stay, or all of them (transformers).

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import EpsilonCutoff, Sampler
    >>> Sampler([EpsilonCutoff(0.25)]).probs(np.log([0.1, 0.2, 0.3, 0.4])).round(3)
    array([0.   , 0.   , 0.429, 0.571])
    """

    kind: ClassVar[str] = "epsilon_cutoff"
    options: ClassVar[Mapping[str, str]] = {"epsilon_cutoff": "epsilon"}


@dataclass(frozen=True, eq=False, repr=False)
class EtaCutoff(Cutoff):
    """Keep tokens above a probability that falls where the row is undecided.

    Rule: p_i >= min(epsilon, sqrt(epsilon) exp(-H)), H in nats. 0 is off. From Hewitt, Manning and Liang 2022
    (arXiv:2210.15191). Threshold in a trace: the cutoff.

    Parameters
    ----------
    epsilon : float or array_like of float
        In [0, 1].
    min_keep : int, optional
        Keep at least so many.
    ties : {"index", "keep"}, optional
        What happens, where fewer than min_keep reach the cutoff, to logits that equal the last of the best min_keep:
        the lowest tokens stay, or all of them (transformers).

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import EtaCutoff, Sampler
    >>> Sampler([EtaCutoff(0.0625)]).probs(np.log([0.01, 0.04, 0.9, 0.05]))
    array([0., 0., 1., 0.])
    """

    kind: ClassVar[str] = "eta_cutoff"
    options: ClassVar[Mapping[str, str]] = {"eta_cutoff": "epsilon"}


@dataclass(frozen=True, eq=False, repr=False)
class XTC(Step):
    """Exclude top choices: sometimes remove all likely tokens but the least likely of them.

    Rule: with chance `probability`, of the tokens with p_i >= threshold only the least likely stays, unless fewer than
    min_keep would be left. The coin is one double, taken before the draw; it falls where it is below `probability`.
    With `strict` p_i > threshold, and with ``ties="keep"`` everything as likely as the least likely stays: both as in
    mlx-lm. A threshold above 0.5 is off. By p-e-w (2024), as in llama.cpp. Threshold in a trace: the threshold, where
    the coin fell.

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
    numbers: ClassVar[tuple[str, ...]] = ("probability", "threshold", "min_keep", "edges")
    coins: ClassVar[int] = 1

    probability: Number = number(Range("in [0, 1]", 0.0, 1.0))
    threshold: Number = number(Range("in [0, 1]", 0.0, 1.0), 0.1)
    min_keep: int = number(Range(">= 0", 0, whole=True), 0)
    strict: bool = flag()
    ties: str = choice("index", "keep")

    def value(self, name: str) -> Any:
        """Give the edge rules as one number."""
        return edges(strict=self.strict, ties=self.ties) if name == "edges" else super().value(name)
