"""The rule of logit_bias."""

from collections.abc import Sequence

from logitlab.reference.candidates import Candidates
from logitlab.reference.changes import changed, less
from logitlab.reference.histories import ends_with
from logitlab.reference.shares import settled


def logit_bias(
    left: Candidates, history: Sequence[int], bias: Sequence[tuple[Sequence[int], float]]
) -> Candidates:
    """Add the bias to the last token of each sequence whose others end the history; -inf bans (OpenAI's API)."""
    left = settled(left)
    for tokens, number in bias:
        if ends_with(history, tokens[:-1]):
            left = changed(left, {tokens[-1]: less(-number)})
    return left
