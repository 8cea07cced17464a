"""Answers: many answers to one prompt, counted."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from logitlab.extras import need
from logitlab.llms.answers.interval import wilson
from logitlab.llms.answers.tree import Branch
from logitlab.llms.responses import ChatResponse, CompletionResponse

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame  # type: ignore[import-untyped, unused-ignore]

Response = CompletionResponse | ChatResponse


class Answers:
    """What `logitlab.answers` returns: a distribution of answers, shown as tables in a notebook.

    Attributes
    ----------
    responses : list of CompletionResponse or ChatResponse
        The answers, in the order in which they were drawn.
    seeds : list of int or None
        The seed of each; None for a model that takes no seed.
    asked : int
        How many answers were asked for.
    interrupted : bool
        Whether Ctrl-C or an error ended it before all of them had come.
    tree : Branch
        What the first tokens can be, with their probabilities and how often each was drawn.
    pieces : str
        What the branches of the tree are: "tokens", or "words" where a server tells no tokens.
    """

    def __init__(
        self,
        responses: Sequence[Response],
        seeds: Sequence[int] | None,
        asked: int,
        tree: Branch,
        pieces: str = "tokens",
    ) -> None:
        self.responses = list(responses)
        self.seeds = None if seeds is None else list(seeds)
        self.asked = asked
        self.interrupted = len(self.responses) < asked
        self.tree = tree
        self.pieces = pieces

    @property
    def n(self) -> int:
        """How many answers have come."""
        return len(self.responses)

    def __len__(self) -> int:
        return self.n

    def __iter__(self) -> Iterator[Response]:
        return iter(self.responses)

    @property
    def counts(self) -> dict[str, int]:
        """How often each text came, the most frequent first; of equally frequent ones the one that came first."""
        return dict(Counter(response.text for response in self.responses).most_common())

    @property
    def entropy(self) -> float:
        """The entropy of the shares, in nats; 0 where all answers are the same, at most log n.

        It is less than that of the distribution behind them, and far less where most answers came only once.
        """
        return sum(-count / self.n * math.log(count / self.n) for count in self.counts.values()) + 0.0

    @property
    def entropy_bits(self) -> float:
        """The entropy in bits."""
        return self.entropy / math.log(2)

    def table(self) -> list[dict[str, Any]]:
        """Return one dict per different text: text, count, share, and the 95 % interval of its probability.

        `low` and `high` are the bounds of the Wilson score interval. `seed` is that of its first answer, None for a
        model that takes no seed.
        """
        first: dict[str, int] = {}
        for i, response in enumerate(self.responses):
            first.setdefault(response.text, i)
        lines = []
        for text, count in self.counts.items():
            low, high = wilson(count, self.n)
            seed = self.seeds[first[text]] if self.seeds else None
            share = count / self.n
            lines.append(
                {"text": text, "count": count, "share": share, "low": low, "high": high, "seed": seed}
            )
        return lines

    def frame(self) -> "DataFrame":
        """Return the table as a pandas frame."""
        return need("pandas", "notebook").DataFrame(self.table())

    def __repr__(self) -> str:
        return f"<Answers: {self.n} of {self.asked}, {len(self.counts)} different>"

    def __str__(self) -> str:
        from logitlab.llms.answers.show import as_text

        return as_text(self)

    def _repr_html_(self) -> str:
        from logitlab.llms.answers.show import as_html

        return as_html(self)

    def plot(self, top: int = 12) -> "Figure":
        """Draw the shares of the `top` most frequent answers with their intervals, and the tree beside them."""
        from logitlab.llms.answers.figure import as_figure

        return as_figure(self, top)
