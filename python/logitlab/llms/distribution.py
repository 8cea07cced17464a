"""The probabilities that a server drew from, out of the log-probabilities that it tells.

A server tells those of the raw model: at most the 20 best tokens' and the drawn one's, before penalties,
temperature and cuts, the same at every temperature. The options in force turn them into what was drawn from,
with one gap: the tokens beyond those told. Known of them is that none has more mass than the last one told,
and what mass they have together, all or (after top_k) at most. So the chain is computed with the gap filled
by the extreme case, as few tokens with as much mass each as possible; if none of these survives the cuts,
nothing beyond can matter and the result is exact. Otherwise it is said why not, and what mass is unknown.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from logitlab.llms.responses import LogProb

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

# the steps of the chain that are followed, and those that are not, with the value at which they do nothing
_STEPS = ("temperature", "top_k", "top_p", "min_p")
_NEUTRAL = {"repeat_penalty": 1, "presence_penalty": 0, "frequency_penalty": 0, "typical_p": 1}
_MOST = 300_000  # tokens of a vocabulary


@dataclass(frozen=True, slots=True)
class TokenDistribution:
    """What one token of an answer was drawn from.

    Attributes
    ----------
    token : str
        The token that was drawn.
    tokens : list of str
        The tokens told by the server, best first (the drawn one last when it is none of the best).
    probs : ndarray of float64, (tokens,)
        Their probabilities in the draw; 0 for what the options cut away.
    exact : bool
        Whether nothing that the server did not tell can matter.
    why : str
        If it can: what.
    unknown : float
        The mass under the raw model that candidates not told can have together, at most.
    """

    token: str
    tokens: list[str]
    probs: "Floats"
    exact: bool
    why: str
    unknown: float

    def __str__(self) -> str:
        best = sorted(
            ((p, token) for p, token in zip(self.probs, self.tokens, strict=True) if p), reverse=True
        )
        listed = ", ".join(f"{token!r} {p:.3f}" for p, token in best[:5])
        more = f" and {len(best) - 5} more" if len(best) > 5 else ""
        return f"{self.token!r} of {listed}{more}" + ("" if self.exact else f" (not exact: {self.why})")


def distributions(logprobs: Sequence[LogProb] | None, options: Mapping[str, Any]) -> list[TokenDistribution]:
    """One distribution per token; `options` are all those in force."""
    if not logprobs or not all(entry.top_logprobs for entry in logprobs):
        raise ValueError("the distribution needs an answer asked for with logprobs=True, top_logprobs=20")
    chain = {name: options[name] for name in _STEPS}
    doubt = _doubt(options)
    return [_distribution(entry, chain, doubt) for entry in logprobs]


def _doubt(options: Mapping[str, Any]) -> str:
    """Why no token of this answer can be followed exactly; nothing if each can."""
    if getattr(options, "engine", "ollama") != "ollama":
        return "a model that is no GGUF file is sampled in another order, which is not followed"
    if options.get("format") is not None:
        return "format lets a grammar forbid tokens"
    for name, neutral in _NEUTRAL.items():
        if options[name] == neutral or (options.get("repeat_last_n") == 0 and name != "typical_p"):
            continue
        if name == "typical_p":
            return f"typical_p {options[name]!r} is not followed"
        return f"{name} {options[name]!r} moves logits by what was said before, which is not told"
    return ""


def _distribution(entry: LogProb, chain: Mapping[str, Any], doubt: str) -> TokenDistribution:
    told = list(entry.top_logprobs)
    drawn = next((i for i, other in enumerate(told) if _same(other, entry)), len(told))
    if drawn == len(told):
        told.append(entry)
    logits = np.array([other.logprob for other in told])
    beyond, unknown = _beyond(logits, len(entry.top_logprobs), chain)
    cases = [_probs(np.append(logits, tokens), chain) for tokens in beyond]
    n = len(told)
    probs = cases[-1][:n]
    if not doubt and any(case[n:].any() or ((case[:n] > 0) != (probs > 0)).any() for case in cases):
        doubt = f"more tokens than the {len(entry.top_logprobs)} told can be drawn, or move the cut"
    if not doubt and probs[drawn] == 0:
        doubt = "these options rule out the token that was drawn: others were in force"
    return TokenDistribution(entry.token, [other.token for other in told], probs, not doubt, doubt, unknown)


def _same(one: LogProb, other: LogProb) -> bool:
    # the last digits of a log-probability depend on how many are asked for
    return one.token == other.token and abs(one.logprob - other.logprob) < 1e-4


def _beyond(logits: "Floats", best: int, chain: Mapping[str, Any]) -> "tuple[list[Floats], float]":
    """What candidates not told can be at the extremes, as logits, and their mass at most."""
    top_k = chain["top_k"]
    none = np.empty(0)
    if 0 < top_k <= best:
        return [none], 0.0
    last = math.exp(logits[:best].min())
    mass = max(0.0, 1.0 - float(np.exp(logits).sum()))
    if top_k > 0:
        most = _packed(min(mass, (top_k - len(logits)) * last), last)
        return [none, most], float(np.exp(most).sum())
    return [_packed(mass, last)], mass


def _packed(mass: float, largest: float) -> "Floats":
    """As few tokens as can have this mass together, none with more than `largest`, as logits."""
    if mass <= 0 or largest <= 0:
        return np.empty(0)
    whole = min(int(mass / largest), _MOST)
    rest = mass - whole * largest
    packed: Floats = np.log(np.append(np.full(whole, largest), [rest] if rest > 0 else []))
    return packed


def _probs(logits: "Floats", chain: Mapping[str, Any]) -> "Floats":
    """What Ollama's chain draws from: top_k, top_p, min_p, and the temperature last."""
    from logitlab.sampling import Sampler  # only here: most answers are never asked for their distribution

    probs: Floats = Sampler(engine="ollama", **chain).probs(logits)
    return probs
