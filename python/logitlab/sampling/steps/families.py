"""Parameters that several steps share."""

from dataclasses import dataclass

from logitlab.sampling.parameters import Number, choice, flag, number
from logitlab.sampling.steps.base import Step


@dataclass(frozen=True, eq=False, repr=False)
class Share(Step):
    """A probability or mass p that must be reached, or with `strict` exceeded."""

    p: Number = number()
    min_keep: int = number(1)
    strict: bool = flag()


@dataclass(frozen=True, eq=False, repr=False)
class Cutoff(Step):
    """A probability epsilon below which tokens are removed."""

    epsilon: Number = number()
    min_keep: int = number(1)
    ties: str = choice("index", "keep")


@dataclass(frozen=True, eq=False, repr=False)
class Penalty(Step):
    """The strength of a penalty, the length of its window, and whether the prompt counts."""

    penalty: Number = number()
    last_n: Number = number(-1)
    scope: str = choice("history", "generated")
