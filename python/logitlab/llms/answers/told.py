"""The tree of first tokens of a server's answers: from its log-probabilities where these settle it, else by counting.

Without log-probabilities a server tells no tokens: the tree is one of words.
"""

import re
import warnings
from collections.abc import Callable, Sequence

from logitlab.llms.answers.tree import END, Branch, Next, Path, by_draws, grow
from logitlab.llms.distribution import TokenDistribution
from logitlab.llms.responses import ChatResponse, CompletionResponse

Response = CompletionResponse | ChatResponse


def told_tree(responses: Sequence[Response], counted: bool = False) -> tuple[Branch, str]:
    """Return the tree, and what its branches are: "tokens" or "words"; `counted` asks nothing of the server."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # a server that tells no log-probabilities is what is asked about here
        told = [response.logprobs or [] for response in responses]
    if any(not entries and response.text for entries, response in zip(told, responses, strict=True)):
        paths = [_ended(re.findall(r"\s*\S+|\s+", response.text), response) for response in responses]
        return grow(by_draws(paths), paths), "words"
    paths = [
        _ended([entry.token for entry in entries], response)
        for entries, response in zip(told, responses, strict=True)
    ]
    return grow(by_draws(paths) if counted else _following(responses, paths), paths), "tokens"


def _ended(pieces: Sequence[str], response: Response) -> Path:
    stopped = response.additional_kwargs.get("done_reason") == "stop"
    return (*pieces, (END,)) if stopped else tuple(pieces)


def _following(responses: Sequence[Response], paths: Sequence[Path]) -> Callable[[Path], Next | None]:
    drawn = by_draws(paths)

    def following(path: Path) -> Next | None:
        counted = drawn(path)
        if counted is None or any(key == (END,) for key, _, _ in counted.listed):
            return counted  # the token that ends an answer is not told
        at = next(i for i, each in enumerate(paths) if each[: len(path)] == path and len(each) > len(path))
        told = _distribution(responses[at], len(path))
        if told is None or not told.exact:
            return counted
        shares: dict[str, float] = {}
        for token, prob in zip(told.tokens, told.probs, strict=True):
            shares[token] = shares.get(token, 0.0) + float(prob)
        return Next([(token, token, prob) for token, prob in shares.items() if prob], "log-probabilities")

    return following


def _distribution(response: Response, place: int) -> TokenDistribution | None:
    try:
        return response.sampling_distribution()[place]
    except (ValueError, IndexError):  # no top_logprobs, or options that are not known
        return None
