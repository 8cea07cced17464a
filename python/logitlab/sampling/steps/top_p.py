"""TopP: the best tokens up to a probability mass (nucleus sampling)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from logitlab.sampling.parameters import choice, flag, plain
from logitlab.sampling.steps.families import Share


@dataclass(frozen=True, eq=False, repr=False)
class TopP(Share):
    """Keep the best tokens until their mass reaches p ("nucleus sampling").

    Rule: the shortest prefix, in the order (logit descending, token ascending), whose mass is at least p of that of the
    remaining tokens, compared exactly on integers, of weights in doubles also for float32 rows; with `strict` its mass
    must exceed p (the old Ollama runner), and with ``ties="keep"`` everything that equals the last token of the prefix
    stays as well (mlx-lm). The token that crosses p is kept. 1 keeps all, 0 one token. From Holtzman et al. 2020
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
        Whether p is of the remaining tokens' mass (softargmax after the earlier filters, as llama.cpp, transformers and
        vLLM have it). False: of all that was there before the first filter; a temperature between does not change that
        fraction.
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

    renormalise: bool = flag(True)
    zero: str = choice("one", "off")
    ties: str = choice("index", "keep")

    def value(self, name: str) -> Any:
        """Return p with 0 as what it means."""
        off = name == "p" and self.zero == "off"
        return plain(np.where(np.equal(self.p, 0), 1.0, self.p)) if off else super().value(name)
