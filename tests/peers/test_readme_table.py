"""What the table of docs/coming-from.md says of the others: true of those in the peers' lock."""

import warnings

import numpy as np
import pytest
import scipy.special
import torch

import logitlab as ll
from benchmarks.libraries import helper_softargmax, helper_top_k

LARGE = np.array([800.0, 799.0, 0.0])


def quiet(function, *arguments):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asarray(function(*arguments))


def scipy_softmax(x, T):
    return scipy.special.softmax(x / T, axis=-1)


def torch_softmax(x, T):
    return torch.softmax(torch.from_numpy(x) / T, -1).numpy()


@pytest.mark.parametrize("function", [scipy_softmax, torch_softmax, ll.softargmax])
def test_logits_of_800(function):
    np.testing.assert_allclose(function(LARGE, 1.0), [0.73105858, 0.26894142, 0], atol=1e-8)


def test_logits_of_800_in_the_helper():
    assert np.isnan(quiet(helper_softargmax, LARGE)).any()


@pytest.mark.parametrize("function", [helper_softargmax, scipy_softmax, torch_softmax])
def test_temperature_0_elsewhere(function):
    assert np.isnan(quiet(function, np.array([0.2, 0.3, 0.1, 0.4]), 0.0)).any()


def test_temperature_0_here():
    np.testing.assert_array_equal(ll.softargmax([0.2, 0.3, 0.1, 0.4], 0), [0, 0, 0, 1])


def test_a_temperature_for_each_row():
    x, T = np.random.default_rng(0).normal(0, 3, (3, 50)), np.array([0.1, 1, 5])
    expected = ll.softargmax(x, T)
    np.testing.assert_allclose(scipy_softmax(x, T[:, None]), expected, rtol=1e-12)
    np.testing.assert_allclose(torch_softmax(x, torch.from_numpy(T)[:, None]), expected, rtol=1e-12)


def test_largest_k():
    x = np.random.default_rng(1).permutation(1000).astype(np.float32)
    values, indices = torch.topk(torch.from_numpy(x), 50)
    np.testing.assert_array_equal(values.numpy()[::-1], ll.top_k(x, 50))
    np.testing.assert_array_equal(indices.numpy()[::-1], ll.argtop_k(x, 50))
    np.testing.assert_array_equal(helper_top_k(x, 50), ll.top_k(x, 50))


def test_k_0():
    x = np.array([0.2, 0.3, 0.1, 0.4])
    assert helper_top_k(x, 0).size == 4
    assert ll.top_k(x, 0).size == 0
    assert torch.topk(torch.from_numpy(x), 0).values.numel() == 0
