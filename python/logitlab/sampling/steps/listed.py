"""Steps that name tokens: biases and bans."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from logitlab.messages import shown
from logitlab.sampling.parameters import Number, Range, biases, choice, each_row, number, of_rows, sequences
from logitlab.sampling.steps.base import Lists, Step

Sequences = tuple[tuple[int, ...], ...]


def flat(sequences: Sequences) -> tuple[Any, Any]:
    """Give sequences one after the other, and their lengths."""
    tokens = [token for sequence in sequences for token in sequence]
    return np.array(tokens, np.int64), np.array([len(each) for each in sequences], np.float64)


def _flat_biases(biases: tuple[tuple[tuple[int, ...], float], ...]) -> tuple[Any, Any]:
    """Give sequences one after the other, and for each its length and its bias."""
    tokens, _ = flat(tuple(sequence for sequence, _ in biases))
    numbers = [number for sequence, bias in biases for number in (len(sequence), bias)]
    return tokens, np.array(numbers, np.float64)


def _brief(sequence: tuple[int, ...]) -> Any:
    return sequence[0] if len(sequence) == 1 else sequence


@dataclass(frozen=True, eq=False, repr=False)
class LogitBias(Step):
    """Add a number to the logits of some tokens; -inf bans them.

    Rule: z' = z + bias. A sequence of tokens biases its last one, where the history ends with the others (transformers'
    sequence_bias). From OpenAI's API. A token that is not in the row is an error.

    Parameters
    ----------
    bias : dict of int, or tuple of int, to float; or a sequence of such dicts, one for each row
        Finite, or -inf.

    Examples
    --------
    >>> from logitlab.sampling import LogitBias, Sampler
    >>> Sampler([LogitBias({1: float("-inf")})]).probs([0.0, 5.0, 0.0])
    array([0.5, 0. , 0.5])
    """

    kind: ClassVar[str] = "logit_bias"
    options: ClassVar[Mapping[str, str]] = {"logit_bias": "bias"}
    bans: ClassVar[bool] = True

    bias: Any = biases()

    def lists(self) -> Lists:
        """Give the sequences with their lengths and biases."""
        return tuple(_flat_biases(biases) for biases in each_row(self.bias))

    def __repr__(self) -> str:
        shown = of_rows(self.bias, lambda biases: {_brief(sequence): bias for sequence, bias in biases})
        return f"LogitBias({shown!r})"


@dataclass(frozen=True, eq=False, repr=False)
class BanTokens(Step):
    """Remove tokens.

    Of a sequence the last token is removed, where the history ends with the others (transformers' bad_words_ids). A row
    on which nothing is left is an error.

    Parameters
    ----------
    tokens : int, or sequence of int or of sequences of int; or a PerRow of such
        Token ids.
    scope : {"history", "generated"}, optional
        Where the start of a sequence counts: in the whole history, or only in what was generated (vLLM).

    Examples
    --------
    >>> from logitlab.sampling import BanTokens, Sampler
    >>> Sampler([BanTokens([1])]).probs([0.0, 5.0, 0.0])
    array([0.5, 0. , 0.5])
    """

    kind: ClassVar[str] = "ban_tokens"
    options: ClassVar[Mapping[str, str]] = {"ban_tokens": "tokens"}
    numbers: ClassVar[tuple[str, ...]] = ("scope",)
    bans: ClassVar[bool] = True

    tokens: Any = sequences()
    scope: str = choice("history", "generated")

    def lists(self) -> Lists:
        """Give the sequences with their lengths."""
        return tuple(flat(sequences) for sequences in each_row(self.tokens))

    def __repr__(self) -> str:
        shown = repr(of_rows(self.tokens, lambda sequences: [*map(_brief, sequences)]))
        return (
            f"BanTokens({shown})" if self.scope == "history" else f"BanTokens({shown}, scope={self.scope!r})"
        )


@dataclass(frozen=True, eq=False, repr=False)
class MinNewTokens(Step):
    """Ban the tokens that end a text until the model wrote n tokens.

    How many it wrote is `generated=` of the call, or else the length of the history. As transformers' min_new_tokens
    and vLLM's min_tokens.

    Parameters
    ----------
    n : int or array_like of int
        At least 0.
    eos : int or sequence of int; or a PerRow of such
        Token ids that end a text.

    Examples
    --------
    >>> from logitlab.sampling import MinNewTokens, Sampler
    >>> Sampler([MinNewTokens(2, eos=0)]).probs([5.0, 0.0, 0.0], history=[1])
    array([0. , 0.5, 0.5])
    """

    kind: ClassVar[str] = "min_new_tokens"
    options: ClassVar[Mapping[str, str]] = {"min_new_tokens": "n", "eos_token_id": "eos"}
    numbers: ClassVar[tuple[str, ...]] = ("n",)
    bans: ClassVar[bool] = True

    n: Number = number(Range(">= 0", 0, whole=True))
    eos: Any = sequences()

    def __post_init__(self) -> None:
        super().__post_init__()
        if any(len(sequence) != 1 for eos in each_row(self.eos) for sequence in eos):
            raise ValueError(f"min_new_tokens: eos must be token ids, got {shown(self.eos)}")

    def lists(self) -> Lists:
        """Give the tokens."""
        return tuple((flat(eos)[0], None) for eos in each_row(self.eos))
