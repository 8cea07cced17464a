"""Answers as a picture: shares with their intervals, and the tree as nested bars. Matplotlib is loaded here."""

from typing import TYPE_CHECKING, Any

from logitlab.llms.answers.show import Counted, label, summary, tree_title
from logitlab.llms.answers.tree import Branch
from logitlab.sampling.figures import name_bars, new_figure
from logitlab.sampling.names import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_LONG = 28  # characters of an answer


def as_figure(answers: Counted, top: int) -> "Figure":
    """Draw how often each answer came."""
    rows = answers.table()[:top]
    figure = new_figure(12, max(3.2, 0.34 * len(rows) + 1.6))
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.5))
    _shares(left, rows)
    left.set_title(_wrapped(summary(answers)), loc="left", fontsize="medium")
    deepest = _tree(right, answers.tree, 0, 0.0)
    right.set(xlim=(0, max(deepest, 1)), ylim=(1, 0), ylabel="probability")
    right.set_xticks([i + 0.5 for i in range(deepest)], [str(i + 1) for i in range(deepest)])
    right.set_xlabel(f"{answers.pieces}, from the first")
    right.set_title(tree_title(answers), loc="left", fontsize="medium")
    right.spines[["top", "right"]].set_visible(False)
    return figure


def _wrapped(text: str) -> str:
    """Two lines, parted at the comma that is nearest to the middle."""
    commas = [i for i, char in enumerate(text) if char == ","]
    at = min(commas, key=lambda i: abs(i - len(text) / 2))
    return f"{text[: at + 1]}\n{text[at + 2 :]}"


def _shares(axes: "Axes", rows: list[dict[str, Any]]) -> None:
    places = range(len(rows))
    shares = [row["share"] for row in rows]
    around = [
        [row["share"] - row["low"] for row in rows],
        [row["high"] - row["share"] for row in rows],
    ]
    axes.barh(places, shares, color="C0", height=0.7)
    axes.errorbar(shares, places, xerr=around, fmt="none", ecolor="0.35", capsize=2)
    name_bars(axes, places, [_short(row["text"]) for row in rows])
    axes.set_xlim(0, min(1.0, 1.1 * max(row["high"] for row in rows)))
    axes.set_xlabel("share, with 95 % intervals (Wilson)")
    axes.spines[["top", "right"]].set_visible(False)


def _short(text: str) -> str:
    text = visible(text.strip()).replace("\N{OPEN BOX}", " ")
    return text if len(text) <= _LONG else text[: _LONG - 1] + "\N{HORIZONTAL ELLIPSIS}"


def _tree(axes: "Axes", branch: Branch, depth: int, top: float) -> int:
    """Draw what follows a branch, from `top` downwards, each bar as high as it is probable; return the depth.

    What is not listed is the palest bar.
    """
    deepest = depth
    for i, each in enumerate(branch.branches):
        colour = "0.8" if each.ends else f"C{i % 10}"
        axes.bar(
            depth,
            each.path,
            bottom=top,
            width=0.97,
            align="edge",
            color=colour,
            alpha=0.55,
            edgecolor="white",
        )
        if each.path > 0.025:
            axes.text(
                depth + 0.04, top + each.path / 2, f"{label(each)}  {each.prob:.0%}", va="center",
                fontsize="small", clip_on=True, parse_math=False,
            )  # fmt: skip
        deepest = max(deepest, depth + 1, _tree(axes, each, depth + 1, top))
        top += each.path
    if branch.branches and branch.rest:
        axes.bar(depth, branch.rest * branch.path, bottom=top, width=0.97, align="edge", color="0.94")
    return deepest
