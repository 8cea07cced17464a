"""The rule of adaptive_p."""

from dataclasses import replace

from logitlab.reference.candidates import Candidates


def adaptive_p(left: Candidates, weighted_sum: float, total_weight: float, target: float) -> Candidates:
    """Favour probabilities near 2 target - average, the average of those drawn so far (llama.cpp's adaptive-p)."""
    near = min(max(2.0 * target - weighted_sum / total_weight, 0.0), 1.0)
    q = left.integers
    total = float(sum(q))
    distances = [abs(w / total - near) / 0.3 for w in q]
    logits = tuple(left.format.rounded(5.0 - 10.0 * (d * d) / (1.0 + d)) for d in distances)
    return replace(left, logits=logits, temperature=1.0)
