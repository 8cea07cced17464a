"""The rule of frequency_penalty."""

from collections import Counter
from collections.abc import Sequence

from logitlab.reference.candidates import Candidates
from logitlab.reference.changes import changed, less
from logitlab.reference.histories import window


def frequency_penalty(
    left: Candidates, history: Sequence[int], penalty: float, last_n: int = -1
) -> Candidates:
    """Subtract the penalty for each time that a token occurred (OpenAI's API)."""
    times = Counter(window(history, last_n))
    if not penalty or not times:
        return left
    return changed(left, {t: less(float(n) * penalty) for t, n in times.items()})
