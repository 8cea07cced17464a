"""logitlab: the last step of a language model, where logits become a token.

Importing it loads NumPy and the kernels, nothing else; what needs more (a model, libcurl, the widget) is loaded
when it is first used.
"""

import typing as _typing

from logitlab._kernels import (
    argtop_k,
    log_softargmax,
    logsumexp,
    sample,
    softargmax,
    targets,
    token_logprobs,
    top_k,
)
from logitlab.lazy import names as _names
from logitlab.workers import set_workers

if _typing.TYPE_CHECKING:
    from logitlab import explorer as explorer
    from logitlab import llms as llms
    from logitlab import reference as reference
    from logitlab import sampling as sampling
    from logitlab.explorer import Explorer
    from logitlab.llms.answers.ask import answers
    from logitlab.llms.connection import connect
    from logitlab.llms.replay import replay
    from logitlab.sampling import Sampler, compare, diverge

__version__ = "0.1.0"

__all__ = [
    "Explorer",
    "Sampler",
    "answers",
    "argtop_k",
    "compare",
    "connect",
    "diverge",
    "log_softargmax",
    "logsumexp",
    "replay",
    "sample",
    "set_workers",
    "softargmax",
    "targets",
    "token_logprobs",
    "top_k",
]

# lazy name -> the module that has it, imported at first use
_LAZY = {
    "Explorer": "logitlab.explorer.widget",
    "Sampler": "logitlab.sampling",
    "answers": "logitlab.llms.answers.ask",
    "compare": "logitlab.sampling",
    "connect": "logitlab.llms.connection",
    "diverge": "logitlab.sampling",
    "explorer": "logitlab.explorer",
    "llms": "logitlab.llms",
    "reference": "logitlab.reference",
    "replay": "logitlab.llms.replay",
    "sampling": "logitlab.sampling",
}

if not _typing.TYPE_CHECKING:  # a checker would take any name that a module's __getattr__ might answer for
    __getattr__, __dir__ = _names(globals(), _LAZY)
