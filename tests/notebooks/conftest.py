import pytest


@pytest.fixture(scope="session")
def built_in():
    """The built-in model; fetched when it is not there yet."""
    from logitlab.llms import BuiltIn

    try:
        return BuiltIn()
    except OSError as error:
        pytest.skip(f"the built-in model is not here and could not be fetched: {error}")
