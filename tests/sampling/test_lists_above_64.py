"""A draw from a ranked list of more than 64 tokens is in token order again: a sort once skipped its last pass."""

import numpy as np
import pytest

from logitlab import Sampler, reference, sample


@pytest.mark.parametrize("k", [65, 66, 100, 199, 400])
@pytest.mark.parametrize("n", [600, 1500])
def test_draws_after_top_k(k, n):
    row = np.random.default_rng(k).standard_normal(n).astype(np.float32)
    left = reference.top_k(reference.candidates(row.tolist(), reference.SINGLE), k)
    uniforms = np.random.Generator(np.random.PCG64(3)).random(50)
    q = left.integers
    wanted = [left.tokens[reference.draw(q, float(u))] for u in uniforms]
    assert sample(row, top_k=k, size=50, rng=3).tolist() == wanted
    assert Sampler(top_k=k).sample(row, size=50, rng=3).tolist() == wanted
