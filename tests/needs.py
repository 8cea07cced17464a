"""What tests need beyond the test group: a skip that names what is not installed (see conftest.py)."""

import pytest


def built_in(*arguments):
    """The built-in model, fetched when it is not there yet."""
    for module in ("tokenizers", "platformdirs", "tqdm"):
        pytest.importorskip(module, reason=f"{module}, of the extra `model`, is not installed")
    from logitlab.llms import BuiltIn
    from logitlab.llms.smol.folder import CacheError

    try:
        return BuiltIn(*arguments)
    except (ConnectionError, CacheError) as error:
        pytest.skip(f"the built-in model is not here and could not be fetched: {error}")
