"""Samplers: lists of steps that turn logits into a token, their traces, and what engines make of the same numbers."""

from logitlab.sampling.compare import Comparison, compare
from logitlab.sampling.diverge import Divergence, diverge
from logitlab.sampling.engines import ENGINES, Engine, Note, Unlike
from logitlab.sampling.parameters import PerRow
from logitlab.sampling.sampler import Sampler
from logitlab.sampling.steps import *  # noqa: F403
from logitlab.sampling.steps import __all__ as _steps
from logitlab.sampling.trace import Trace

__all__ = [
    "ENGINES",
    "Comparison",
    "Divergence",
    "Engine",
    "Note",
    "PerRow",
    "Sampler",
    "Trace",
    "Unlike",
    "compare",
    "diverge",
    *_steps,
]
