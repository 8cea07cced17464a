"""The rule of repetition_penalty."""

from collections.abc import Sequence

from logitlab.reference.candidates import Candidates
from logitlab.reference.changes import changed
from logitlab.reference.histories import window


def repetition_penalty(
    left: Candidates, history: Sequence[int], penalty: float, last_n: int = -1
) -> Candidates:
    """Divide z by the penalty where z > 0, else multiply, once per token seen (Keskar et al., arXiv:1909.05858)."""
    seen = set(window(history, last_n))
    if penalty == 1 or not seen:
        return left
    return changed(left, dict.fromkeys(seen, lambda z: z / penalty if z > 0 else z * penalty))
