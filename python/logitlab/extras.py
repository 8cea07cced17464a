"""Third-party modules that only some users need: loaded at first use, and a missing one names its extra."""

from importlib import import_module
from typing import Any


def need(module: str, extra: str) -> Any:
    """Return the module, or raise a ModuleNotFoundError that says what to install."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module.partition(".")[0]:
            raise
        message = f"this needs {error.name!r}, which is not installed: pip install 'logitlab[{extra}]'"
        raise ModuleNotFoundError(message, name=error.name) from None
