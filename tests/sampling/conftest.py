"""What the tests of the sampler share."""

from functools import lru_cache
from importlib import import_module

import pytest


@pytest.fixture(autouse=True, scope="session")
def remembered_weights():
    """The rules in plain Python ask for the same weight many times; here it is computed once."""
    modules = [import_module(f"logitlab.reference.{name}") for name in ("draw", "shares")]
    plain = modules[0].weight
    remembered = lru_cache(100_000)(plain)
    for module in modules:
        module.weight = remembered
    yield
    for module in modules:
        module.weight = plain
