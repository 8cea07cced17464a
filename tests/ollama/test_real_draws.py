"""What a real server drew lies within what its log-probabilities and options say, and fits where that is exact.

real_draws.json has hundreds of draws for each of eight settings, one of them with another order of steps.
"""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from logitlab.llms import LogProb
from logitlab.llms.distribution import TokenDistribution, distributions

DEFAULTS = {
    "temperature": 0.8,
    "top_k": 40,
    "top_p": 0.9,
    "min_p": 0.0,
    "typical_p": 1.0,
    "repeat_last_n": 64,
    "repeat_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
}
BLOCKS = json.loads((Path(__file__).parent / "real_draws.json").read_text())["blocks"]
HOT_FIRST = "penalties;temperature;top_k;top_p;min_p"


def told(block: dict[str, Any], drawn: int, **changed: Any) -> TokenDistribution:
    top = [LogProb(token, logprob) for token, logprob in block["top"]]
    entry = LogProb(*block["top"][drawn], top_logprobs=top)
    options = DEFAULTS | block["options"] | changed
    said = {"eval_count": 1, "done_reason": "length"}
    return distributions([entry], options, said=said, prompt_tokens=block["prompt_tokens"])[0]


def order_of(block: dict[str, Any]) -> dict[str, str]:
    return {"sequence": HOT_FIRST} if block["model"] == "seq-tf" else {}


@pytest.mark.parametrize(
    "block", BLOCKS, ids=lambda block: f"{block['model']} {block['prompt'][:6]} {block['options']}"
)
def test_what_was_drawn_is_within(block: dict[str, Any]) -> None:
    counts = np.array(block["counts"])
    n = counts.sum() + block["others"]
    seen = counts / n
    for drawn in np.flatnonzero(counts):
        result = told(block, int(drawn), **order_of(block))
        assert "other options were effective" not in result.why
        room = 4 * np.sqrt(np.maximum(seen * (1 - seen), 1 / n) / n)
        assert (result.low - room <= seen).all()
        assert (seen <= result.high + room).all()
        assert result.exact <= (block["others"] == 0)
        if result.exact:
            expected = n * result.probs
            cells = expected >= 5
            distance = (((counts - expected) ** 2)[cells] / expected[cells]).sum()
            freedom = max(int(cells.sum()) - 1, 1)
            assert distance < freedom + 4 * math.sqrt(
                2 * freedom
            )  # chi-square, four deviations above its mean


def test_another_order_does_not_fit() -> None:
    """The same draws, followed in llama.cpp's own order: a third of them could not have been drawn."""
    (block,) = (block for block in BLOCKS if block["model"] == "seq-tf")
    accused = [
        i for i, n in enumerate(block["counts"]) if n and "other options were effective" in told(block, i).why
    ]
    assert accused
    assert not [
        i for i, n in enumerate(block["counts"]) if n and not told(block, i, sequence=HOT_FIRST).exact
    ]


def test_the_prompt_counts() -> None:
    """With a presence penalty and no tokens of the prompt, a token of the prompt is given four times what was seen."""
    (block,) = (block for block in BLOCKS if "presence_penalty" in block["options"])
    without = told(block | {"prompt_tokens": []}, 0)
    assert block["counts"][0] / (sum(block["counts"]) + block["others"]) < without.low[0] / 3
