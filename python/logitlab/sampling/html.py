"""HTML tables of traces, comparisons and divergences: written by hand, with every text escaped.

The tables are made of lines, dicts that their owners fill: nothing here knows a trace or a comparison.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from logitlab.sampling.names import visible

Line = Mapping[str, Any]

TOP = 12
_BAR = "display:inline-block;height:.7em;background:currentColor;opacity:.45;vertical-align:middle"
_STEP_HEAD = (
    "step", "left", "of the row's mass", "of the step before", "nats", "bits", "effective choices", "threshold",
)  # fmt: skip


def table(head: Sequence[str], body: Iterable[Sequence[str]], caption: str = "") -> str:
    """Return an HTML table; cells are HTML already."""
    lines = [f"<caption style='text-align:left'>{escape(caption)}</caption>" if caption else ""]
    lines.append("<tr>" + "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in head) + "</tr>")
    for first, *rest in body:
        cells = "".join(f"<td style='text-align:right'>{cell}</td>" for cell in rest)
        lines.append(f"<tr><th scope='row' style='text-align:left'>{first}</th>{cells}</tr>")
    return f"<table>{''.join(lines)}</table>"


def bar(share: float) -> str:
    """Return a bar of a share, for the eye; the number stands beside it."""
    return f"<span aria-hidden='true' style='{_BAR};width:{max(share, 0.0) * 6:.3f}em'></span>"


def _token(line: Line) -> str:
    return f"{line['token']}" + (f" <code>{escape(visible(line['text']))}</code>" if "text" in line else "")


def _paragraph(text: str) -> str:
    return f"<p>{escape(text).replace(chr(10), '<br>')}</p>"


def trace_html(title: str, steps: Iterable[Line], tokens: Sequence[Line]) -> str:
    """Return the steps of a trace and its likeliest tokens as two tables."""
    step_rows = [
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
        for line in steps
    ]
    token_rows = [
        [
            _token(line),
            f"{line['before']:.4f}",
            f"{line['after']:.4f} {bar(line['after'])}",
            escape(line["removed_by"] or ""),
            f"{line['margin']:.3f}" if line["margin"] > 0 else "",
        ]
        for line in tokens
    ]
    columns = ["token", "before", "after", "removed by", "margin"]
    caption = f"the {len(token_rows)} likeliest tokens"
    return table(_STEP_HEAD, step_rows, title) + table(columns, token_rows, caption)


def comparison_html(said: str, engines: Iterable[Line], tokens: Iterable[Line], names: Sequence[str]) -> str:
    """Return the engines with their steps and what they keep, and the likeliest tokens in each."""
    engine_rows = [
        [
            escape(line["engine"]),
            escape(line["steps"]),
            f"{line['left']}",
            f"{line['mass']:.2%} {bar(line['mass'])}",
            f"{line['bits']:.3f}",
        ]
        for line in engines
    ]
    token_rows = [
        [
            _token(line),
            f"{line['before']:.4f}",
            *(f"{line[name]:.4f}" if line[name] else "\N{EN DASH}" for name in names),
        ]
        for line in tokens
    ]
    head = ["engine", "steps", "tokens left", "of the row's mass", "bits"]
    return _paragraph(said) + table(head, engine_rows) + table(["token", "before", *names], token_rows)


def divergence_html(said: str, u: float | None, tokens: Iterable[Line]) -> str:
    """Return the two texts, why they part, and the parts of both bars."""
    if u is None:
        return _paragraph(said)
    body = [
        [
            _token(line),
            *(
                f"{line[side]:.4f} from {line[f'{side} from']:.4f}" if line[side] else "\N{EN DASH}"
                for side in ("a", "b")
            ),
        ]
        for line in tokens
    ]
    return _paragraph(said) + table(["token", "part of a's bar", "part of b's bar"], body, f"u = {u:.4f}")
