"""Draws where the logits are replaced on the way: +inf in the row, and temperatures beyond every exponent."""

import numpy as np
import pytest

import logitlab as ll

LENGTHS = [4, 5000]  # a listed row and a measured one


def row(n: int) -> np.ndarray:
    x = np.random.default_rng(n).normal(size=n)
    x[[1, 3]] = 10.0, 9.9
    return x


@pytest.mark.parametrize("n", LENGTHS)
def test_infinite_logits_share_the_draws(n: int) -> None:
    x = row(n)
    x[[1, 3]] = np.inf
    drawn = ll.sample(x, temperature=0.7, rng=1, size=400)
    assert set(drawn) == {1, 3}
    assert 140 < (drawn == 1).sum() < 260


@pytest.mark.parametrize("temperature", [np.inf, 1e200])
@pytest.mark.parametrize("n", LENGTHS)
def test_a_cut_holds_before_an_extreme_temperature(n: int, temperature: float) -> None:
    drawn = ll.sample(row(n), min_p=0.5, temperature=temperature, rng=1, size=400)
    assert set(drawn) == {1, 3}
    assert 140 < (drawn == 1).sum() < 260


@pytest.mark.parametrize("n", LENGTHS)
def test_a_cut_holds_before_a_tiny_temperature(n: int) -> None:
    assert set(ll.sample(row(n), min_p=0.5, temperature=1e-200, rng=1, size=50)) == {1}
