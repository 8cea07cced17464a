"""logitlab: the last step of a language model, where logits become a token.

Importing it loads NumPy and the kernels, nothing else; what needs more (a model, libcurl, the widget) is loaded
when it is first used.
"""

from importlib import import_module as _import_module
from typing import Any as _Any

from logitlab._kernels import argtop_k, log_softargmax, sample, softargmax, targets, top_k

__version__ = "0.1.0"

# public name -> the module that has it, imported at first use
_LAZY: dict[str, str] = {
    "Explorer": "logitlab.explorer",
    "Sampler": "logitlab.sampling",
    "compare": "logitlab.sampling",
    "connect": "logitlab.llms.connection",
    "diverge": "logitlab.sampling",
}

__all__ = ["argtop_k", "log_softargmax", "sample", "softargmax", "targets", "top_k", *_LAZY]


def __getattr__(name: str) -> _Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(_import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
