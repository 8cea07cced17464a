"""Asks whether the built-in model is on this machine or can be kept there, before anything is installed.

    python tools/model_folder.py

One sentence on stderr says what stands in the way. The package's own modules answer, so that what is said here is what
would be said later: without the package's __init__, which needs the compiled kernels, and with the platformdirs that
pip carries where there is no other.
"""

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType


def bare_package():
    """`logitlab` as a place to import modules from, and nothing more."""
    package = ModuleType("logitlab")
    package.__path__ = [str(Path(__file__).parents[1] / "python/logitlab")]
    sys.modules["logitlab"] = package


def main():
    bare_package()
    pip, find, folder, source = (
        import_module(f"logitlab.llms.smol.{name}") for name in ("pip", "find", "folder", "source")
    )
    if not os.path.isabs(os.environ.get("XDG_CACHE_HOME", "")):
        os.environ.pop(
            "XDG_CACHE_HOME", None
        )  # as today's platformdirs does; the one that pip carries may be older
    if not find_spec("platformdirs"):
        sys.path.append(pip.carrier(source.SMOLLM2))
        sys.modules["platformdirs"] = import_module("pip._vendor.platformdirs")
    try:
        if not find.present():
            folder.check(source.SMOLLM2, folder.cache_folder())
    except OSError as error:
        return f"logitlab: {error}"


if __name__ == "__main__":
    sys.exit(main())
