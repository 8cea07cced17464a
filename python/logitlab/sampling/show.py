"""Tables and plots of traces and comparisons. HTML is written by hand with every text escaped; matplotlib loads on use."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
    head = ["step", "left", "of the row's mass", "of the step before", "nats", "bits", "effective choices", "threshold"]
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
    return table(head, steps, repr(trace.sampler)) + table(columns, tokens, f"the {len(order)} likeliest tokens")


def pyplot() -> Any:
    """Give matplotlib's Figure without a window, or say what to install."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError("a plot needs matplotlib: pip install 'logitlab[notebook]'") from error
    return Figure


def trace_figure(trace: "Trace", top: int) -> "Figure":
    """Draw the likeliest tokens before and after; what was removed says by which step."""
    order = np.argsort(-trace.before.astype(np.float64), kind="stable")[:top]
    figure: Figure = pyplot()(figsize=(9, 0.32 * len(order) + 1.6), layout="constrained")
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
