"""The tree of first tokens of the built-in model: what its sampler draws from, after each beginning."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from logitlab.llms.answers.tree import END, Branch, Next, Path, grow
from logitlab.llms.builtin import BuiltIn
from logitlab.llms.smol.text import Text
from logitlab.sampling import Sampler


def exact_tree(llm: BuiltIn, responses: Sequence[Any]) -> Branch | None:
    """Return the tree for answers to one prompt; None for a sampler with a state, which has no one distribution."""
    receipt = responses[0].receipt
    sampler = Sampler.from_json(json.dumps(receipt["sampler"]))
    if sampler.start():
        return None
    return grow(_following(llm, receipt, sampler), [_path(response.raw) for response in responses])


def _path(raw: Any) -> Path:
    """Return the tokens of an answer, and END after them where one of the model's own ends it."""
    tokens = tuple(raw["tokens"])
    return (*tokens, (END,)) if raw["eval_count"] > len(tokens) else tokens


def _following(llm: BuiltIn, receipt: Any, sampler: Sampler) -> Callable[[Path], Next | None]:
    prompt, options = receipt["prompt"], receipt["options"]
    most = min(options["num_predict"] % 2**31, options["num_ctx"] - len(prompt))  # -1 is no limit

    def following(path: Path) -> Next | None:
        beginning: list[Any] = list(path)
        if len(path) >= most or _stops(llm, beginning, options["stop"]):
            return None
        logits = llm._next(prompt + beginning, options["num_ctx"])
        probs = sampler.probs(logits, history=np.array(prompt + beginning), generated=len(path))
        return Next(_listed(llm, probs), "exact")

    return following


def _stops(llm: BuiltIn, tokens: Sequence[int], stops: Sequence[str]) -> bool:
    text = Text(stops)
    for token in tokens:
        text.add(llm._model.tokenizer.piece(token))
    return text.stopped


def _listed(llm: BuiltIn, probs: Any) -> list[tuple[Any, str, float]]:
    """Return the tokens that can be drawn; those that end an answer count as one."""
    ends = sorted(llm.ends)
    ending = float(probs[ends].sum())
    rest = [int(token) for token in np.flatnonzero(probs) if token not in llm.ends]
    listed: list[tuple[Any, str, float]] = [
        (token, llm.detokenize([token]), float(probs[token])) for token in rest
    ]
    return [*listed, ((END,), "", ending)] if ending else listed
