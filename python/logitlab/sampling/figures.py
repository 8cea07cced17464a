"""Plots of traces, comparisons and divergences; matplotlib is loaded when one is drawn.

A figure is drawn from lines, dicts that its owner fills: nothing here knows a trace or a comparison.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from logitlab.sampling.names import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Line = Mapping[str, Any]


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure; matplotlib is loaded here."""
    from logitlab.sampling.picture import Picture

    return Picture(figsize=(width, height), layout="constrained")


def name_bars(axes: "Axes", places: Any, names: Sequence[str], **style: Any) -> None:
    """Write the names of bars beside them, the first on top; a dollar sign in a name begins no formula."""
    axes.set_yticks(places, names, parse_math=False, **style)
    axes.invert_yaxis()


def _labels(lines: Sequence[Line]) -> list[str]:
    return [visible(line["text"]) if "text" in line else str(line["token"]) for line in lines]


def trace_figure(title: str, tokens: Sequence[Line]) -> "Figure":
    """Draw tokens before and after; what was removed says by which step."""
    figure = new_figure(9, 0.32 * len(tokens) + 1.6)
    axes = figure.subplots()
    places = np.arange(len(tokens))
    before, after = ([line[name] for line in tokens] for name in ("before", "after"))
    axes.barh(places - 0.2, before, height=0.4, color="0.65", label="before")
    axes.barh(places + 0.2, after, height=0.4, color="C0", label="after")
    for place, line in zip(places, tokens, strict=True):
        if line["removed_by"] is not None:
            axes.annotate(
                line["removed_by"], (line["before"], place - 0.2), (4, 0),
                textcoords="offset points", va="center", fontsize="small", color="0.35",
            )  # fmt: skip
    name_bars(axes, places, _labels(tokens))
    axes.set_xlabel("probability")
    axes.set_title(title, fontsize="medium", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure


def comparison_figure(tokens: Sequence[Line], groups: Sequence[tuple[Sequence[str], int]]) -> "Figure":
    """Draw one panel for engines that agree, with how many tokens they keep; all panels have the same tokens.

    A cross is a token that is removed.
    """
    width = max(3.2, 9 / len(groups))
    height = 0.28 * len(tokens) + 1.2 + 0.2 * max(len(names) for names, _ in groups)
    figure = new_figure(width * len(groups) + 1, height)
    panels = figure.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
    places = np.arange(len(tokens))
    for axes, (names, count) in zip(panels, groups, strict=True):
        _panel(axes, places, [line["before"] for line in tokens], [line[names[0]] for line in tokens])
        axes.set_title("\n".join([*names, f"{count} tokens"]), fontsize="medium", va="bottom")
    name_bars(panels[0], places, _labels(tokens))
    panels[-1].legend(frameon=False, fontsize="small", loc="lower right")
    figure.supxlabel("probability", fontsize="medium")
    return figure


def _panel(axes: "Axes", places: Any, before: list[float], after: list[float]) -> None:
    axes.barh(places, before, color="0.8", label="before")
    axes.barh(places, after, height=0.5, color="C0", label="after")
    gone = [place for place in places if not after[place]]
    axes.plot([before[place] for place in gone], gone, "x", color="C3", ms=6, label="removed")
    axes.spines[["top", "right"]].set_visible(False)


def divergence_figure(
    said: str, u: float | None, sides: Sequence[tuple[str, str, int]], tokens: Sequence[Line]
) -> "Figure":
    """Draw both cumulative bars, in token order, with u across them; the tokens it falls on are dark.

    A side is its key in the lines, what its sampler is called, and the token that it drew.
    """
    figure = new_figure(9, 3.2)
    axes = figure.subplots()
    if u is None:
        axes.set_axis_off()
        escaped = said.replace("$", r"\$")  # wrapping parses formulas whatever parse_math is
        axes.text(0.5, 0.5, escaped, ha="center", va="center", wrap=True, in_layout=False)
        return figure
    for (key, _, drawn), height in zip(sides, (1.0, 0.0), strict=True):
        axes.barh(height, 1.0, height=0.55, color="0.93", edgecolor="none")
        for line in tokens:
            _part(axes, height, line, key, drawn, u)
    axes.axvline(u, color="C3")
    axes.annotate(f"u = {u:.4f}", (u, 1.42), (4, 0), textcoords="offset points", color="C3")
    axes.set_yticks([1.0, 0.0], ["a", "b"])
    axes.set(
        xlim=(0, 1),
        ylim=(-0.65, 1.7),
        xlabel="cumulative probability, in token order; pale: the other tokens",
    )
    axes.set_title("\n".join(f"{key}: {sampler}" for key, sampler, _ in sides), loc="left", fontsize="medium")
    axes.spines[["top", "right", "left"]].set_visible(False)
    return figure


def _part(axes: "Axes", height: float, line: Line, key: str, drawn: int, u: float) -> None:
    """Draw a token's part of a bar, with its text where there is room for it or where u falls."""
    hit, text, share = line["token"] == drawn, visible(line["text"]), line[key]
    start = line[f"{key} from"]
    axes.barh(height, share, left=start, height=0.55, color="C0" if hit else "0.8", edgecolor="white")
    if hit:
        right = u > 0.8
        axes.annotate(
            text, (u, height - 0.28), (-5 if right else 5, -11), textcoords="offset points",
            ha="right" if right else "left", fontsize="small", color="C0", parse_math=False,
        )  # fmt: skip
    elif share > 0.01 * len(text) + 0.01:
        axes.text(
            start + share / 2, height, text, ha="center", va="center",
            fontsize="small", color="0.2", parse_math=False,
        )  # fmt: skip
