"""The rule of ban_tokens."""

from collections.abc import Sequence

from logitlab.reference.candidates import Candidates
from logitlab.reference.changes import ban
from logitlab.reference.histories import ends_with


def ban_tokens(left: Candidates, history: Sequence[int], tokens: Sequence[Sequence[int]]) -> Candidates:
    """Remove the last token of each sequence whose others end the history."""
    return ban(left, [each[-1] for each in tokens if ends_with(history, each[:-1])])
