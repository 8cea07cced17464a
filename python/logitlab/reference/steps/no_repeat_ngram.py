"""The rule of no_repeat_ngram."""

from collections.abc import Sequence

from logitlab.reference.candidates import Candidates
from logitlab.reference.changes import ban
from logitlab.reference.histories import ends_with


def no_repeat_ngram(left: Candidates, history: Sequence[int], n: int) -> Candidates:
    """Ban what would complete n tokens that the history already has (Paulus et al. 2017, arXiv:1705.04304)."""
    if n == 0 or n > len(history):
        return left
    places = range(len(history) - n + 1)
    return ban(left, [history[i + n - 1] for i in places if ends_with(history, history[i : i + n - 1])])
