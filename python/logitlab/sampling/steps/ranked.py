"""Steps that keep the best tokens, up to a place or a bound: top_k, top_p, min_p, top_n_sigma, top_h."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from logitlab.sampling.parameters import Number, Range, choice, flag, number, plain
from logitlab.sampling.steps.base import Step, edges

MIN_KEEP = Range(">= 1", 1, whole=True)


@dataclass(frozen=True, eq=False, repr=False)
class Share(Step):
    """What steps share that compare with a share p of something, reached or exceeded."""

    numbers: ClassVar[tuple[str, ...]] = ("p", "min_keep", "strict")

    p: Number = number(Range("in [0, 1]", 0.0, 1.0))
    min_keep: int = number(MIN_KEEP, 1)
    strict: bool = flag()


@dataclass(frozen=True, eq=False, repr=False)
class TopK(Step):
    """Keep the k tokens with the largest logits.

    Exactly k are kept, of equal logits the lowest tokens first (llama.cpp, Ollama); with ``ties="keep"`` everything
    that equals the k-th stays as well (transformers, vLLM). 0 and k >= n keep all. From Fan et al. 2018
    (arXiv:1805.04833). Threshold in a trace: the k-th logit.

    Parameters
    ----------
    k : int or array_like of int
        At least 0.
    ties : {"index", "keep"}, optional
        What happens to logits that equal the k-th.
    min_keep : int, optional
        Keep at least so many (k is raised to it where it is above 0).

    Examples
    --------
    >>> from logitlab.sampling import Sampler, TopK
    >>> Sampler([TopK(2)]).probs([1.0, 1.0, 1.0])
    array([0.5, 0.5, 0. ])
    """

    kind: ClassVar[str] = "top_k"
    options: ClassVar[Mapping[str, str]] = {"top_k": "k"}
    numbers: ClassVar[tuple[str, ...]] = ("k", "ties")

    k: Number = number(Range(">= 0", 0, whole=True))
    ties: str = choice("index", "keep")
    min_keep: int = number(MIN_KEEP, 1)

    def value(self, name: str) -> Any:
        """Give k raised to min_keep."""
        k = self.k
        return (
            plain(np.where(np.greater(k, 0), np.maximum(k, self.min_keep), k))
            if name == "k"
            else super().value(name)
        )


@dataclass(frozen=True, eq=False, repr=False)
class TopP(Share):
    """Keep the best tokens until their mass reaches p ("nucleus sampling").

    Rule: the shortest prefix, in the order (logit descending, token ascending), whose mass is at least p of what is
    left, compared exactly on integers, of weights in doubles also for float32 rows; with `strict` its mass must exceed
    p (the old Ollama runner), and with ``ties="keep"`` everything that equals the last token of the prefix stays as
    well (mlx-lm). The token that crosses p is kept. 1 keeps all, 0 one token. From Holtzman et al. 2020
    (arXiv:1904.09751). Threshold in a trace: p.

    Parameters
    ----------
    p : float or array_like of float
        In [0, 1].
    min_keep : int, optional
        Keep at least so many.
    strict : bool, optional
        Whether the mass must exceed p.
    renormalise : bool, optional
        Whether p is of what is left (softargmax after the earlier filters, as llama.cpp, transformers and vLLM have
        it). False: of all that was there before the first filter; a temperature between leaves the shares as they were.
    zero : {"one", "off"}, optional
        Whether p = 0 keeps one token (llama.cpp, transformers) or all of them (mlx-lm, Ollama's MLX runner).
    ties : {"index", "keep"}, optional
        What happens to logits that equal the last one of the prefix: the lowest tokens stay, as many as p needs, or
        all of them.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import Sampler, TopP
    >>> Sampler([TopP(0.7)]).probs(np.log([0.1, 0.2, 0.3, 0.4])).round(3)
    array([0.   , 0.   , 0.429, 0.571])
    >>> Sampler([TopP(0.5, ties="keep")]).probs([2.0, 2.0, 2.0, 0.0]).round(3)
    array([0.333, 0.333, 0.333, 0.   ])
    """

    kind: ClassVar[str] = "top_p"
    options: ClassVar[Mapping[str, str]] = {"top_p": "p"}
    numbers: ClassVar[tuple[str, ...]] = ("p", "min_keep", "edges")

    renormalise: bool = flag(True)
    zero: str = choice("one", "off")
    ties: str = choice("index", "keep")

    def value(self, name: str) -> Any:
        """Return p with 0 as what it means, or the edge rules as one number."""
        if name == "edges":
            return edges(strict=self.strict, ties=self.ties, of_the_whole=not self.renormalise)
        off = name == "p" and self.zero == "off"
        return plain(np.where(np.equal(self.p, 0), 1.0, self.p)) if off else super().value(name)


@dataclass(frozen=True, eq=False, repr=False)
class MinP(Share):
    """Keep what is at least p times as likely as the best token.

    Rule: z >= z_max + T ln p, so no sum is needed; with `strict` the bound itself is removed, as on llama.cpp's GPU
    path. 0 keeps all. From Nguyen et al. 2024 (arXiv:2407.01082). Threshold in a trace: p.

    Parameters
    ----------
    p : float or array_like of float
        In [0, 1].
    min_keep : int, optional
        Keep at least so many.
    strict : bool, optional
        Whether a token at the bound goes.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import MinP, Sampler
    >>> Sampler([MinP(0.51)]).probs(np.log([0.1, 0.2, 0.3, 0.4])).round(3)
    array([0.   , 0.   , 0.429, 0.571])
    """

    kind: ClassVar[str] = "min_p"
    options: ClassVar[Mapping[str, str]] = {"min_p": "p"}


@dataclass(frozen=True, eq=False, repr=False)
class TopNSigma(Step):
    """Keep logits within n standard deviations of the largest.

    Rule: z >= z_max - n std(z), the deviation of the population of what is left (-inf does not count); a temperature
    before or after makes no difference. 0 is off. From Tang et al. 2024 (arXiv:2411.07641). Threshold in a trace:
    the bound, a logit.

    Parameters
    ----------
    n : float or array_like of float
        At least 0.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import Sampler, TopNSigma
    >>> Sampler([TopNSigma(1.0)]).probs(np.log([0.1, 0.2, 0.3, 0.4])).round(3)
    array([0.   , 0.   , 0.429, 0.571])
    """

    kind: ClassVar[str] = "top_n_sigma"
    options: ClassVar[Mapping[str, str]] = {"top_n_sigma": "n"}
    numbers: ClassVar[tuple[str, ...]] = ("n",)

    n: Number = number(Range(">= 0", 0.0))


@dataclass(frozen=True, eq=False, repr=False)
class TopH(Step):
    """Keep the best tokens until they use up a share of the entropy.

    Rule: of the best `considered` tokens, renormalised, with H their entropy: keep the best while the running sum of
    -p ln p is at most h H; the first is always kept. From Potraghloo et al. 2025 (arXiv:2509.02510), as transformers
    has it. Threshold in a trace: h H, in nats.

    Parameters
    ----------
    h : float or array_like of float
        In (0, 1].
    considered : int, optional
        How many of the best are looked at.

    Examples
    --------
    >>> import numpy as np
    >>> from logitlab.sampling import Sampler, TopH
    >>> Sampler([TopH(0.4)]).probs(np.log([0.75, 0.25]))
    array([1., 0.])
    """

    kind: ClassVar[str] = "top_h"
    options: ClassVar[Mapping[str, str]] = {"top_h": "h"}
    numbers: ClassVar[tuple[str, ...]] = ("h", "considered")

    h: Number = number(Range("in (0, 1]", 0.0, 1.0, above=True))
    considered: int = number(Range(">= 1", 1, whole=True), 100)
