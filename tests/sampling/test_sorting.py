"""Long lists of candidates are sorted by rank, and back into token order."""

import numpy as np
import pytest

from logitlab import Sampler, reference, sample
from logitlab.sampling import BanTokens, TailFree, TopK


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


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [1025, 3000, 40_000])
@pytest.mark.parametrize("scale", [0.0, 0.5, 300.0])
def test_thousands_of_pairs_are_sorted(n, dtype, scale):
    rng = np.random.default_rng(n)
    row = np.round(rng.standard_normal(n) * scale).astype(dtype)  # many are equal, 0.0 and -0.0 among them
    if scale == 300.0:
        row = (rng.standard_normal(n) * scale).astype(dtype)
    order = np.argsort(-(row[1:] + 0.0), kind="stable") + 1
    for k in (n // 3, n // 2, n - 2):
        trace = Sampler([BanTokens([0]), TopK(k)]).trace(row)
        assert np.array_equal(np.flatnonzero(trace.removed_by == 2), np.sort(order[:k]))


def test_draws_after_thousands_were_ranked():
    row = np.random.default_rng(0).standard_normal(5000)
    sampler = Sampler([TailFree(0.99)])  # ranks what is left
    p = sampler.probs(row)
    assert 1024 < np.count_nonzero(p) < 4900
    sums, uniforms = np.cumsum(p), np.random.Generator(np.random.PCG64(3)).random(200)
    wanted = np.searchsorted(sums / sums[-1], uniforms, side="right")
    assert np.array_equal(sampler.sample(row, size=200, rng=3), wanted)
