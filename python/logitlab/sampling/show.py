"""Tables and plots of traces and comparisons: HTML by hand with every text escaped; matplotlib loads on use."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from logitlab.sampling.compare import Comparison
    from logitlab.sampling.diverge import Divergence
    from logitlab.sampling.trace import Trace

TOP = 12
_BAR = "display:inline-block;height:.7em;background:currentColor;opacity:.45;vertical-align:middle"


def table(head: Sequence[str], body: Iterable[Sequence[str]], caption: str = "") -> str:
    """Give an HTML table; cells are HTML already."""
    lines = [f"<caption style='text-align:left'>{escape(caption)}</caption>" if caption else ""]
    lines.append("<tr>" + "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in head) + "</tr>")
    for first, *rest in body:
        cells = "".join(f"<td style='text-align:right'>{cell}</td>" for cell in rest)
        lines.append(f"<tr><th scope='row' style='text-align:left'>{first}</th>{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"


def bar(share: float) -> str:
    """Give a bar of a share, for the eye; the number stands beside it."""
    return f"<span aria-hidden='true' style='{_BAR};width:{max(share, 0.0) * 6:.3f}em'></span>"


def visible(text: str) -> str:
    """Give a token's text with blanks and control characters that can be seen."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return shown.replace(" ", "\N{OPEN BOX}") or "(empty)"


def trace_html(trace: "Trace") -> str:
    """Give the steps of a trace and its likeliest tokens."""
    steps = [
        [
            escape(line["step"]),
            f"{line['left']:,}".replace(",", "\N{NARROW NO-BREAK SPACE}"),
            f"{line['mass']:.2%} {bar(line['mass'])}",
            f"{line['kept']:.2%}",
            f"{line['entropy (nats)']:.3f}",
            f"{line['entropy (bits)']:.3f}",
            f"{line['effective choices']:.2f}",
            "" if np.isnan(line["threshold"]) else f"{line['threshold']:.4g}",
        ]
        for line in trace.steps_table()
    ]
    head = [
        "step",
        "left",
        "of the row's mass",
        "of the step before",
        "nats",
        "bits",
        "effective choices",
        "threshold",
    ]
    order = np.argsort(-trace.before.astype(np.float64), kind="stable")[:TOP]
    names = ["not in the row", *map(repr, trace.sampler.steps), ""]
    tokens = [
        [
            f"{token}" + (f" <code>{escape(visible(trace._name(int(token))))}</code>" if trace._name else ""),
            f"{float(trace.before[token]):.4f}",
            f"{float(trace.after[token]):.4f} {bar(float(trace.after[token]))}",
            escape(names[trace._removed[token]]),
            f"{float(trace.margin[token]):.3f}" if trace.margin[token] > 0 else "",
        ]
        for token in order
    ]
    columns = ["token", "before", "after", "removed by", "margin"]
    return table(head, steps, repr(trace.sampler)) + table(
        columns, tokens, f"the {len(order)} likeliest tokens"
    )


def new_figure(width: float, height: float) -> "Figure":
    """Give an empty figure; matplotlib is loaded here."""
    from logitlab.sampling.picture import Picture

    return Picture(figsize=(width, height), layout="constrained")


def trace_figure(trace: "Trace", top: int) -> "Figure":
    """Draw the likeliest tokens before and after; what was removed says by which step."""
    order = np.argsort(-trace.before.astype(np.float64), kind="stable")[:top]
    figure = new_figure(9, 0.32 * len(order) + 1.6)
    axes = figure.subplots()
    places = np.arange(len(order))
    axes.barh(places - 0.2, trace.before[order].astype(float), height=0.4, color="0.65", label="before")
    axes.barh(places + 0.2, trace.after[order].astype(float), height=0.4, color="C0", label="after")
    names = ["not in the row", *map(repr, trace.sampler.steps)]
    for place, token in zip(places, order, strict=True):
        step = trace._removed[token]
        if step <= len(trace.sampler.steps):
            axes.annotate(
                names[step], (float(trace.before[token]), place - 0.2), (4, 0),
                textcoords="offset points", va="center", fontsize="small", color="0.35",
            )  # fmt: skip
    texts = [visible(trace._name(int(t))) if trace._name else str(t) for t in order]
    axes.set_yticks(places, texts)
    axes.invert_yaxis()
    axes.set_xlabel("probability")
    axes.set_title(repr(trace.sampler), fontsize="medium", loc="left")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return figure


def comparison_html(comparison: "Comparison") -> str:
    """Give the engines with their steps and what they keep, and the likeliest tokens in each."""
    engines = [
        [
            escape(name),
            escape(" \N{RIGHTWARDS ARROW} ".join(map(repr, trace.sampler.steps))),
            f"{trace.count[-1]}",
            f"{trace.mass[-1]:.2%} {bar(float(trace.mass[-1]))}",
            f"{trace.entropy_bits[-1]:.3f}",
        ]
        for name, trace in comparison.traces.items()
    ]
    lines = comparison.table(TOP)
    shown = [
        [
            f"{line['token']}" + (f" <code>{escape(visible(line['text']))}</code>" if "text" in line else ""),
            f"{line['before']:.4f}",
            *(f"{line[name]:.4f}" if line[name] else "\N{EN DASH}" for name in comparison.traces),
        ]
        for line in lines
    ]
    head = ["engine", "steps", "tokens left", "of the row's mass", "bits"]
    reason = f"<p>{escape(str(comparison)).replace(chr(10), '<br>')}</p>"
    return reason + table(head, engines) + table(["token", "before", *comparison.traces], shown)


def comparison_figure(comparison: "Comparison", top: int) -> "Figure":
    """Draw one panel for engines that agree, all panels with the same tokens; a cross is a token that is removed."""
    lines, groups = comparison.table(top), comparison.alike
    width = max(3.2, 9 / len(groups))
    figure = new_figure(width * len(groups) + 1, 0.28 * len(lines) + 1.2 + 0.2 * max(map(len, groups)))
    panels = figure.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
    places = np.arange(len(lines))
    before = [line["before"] for line in lines]
    for axes, group in zip(panels, groups, strict=True):
        after = [line[group[0]] for line in lines]
        axes.barh(places, before, color="0.8", label="before")
        axes.barh(places, after, height=0.5, color="C0", label="after")
        gone = [place for place in places if not after[place]]
        axes.plot([before[place] for place in gone], gone, "x", color="C3", ms=6, label="removed")
        count = comparison.traces[group[0]].count[-1]
        axes.set_title("\n".join([*group, f"{count} tokens"]), fontsize="medium", va="bottom")
        axes.spines[["top", "right"]].set_visible(False)
    texts = [visible(line["text"]) if "text" in line else str(line["token"]) for line in lines]
    panels[0].set_yticks(places, texts)
    panels[0].invert_yaxis()
    panels[-1].legend(frameon=False, fontsize="small", loc="lower right")
    figure.supxlabel("probability", fontsize="medium")
    return figure


def divergence_html(divergence: "Divergence") -> str:
    """Give the texts, why they part, and the parts of both bars."""
    said = f"<p>{escape(str(divergence)).replace(chr(10), '<br>')}</p>"
    if divergence.a is None or divergence.b is None:
        return said
    body = [
        [
            f"{line['token']} <code>{escape(visible(line['text']))}</code>",
            *(
                f"{line[side]:.4f} from {line[f'{side} from']:.4f}" if line[side] else "\N{EN DASH}"
                for side in ("a", "b")
            ),
        ]
        for line in divergence.table()
    ]
    return said + table(["token", "part of a's bar", "part of b's bar"], body, f"u = {divergence.u:.4f}")


def divergence_figure(divergence: "Divergence", top: int) -> "Figure":
    """Draw both cumulative bars, in token order, with u across them; the tokens it falls on are dark."""
    figure = new_figure(9, 3.2)
    axes = figure.subplots()
    if divergence.a is None or divergence.b is None or divergence.u is None:
        axes.set_axis_off()
        axes.text(0.5, 0.5, str(divergence), ha="center", va="center", wrap=True)
        return figure
    sides = (("a", divergence.a, 1.0), ("b", divergence.b, 0.0))
    for key, side, height in sides:
        axes.barh(height, 1.0, height=0.55, color="0.93", edgecolor="none")
        for line in divergence.table(top):
            hit, text, share = line["token"] == side.token, visible(line["text"]), line[key]
            start = line[f"{key} from"]
            color = "C0" if hit else "0.8"
            axes.barh(height, share, left=start, height=0.55, color=color, edgecolor="white")
            if hit:
                right = divergence.u > 0.8
                axes.annotate(
                    text, (divergence.u, height - 0.28), (-5 if right else 5, -11), textcoords="offset points",
                    ha="right" if right else "left", fontsize="small", color="C0",
                )  # fmt: skip
            elif share > 0.01 * len(text) + 0.01:  # room for it
                middle = start + share / 2
                axes.text(middle, height, text, ha="center", va="center", fontsize="small", color="0.2")
    axes.axvline(divergence.u, color="C3")
    axes.annotate(
        f"u = {divergence.u:.4f}", (divergence.u, 1.42), (4, 0), textcoords="offset points", color="C3"
    )
    labels = [f"{key}: {side.sampler!r}" for key, side, _ in sides]
    axes.set_yticks([1.0, 0.0], ["a", "b"])
    axes.set(
        xlim=(0, 1),
        ylim=(-0.65, 1.7),
        xlabel="cumulative probability, in token order; pale: the other tokens",
    )
    axes.set_title("\n".join(labels), loc="left", fontsize="medium")
    axes.spines[["top", "right", "left"]].set_visible(False)
    return figure
