"""A long list of candidates is drawn from in token order, as the rule says, however it was selected."""

from fractions import Fraction

import numpy as np
import pytest

import logitlab as ll


def drawn_by_the_rule(logits, k, uniforms):
    """The first token, in token order, whose running share exceeds u; probabilities as exact fractions."""
    kept = np.sort(np.argsort(-logits, kind="stable")[:k])
    weights = [Fraction(float(np.exp(np.float64(logits[i])))) for i in kept]
    total, running, bounds = sum(weights), Fraction(0), []
    for weight in weights:
        running += weight
        bounds.append(float(running / total))
    return kept[np.searchsorted(bounds, uniforms, side="right")]


@pytest.mark.parametrize("k", [65, 100, 200, 333, 1000, 1200])
def test_draws_follow_token_order(k):
    logits = np.random.default_rng(k).normal(size=3000)
    uniforms = np.random.default_rng(7).random(400)
    expected = drawn_by_the_rule(logits, k, uniforms)
    np.testing.assert_array_equal(ll.sample(logits, top_k=k, size=400, rng=7), expected)
