"""logitlab, torch and llama.cpp's own chain draw from the same distribution: two samples, one chi-square."""

import numpy as np
import pytest
import scipy.stats

import logitlab as ll
from benchmarks.libraries import Torch
from benchmarks.llama import LlamaCpp

DRAWS = 20_000
ROW = (np.random.default_rng(3).standard_normal(2_000) * 4).astype(np.float32)
OPTIONS = [
    {"T": 0.8, "k": None, "p": None},
    {"T": 0.8, "k": 50, "p": None},
    {"T": 1.0, "k": None, "p": 0.9},
    {"T": 0.8, "k": 40, "p": 0.9},
    {"T": 1.5, "k": 40, "p": 0.9},
]


def theirs(library, options):
    code = library.draw(**options, shape=ROW.shape, dtype="float32")
    return np.array([int(code.value(ROW)) for _ in range(DRAWS)])


def ours(options):
    return ll.sample(
        ROW, temperature=options["T"], top_k=options["k"], top_p=options["p"], size=DRAWS, rng=np.random.default_rng(0)
    )  # fmt: skip


CASES = [
    pytest.param(library, options, id=f"{library.name}-{options}")
    for library in (LlamaCpp(), Torch())
    for options in OPTIONS
    if library.draw(**options, shape=ROW.shape, dtype="float32")
    is not None  # what its users write in one call
]


def test_each_library_is_asked():
    assert {case.values[0].name for case in CASES} == {LlamaCpp.name, Torch.name}


@pytest.mark.parametrize(("library", "options"), CASES)
def test_distribution(library, options):
    a, b = (
        np.bincount(ours(options), minlength=ROW.size),
        np.bincount(theirs(library, options), minlength=ROW.size),
    )
    often = a + b >= 20
    table = np.array([[*counts[often], counts[~often].sum()] for counts in (a, b)])
    table = table[:, table.sum(axis=0) > 0]
    assert scipy.stats.chi2_contingency(table).pvalue > 1e-5
    if options["k"] is not None:
        assert set(np.flatnonzero(a + b)) <= set(ll.argtop_k(ROW, options["k"]))


@pytest.mark.parametrize(
    "options", [{"T": 1e-3, "k": None, "p": None}, {"T": 1.0, "k": 1, "p": None}], ids=str
)
def test_a_wrong_distribution_would_be_seen(options):
    """The comparison can fail: another temperature is another distribution."""
    a = np.bincount(ours({"T": 0.8, "k": 50, "p": None}), minlength=ROW.size)
    b = np.bincount(ours(options), minlength=ROW.size)
    kept = a + b > 0
    assert scipy.stats.chi2_contingency(np.array([a[kept], b[kept]])).pvalue < 1e-100
