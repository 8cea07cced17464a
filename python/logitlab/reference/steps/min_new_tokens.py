"""The rule of min_new_tokens."""

from collections.abc import Sequence

from logitlab.reference.candidates import Candidates
from logitlab.reference.changes import ban


def min_new_tokens(left: Candidates, generated: int, n: int, eos: Sequence[int]) -> Candidates:
    """Ban the tokens that end a text until n are written."""
    return ban(left, eos) if generated < n else left
