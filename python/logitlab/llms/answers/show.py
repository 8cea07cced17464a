"""Answers as text and as HTML tables. Answers and tokens are untrusted text: all of it is escaped."""

from collections.abc import Iterator
from html import escape
from typing import Any, Protocol

from logitlab.llms.answers.tree import Branch
from logitlab.sampling.html import bar, table
from logitlab.sampling.names import visible


class Counted(Protocol):
    """What is shown here: answers that were counted."""

    seeds: list[int] | None
    asked: int
    interrupted: bool
    tree: Branch
    pieces: str

    @property
    def n(self) -> int:
        """How many answers there are."""

    @property
    def counts(self) -> dict[str, int]:
        """How often each text came."""

    @property
    def entropy(self) -> float:
        """The entropy in nats."""

    @property
    def entropy_bits(self) -> float:
        """The entropy in bits."""

    def table(self) -> list[dict[str, Any]]:
        """Return one dict per text."""


TOP = 20  # answers
LONG = 80  # characters of an answer
_INTERVAL = "95 % interval (Wilson)"
_SOURCES = {
    "exact": "exact, what the model draws from",
    "log-probabilities": "computed from the server's log-probabilities and the options in force",
    "draws": "estimated from the draws",
}


def summary(answers: Counted) -> str:
    """Return one line: how many, how many different, how undecided, with which seeds."""
    parts = [
        f"{answers.n} answers" + (f" of the {answers.asked} asked for" if answers.interrupted else ""),
        f"{len(answers.counts)} different",
        f"entropy {answers.entropy:.2f} nats ({answers.entropy_bits:.2f} bits)",
    ]
    if answers.seeds:
        parts.append(f"seeds {answers.seeds[0]} to {answers.seeds[-1]}")
    return ", ".join(parts)


def tree_title(answers: Counted) -> str:
    """Return what the tree shows, and where its probabilities come from."""
    sources = list(dict.fromkeys(_sources(answers.tree)))
    said = " or ".join(_SOURCES[source] for source in sources) or "nothing was drawn"
    marked = "; ~ marks the latter" if len(sources) > 1 else ""
    return f"The first {answers.pieces}: {said}{marked}"


def _sources(branch: Branch) -> Iterator[str]:
    if branch.source:
        yield branch.source
    for each in branch.branches:
        yield from _sources(each)


def clipped(text: str) -> str:
    """Return an answer as a line shows it."""
    return text if len(text) <= LONG else text[: LONG - 1] + "\N{HORIZONTAL ELLIPSIS}"


def label(branch: Branch) -> str:
    """Return a branch's token as it is shown."""
    return "(the answer ends)" if branch.ends else visible(branch.token)


def tree_lines(branch: Branch, depth: int = 0) -> Iterator[tuple[int, str, float, float, int, str]]:
    """Return lines of a tree: depth, token, its probability, that of the whole beginning, count, source."""
    for each in branch.branches:
        yield depth, label(each), each.prob, each.path, each.count, branch.source
        yield from tree_lines(each, depth + 1)
    if branch.branches and (branch.rest > 1e-9 or branch.rest_count):
        yield depth, "(others)", branch.rest, branch.rest * branch.path, branch.rest_count, branch.source


def as_text(answers: Counted) -> str:
    """Return the answers and their tree as text."""
    lines = [summary(answers), f"{'count':>5} {'share':>7}  {_INTERVAL}  answer"]
    rows = answers.table()
    for row in rows[:TOP]:
        interval = f"{row['low']:.1%} to {row['high']:.1%}"
        lines.append(
            f"{row['count']:>5} {row['share']:>7.1%}  {interval:<{len(_INTERVAL)}}  {clipped(row['text'])!r}"
        )
    lines += _more(rows)
    mixed = len(set(_sources(answers.tree))) > 1
    lines += ["", tree_title(answers), "after those before   drawn"]
    for depth, token, prob, _, count, source in tree_lines(answers.tree):
        about = "~" if mixed and source == "draws" else " "
        lines.append(f"{about}{prob:>17.2%} {count:>7}  {'  ' * depth}{token}")
    return "\n".join(lines)


def _more(rows: list[dict[str, Any]]) -> list[str]:
    left = rows[TOP:]
    return [f"and {len(left)} more, {sum(row['count'] for row in left)} answers"] if left else []


def as_html(answers: Counted) -> str:
    """Return the answers and their tree as HTML."""
    rows = answers.table()
    body = [
        [
            f"<span style='white-space:pre-wrap'>{escape(clipped(row['text'])) or '<i>(empty)</i>'}</span>",
            f"{row['count']}",
            f"{row['share']:.1%} {bar(row['share'])}",
            f"{row['low']:.1%} to {row['high']:.1%}",
            "" if row["seed"] is None else f"{row['seed']}",
        ]
        for row in rows[:TOP]
    ]
    head = ["answer", "count", "share", _INTERVAL, "first seed"]
    more = "".join(f"<p>{escape(line)}</p>" for line in _more(rows))
    return table(head, body, summary(answers)) + more + _tree_html(answers)


def _tree_html(answers: Counted) -> str:
    mixed = len(set(_sources(answers.tree))) > 1
    body = [
        [
            f"<span style='padding-left:{1.5 * depth}em'>{escape(token)}</span>",
            f"{'~' if mixed and source == 'draws' else ''}{prob:.2%}",
            f"{path:.2%} {bar(path)}",
            f"{count}",
        ]
        for depth, token, prob, path, count, source in tree_lines(answers.tree)
    ]
    head = [
        "token" if answers.pieces == "tokens" else "word",
        "after those before it",
        "of all answers",
        "drawn",
    ]
    return table(head, body, tree_title(answers))
