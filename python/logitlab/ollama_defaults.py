"""What Ollama does when a request asks for nothing, and the version that this was read from.

The sampler's engine, the client's effective options and the built-in model all take it from here. It loads nothing, so
that the client need not load the sampler.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

# `DefaultOptions` of api/types.go, and what the server was seen to hand to llama.cpp
VERSION = "0.33.0-rc2"
LLAMA_CPP = "b10434"  # its runner

# those of a sampler's options that change anything; a Modelfile may set others
DEFAULTS: Mapping[str, Any] = MappingProxyType({"top_k": 40, "top_p": 0.9, "temperature": 0.8})


def series(version: str = VERSION) -> str:
    """Return the part of a version that its patches share.

    Examples
    --------
    >>> series("0.33.0-rc2")
    '0.33'
    """
    return ".".join(version.split(".")[:2])
