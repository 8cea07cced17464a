"""Steps that look at the tokens so far: penalties for what occurred, bans of what would repeat."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from logitlab.sampling.parameters import Number, Range, choice, each_row, number, sequences
from logitlab.sampling.steps.base import Lists, Step
from logitlab.sampling.steps.listed import flat

LAST_N = Range(">= -1 (the whole history)", -1, whole=True)


@dataclass(frozen=True, eq=False, repr=False)
class Penalty(Step):
    """What the penalties share: a number for what occurred in a window, of the prompt too or not."""

    numbers: ClassVar[tuple[str, ...]] = ("penalty", "last_n", "scope")

    penalty: Number = number(Range("finite", -1e30, 1e30))
    last_n: Number = number(LAST_N, -1)
    scope: str = choice("history", "generated")


@dataclass(frozen=True, eq=False, repr=False)
class RepetitionPenalty(Penalty):
    """Make tokens that occurred less likely, by a factor on their logits.

    Rule: for each token of the window, once: z' = z / penalty where z > 0, else z * penalty. 1 is off; below 1
    rewards. The result depends on a constant added to all logits, as in the engines: log-probabilities, which are
    never positive, give another than logits. From Keskar et al. 2019 (arXiv:1909.05858).

    Parameters
    ----------
    penalty : float or array_like of float
        Above 0.
    last_n : int or array_like of int, optional
        How many of the last tokens count; -1 is all (transformers, vLLM), 64 is llama.cpp's and Ollama's default.
    scope : {"history", "generated"}, optional
        Whether the prompt counts.

    Examples
    --------
    >>> from logitlab.sampling import RepetitionPenalty, Sampler
    >>> Sampler([RepetitionPenalty(2.0)]).probs([2.0, 1.0], history=[0])
    array([0.5, 0.5])
    """

    kind: ClassVar[str] = "repetition_penalty"
    options: ClassVar[Mapping[str, str]] = {"repeat_penalty": "penalty", "repeat_last_n": "last_n"}

    penalty: Number = number(Range("> 0", 0.0, above=True))


@dataclass(frozen=True, eq=False, repr=False)
class PresencePenalty(Penalty):
    """Take a number off the logits of tokens that occurred.

    Rule: for each token of the window, once: z' = z - penalty. 0 is off; below 0 rewards. From OpenAI's API.

    Parameters
    ----------
    penalty : float or array_like of float
        Finite.
    last_n : int or array_like of int, optional
        How many of the last tokens count; -1 is all.
    scope : {"history", "generated"}, optional
        Whether the prompt counts; in OpenAI's API and in vLLM it does not.

    Examples
    --------
    >>> from logitlab.sampling import PresencePenalty, Sampler
    >>> Sampler([PresencePenalty(1.0)]).probs([2.0, 1.0], history=[0, 0])
    array([0.5, 0.5])
    """

    kind: ClassVar[str] = "presence_penalty"
    options: ClassVar[Mapping[str, str]] = {"presence_penalty": "penalty", "repeat_last_n": "last_n"}


@dataclass(frozen=True, eq=False, repr=False)
class FrequencyPenalty(Penalty):
    """Take a number off the logits of tokens, for each time they occurred.

    Rule: z' = z - times * penalty. 0 is off; below 0 rewards. From OpenAI's API.

    Parameters
    ----------
    penalty : float or array_like of float
        Finite.
    last_n : int or array_like of int, optional
        How many of the last tokens count; -1 is all.
    scope : {"history", "generated"}, optional
        Whether the prompt counts; in OpenAI's API and in vLLM it does not.

    Examples
    --------
    >>> from logitlab.sampling import FrequencyPenalty, Sampler
    >>> Sampler([FrequencyPenalty(1.0)]).probs([3.0, 1.0], history=[0, 0])
    array([0.5, 0.5])
    """

    kind: ClassVar[str] = "frequency_penalty"
    options: ClassVar[Mapping[str, str]] = {"frequency_penalty": "penalty", "repeat_last_n": "last_n"}


@dataclass(frozen=True, eq=False, repr=False)
class DRY(Step):
    """Do not repeat yourself: make a token that would continue a repetition less likely, the more the longer it is.

    Rule: L is the longest end of the history that re-occurs just before an earlier copy of the token, not reaching over
    the latest breaker; where L >= allowed_length, z' = z - multiplier * base^(L - allowed_length). A breaker of one
    token is never penalised. By p-e-w (2024), as in llama.cpp.

    Parameters
    ----------
    multiplier : float or array_like of float
        At least 0; 0 is off.
    base : float or array_like of float, optional
        At least 1.
    allowed_length : int or array_like of int, optional
        At least 1.
    last_n : int or array_like of int, optional
        How many of the last tokens count; -1 is all.
    breakers : sequence of int or of sequences of int, or a PerRow of such, optional
        Token ids, or sequences of them, that end a repetition.

    Examples
    --------
    >>> from logitlab.sampling import DRY, Sampler
    >>> Sampler([DRY(1.0, base=2.0)]).probs([1.0, 1.0, 2.0], history=[0, 1, 2, 0, 1]).round(3)
    array([0.333, 0.333, 0.333])
    """

    kind: ClassVar[str] = "dry"
    options: ClassVar[Mapping[str, str]] = {
        "dry_multiplier": "multiplier",
        "dry_base": "base",
        "dry_allowed_length": "allowed_length",
        "dry_penalty_last_n": "last_n",
        "dry_sequence_breakers": "breakers",
    }
    numbers: ClassVar[tuple[str, ...]] = ("multiplier", "base", "allowed_length", "last_n")

    multiplier: Number = number(Range(">= 0", 0.0, 1e30))
    base: Number = number(Range(">= 1", 1.0, 1e30), 1.75)
    allowed_length: Number = number(Range(">= 1", 1, whole=True), 2)
    last_n: Number = number(LAST_N, -1)
    breakers: Any = sequences(())

    def lists(self) -> Lists:
        """Give the breakers with their lengths."""
        return tuple(flat(breakers) for breakers in each_row(self.breakers))


@dataclass(frozen=True, eq=False, repr=False)
class NoRepeatNGram(Step):
    """Ban every token that would complete n tokens which the history already has.

    0 is off; 1 bans all that occurred. From Paulus, Xiong and Socher 2017 (arXiv:1705.04304).

    Parameters
    ----------
    n : int or array_like of int
        At least 0.

    Examples
    --------
    >>> from logitlab.sampling import NoRepeatNGram, Sampler
    >>> Sampler([NoRepeatNGram(2)]).probs([1.0, 1.0, 1.0], history=[0, 1, 0])
    array([0.5, 0. , 0.5])
    """

    kind: ClassVar[str] = "no_repeat_ngram"
    options: ClassVar[Mapping[str, str]] = {"no_repeat_ngram_size": "n"}
    numbers: ClassVar[tuple[str, ...]] = ("n",)
    bans: ClassVar[bool] = True

    n: Number = number(Range(">= 0", 0, whole=True))
