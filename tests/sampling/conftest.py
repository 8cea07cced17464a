"""What the tests of the sampler share."""

from functools import lru_cache
from importlib import import_module

import pytest


@pytest.fixture(autouse=True, scope="session")
def remembered_weights():
    """The rules in plain Python ask for the same weight many times; here it is computed once."""
    module = import_module("logitlab.reference.draw")
    plain = module.weight
    module.weight = lru_cache(100_000)(plain)
    yield
    module.weight = plain
