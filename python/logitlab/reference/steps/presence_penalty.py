"""The rule of presence_penalty."""

from collections.abc import Sequence

from logitlab.reference.candidates import Candidates
from logitlab.reference.changes import changed, less
from logitlab.reference.histories import window


def presence_penalty(
    left: Candidates, history: Sequence[int], penalty: float, last_n: int = -1
) -> Candidates:
    """Subtract the penalty once from each token that occurred (OpenAI's API)."""
    seen = set(window(history, last_n))
    return changed(left, dict.fromkeys(seen, less(penalty))) if penalty and seen else left
