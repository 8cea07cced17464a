"""What is on the screen where nothing can move: a table for a notebook that is only read, a figure for a paper."""

import html
import re
from typing import Any

import numpy as np

from logitlab import argtop_k
from logitlab.explorer.chance import counts_of
from logitlab.explorer.screen import Screen
from logitlab.explorer.text import fixed, integer, percent, visible
from logitlab.extras import need
from logitlab.sampling.figures import name_bars


class _Rows:
    """The tokens with a row of their own, and what all others share."""

    def __init__(self, screen: Screen) -> None:
        logits, probs = screen.logits, screen.probs
        self.tokens = argtop_k(logits, min(screen.shown, len(logits)))[::-1]
        self.names = [
            visible(text) if (text := screen.text_of(token)) is not None else f"#{token}"
            for token in self.tokens
        ]
        self.logits, self.probs = logits[self.tokens], probs[self.tokens].astype(float)
        self.others = len(logits) - len(self.tokens)
        self.left = int(np.count_nonzero(probs) - np.count_nonzero(self.probs))
        self.rest = max(0.0, 1.0 - float(self.probs.sum())) if self.left else 0.0

    def tail(self) -> str:
        who = f"{integer(self.others)} other token{'' if self.others == 1 else 's'}"
        return who if self.left == self.others else f"{integer(self.left)} of {who} left"


def _bar(p: float, title: str) -> str:
    width = round(200 * p, 1)
    return (
        f'<svg width="200" height="12" role="img" aria-label="{title}">'
        f'<rect width="{width}" height="12" fill="#2f6fb5"/></svg>'
    )


def table(screen: Screen) -> str:
    """HTML without script or style sheet: what GitHub and a notebook that was not run can show."""
    rows = _Rows(screen)
    lines = [
        (name, fixed(float(logit), 2), p)
        for name, logit, p in zip(rows.names, rows.logits, rows.probs, strict=True)
    ]
    if rows.others:
        lines.append((rows.tail(), "", rows.rest))
    body = "".join(
        f"<tr><th scope=row><code>{html.escape(name)}</code></th><td>{logit}</td>"
        f"<td>{_bar(p, percent(p))}</td><td>{percent(p)}</td></tr>"
        for name, logit, p in lines
    )
    about = html.escape(re.sub(r"\s+", " ", screen.about))
    prompt = f"<p><q>{html.escape(screen.prompt)}</q></p>" if screen.prompt is not None else ""
    note = html.escape(screen.note)
    return (
        f"{prompt}<table><caption>{about}{': ' + note if note else ''}</caption><thead><tr><th scope=col>token</th>"
        f"<th scope=col>logit</th><th scope=col colspan=2>probability</th></tr></thead><tbody>{body}</tbody></table>"
        "<p>Run this cell to move the sliders.</p>"
    )


def figure(screen: Screen) -> Any:
    """Bars as on the screen, the tail as one, the argmax named, and the draws if there are any."""
    Figure = need("matplotlib.figure", "notebook").Figure
    rows = _Rows(screen)
    names = [*rows.names, rows.tail()] if rows.others else rows.names
    probs = np.append(rows.probs, rows.rest) if rows.others else rows.probs
    size = Figure(figsize=(6.4, 0.8 + 0.27 * len(names)), layout="constrained")
    axes = size.add_subplot()
    place = np.arange(len(names))
    bars = axes.barh(place, probs, color="#2f6fb5", label="probability")
    if rows.others:
        bars[-1].set(facecolor="none", edgecolor="#2f6fb5", hatch="////")
    ends = _draw_counts(size, screen, rows, place, probs) if screen.draws else probs
    for at, p, end in zip(place, probs, ends, strict=True):
        axes.annotate(f"  {percent(p)}", (end, at), va="center", fontsize=8)
    names[0] += "  ◆"
    name_bars(axes, place, names, fontsize=8)
    axes.set(xlabel="probability (◆ argmax)", title=screen.about, xlim=(0, 1.2 * np.max(ends)))
    axes.title.set_fontsize(9)
    axes.spines[["top", "right"]].set_visible(False)
    return size


def _draw_counts(figure: Any, screen: Screen, rows: _Rows, place: Any, probs: Any) -> Any:
    """Return the shares that were drawn, and the interval that holds 95 % of such counts; gives where the marks end."""
    n = screen.draws
    [axes] = figure.axes
    drawn = screen.drawn()
    counts = [int(np.count_nonzero(drawn == token)) for token in rows.tokens]
    counts += [n - sum(counts)] if rows.others else []
    shares = np.array(counts) / n
    ends = np.maximum(probs, shares)
    if n > 1:  # of one draw nothing can be said
        low, high = (np.array(side) / n for side in zip(*(counts_of(n, p)[:2] for p in probs), strict=True))
        between = np.array([np.maximum(probs - low, 0), np.maximum(high - probs, 0)])
        style = {"fmt": "none", "ecolor": "black", "capsize": 3, "linewidth": 1}
        axes.errorbar(probs, place, xerr=between, label="95 % of such counts", **style)
        ends = np.maximum(ends, high)
    label = f"{integer(n)} draw{'' if n == 1 else 's'}, seed {screen.seed}"
    axes.plot(shares, place, "|", color="#b3261e", markersize=12, markeredgewidth=2, label=label)
    figure.legend(fontsize=8, frameon=False, loc="outside lower center", ncols=3)
    return ends
