"""BanTokens: tokens that must not be drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from logitlab.sampling.parameters import choice, each_row, of_rows, sequences
from logitlab.sampling.steps.base import Lists, Step
from logitlab.sampling.steps.token_lists import brief, flat


@dataclass(frozen=True, eq=False, repr=False)
class BanTokens(Step):
    """Ban tokens, and tokens that would complete a banned sequence.

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

    tokens: Any = sequences()
    scope: str = choice("history", "generated")

    def lists(self) -> Lists:
        """Return the sequences with their lengths."""
        return tuple(flat(sequences) for sequences in each_row(self.tokens))

    def __repr__(self) -> str:
        shown = repr(of_rows(self.tokens, lambda sequences: [*map(brief, sequences)]))
        return (
            f"BanTokens({shown})" if self.scope == "history" else f"BanTokens({shown}, scope={self.scope!r})"
        )
