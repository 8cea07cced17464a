import needs
import pytest


@pytest.fixture(scope="session")
def built_in():
    """The built-in model; fetched when it is not there yet."""
    return needs.built_in()
