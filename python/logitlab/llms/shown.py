"""response.show(): an answer with each token coloured by its probability, and what else could have stood in its place.

The HTML has no script, because a notebook that is not trusted keeps none: point at a token, or reach it by Tab, and CSS
shows its alternatives. The keys that JupyterLab claims for itself (Enter, the arrows) are not needed. An untrusted
notebook drops the style sheet too: the colours, the tooltips and the table of all tokens stay, because they are in the
elements themselves. Nothing is fetched. Tokens are untrusted text, and all of it is escaped.
"""

from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from math import log2
from typing import Any

from logitlab.llms.drawn import Alternative, DrawnToken
from logitlab.sampling.names import visible

PANELS = 1000  # tokens with alternatives: a page of more of them is slow
_STYLE = """
.ll-drawn{position:relative;max-width:60em;line-height:1.7}
.ll-drawn .ll-said{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding-bottom:19.5em}
.ll-drawn .ll-t{border-radius:.15em;cursor:help}
.ll-drawn .ll-t:focus{outline:2px solid currentColor;outline-offset:-1px}
.ll-drawn .ll-p{position:absolute;left:0;bottom:0;width:100%;height:18.5em;overflow:hidden;line-height:1.45;
white-space:pre;background:var(--jp-layout-color0,var(--vscode-editor-background,Canvas))}
.ll-drawn .ll-t:focus>.ll-p{display:block!important;z-index:1}
.ll-drawn .ll-t:hover>.ll-p{display:block!important;z-index:2}
.ll-drawn .ll-box{position:relative}
.ll-drawn .ll-hint{position:absolute;left:0;bottom:13em;margin:0;opacity:.8}
.ll-drawn .ll-r{display:block;overflow:hidden;text-overflow:ellipsis}
.ll-drawn .ll-n{display:inline-block;width:5em;text-align:right;margin-right:.6em;font-variant-numeric:tabular-nums}
.ll-drawn .ll-now{font-weight:bold}
.ll-drawn .ll-key{display:inline-block;margin-right:.6em;padding:0 .3em}
.ll-drawn table{border-collapse:collapse}
.ll-drawn td,.ll-drawn th{padding:.1em .6em;text-align:right}
@media (forced-colors:active){.ll-drawn .ll-t{border-bottom:calc(var(--a)*9px) solid CanvasText}}
@media print{.ll-drawn .ll-said{padding-bottom:1em}.ll-drawn .ll-t>.ll-p,.ll-drawn .ll-t:focus>.ll-p,
.ll-drawn .ll-t:hover>.ll-p,.ll-drawn .ll-hint{display:none!important}
.ll-drawn .ll-t,.ll-drawn .ll-key{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
""".replace("\n", "")


class Shown:
    """An answer and its tokens: a coloured text in a notebook, a table by `print`."""

    def __init__(self, text: str, tokens: Sequence[DrawnToken], note: str = "") -> None:
        self.text = text
        self.tokens = list(tokens)
        self.note = note

    def __repr__(self) -> str:
        return f"<Shown: {len(self.tokens)} tokens of {self.text[:40]!r}>"

    def __str__(self) -> str:
        lines = [" ".join(f"{name:>8}" for name in _COLUMNS) + "  token"]
        for token in self.tokens:
            lines.append(" ".join(f"{cell:>8}" for cell in _cells(token)) + f"  {visible(token.token)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        said = "".join(_span(piece, token, i < PANELS) for i, (piece, token) in enumerate(self._pieces()))
        hint = "Point at a token, or press Tab, to see what else could have stood there."
        if len(self.tokens) > PANELS:
            hint += f" Those after the first {PANELS} have no list."
        return (
            f"<div class='ll-drawn'><style>{_STYLE}</style>{_legend()}<div class='ll-box'><p class='ll-hint'>{hint}</p>"
            f"<p class='ll-said'>{said}</p></div>{self._table()}</div>"
        )

    def _pieces(self) -> Iterator[tuple[str, DrawnToken]]:
        """Return the text that each token adds: whole characters, and nothing that a stop string cut off."""
        decoder = getincrementaldecoder("utf-8")(errors="replace")
        left = len(self.text)
        for i, token in enumerate(self.tokens):
            piece = decoder.decode(bytes(token.bytes), final=i == len(self.tokens) - 1)[:left]
            left -= len(piece)
            yield piece, token

    def _table(self) -> str:
        head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in ["token", *_COLUMNS])
        body = "".join(
            f"<tr><th scope='row' style='text-align:left'><code>{escape(visible(token.token))}</code></th>"
            + "".join(f"<td>{escape(cell)}</td>" for cell in _cells(token))
            + "</tr>"
            for token in self.tokens
        )
        note = f"<p>{escape(self.note)}</p>" if self.note else ""
        return f"<details><summary>All tokens as a table</summary>{note}<table><tr>{head}</tr>{body}</table></details>"


_COLUMNS = ("model", "rank", "nats", "drawn", "choices")


def _cells(token: DrawnToken) -> list[str]:
    return [
        percent(token.prob),
        _or_dash(token.rank),
        _or_dash(token.entropy, ".2f"),
        _or_dash(token.drawn_prob and percent(token.drawn_prob)),
        _or_dash(token.candidates),
    ]


def _or_dash(value: Any, form: str = "") -> str:
    return "-" if value is None else format(value, form)


def percent(share: float) -> str:
    """Return a share in per cent, with digits enough to tell it from 0 and from all.

    Examples
    --------
    >>> percent(0.63), percent(0.004), percent(0.99999), percent(1.0), percent(2e-7), percent(0.0)
    ('63.0%', '0.40%', '>99.9%', '100%', '<0.01%', '0%')
    """
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    if share < 0.0001:
        return "<0.01%"
    return ">99.9%" if share > 0.9995 else f"{share:.2%}" if share < 0.01 else f"{share:.1%}"


def _strength(prob: float) -> float:
    """How strongly a token is coloured: by its surprisal, in full from 10 bits on."""
    return 0.65 * min(1.0, -log2(max(prob, 1e-9)) / 10)


def _colour(prob: float) -> str:
    alpha = _strength(prob)
    return f"--a:{alpha:.2f};background-color:rgba(230,95,0,{alpha:.2f})"


def _span(piece: str, token: DrawnToken, listed: bool) -> str:
    """Return a token of the text; one that adds no character of its own is a dotted circle."""
    said = (
        escape(piece).replace("\n", "<span aria-hidden='true'>\N{RETURN SYMBOL}</span>\n")
        or "\N{DOTTED CIRCLE}"
    )
    about = escape(_about(token), quote=True)
    panel = f"<span class='ll-p' style='display:none'>{_panel(token)}</span>" if listed else ""
    return (
        f"<span class='ll-t' role='note' tabindex='0' title='{about}' aria-label='{about}' "
        f"style='{_colour(token.prob)}'>{said}{panel}</span>"
    )


def _about(token: DrawnToken) -> str:
    parts = [f"{visible(token.token)}: {percent(token.prob)}"]
    if token.rank is not None:
        parts.append(f"rank {token.rank}")
    if token.entropy is not None:
        parts.append(f"entropy {token.entropy:.2f} nats")
    if token.drawn_prob is not None:
        parts.append(f"drawn with {percent(token.drawn_prob)} from {token.candidates}")
    return ", ".join(parts)


def _panel(token: DrawnToken) -> str:
    """Return the alternatives, likeliest first, and how much the others share."""
    both = token.drawn_prob is not None
    head = _row(("model", "drawn") if both else ("model",), "token")
    rows = [_row(_shares(each, both), visible(each.token), _same(each, token)) for each in token.alternatives]
    known: list[Alternative | DrawnToken] = [*token.alternatives]
    if not any(_same(each, token) for each in token.alternatives):
        rows.append(_row(_shares(token, both), visible(token.token), now=True))
        known.append(token)
    rest = max(0.0, 1.0 - sum(each.prob for each in known))
    others = (percent(rest), percent(max(0.0, 1.0 - sum(each.drawn_prob or 0.0 for each in known))))
    about = f"<span class='ll-r'>{escape(_about(token))}</span>"
    return about + head + "".join(rows) + _row(others if both else others[:1], "all others")


def _shares(each: Any, both: bool) -> Iterable[str]:
    return (percent(each.prob), percent(each.drawn_prob)) if both else (percent(each.prob),)


def _same(each: Any, token: DrawnToken) -> bool:
    return bool(each.token == token.token and (each.id == token.id or None in (each.id, token.id)))


def _row(numbers: Iterable[str], text: str, now: bool = False) -> str:
    cells = "".join(f"<span class='ll-n'>{escape(number)}</span>" for number in numbers)
    mark = " \N{LEFTWARDS ARROW}" if now else ""
    return f"<span class='ll-r{' ll-now' if now else ''}'>{cells}{escape(text)}{mark}</span>"


def _legend() -> str:
    keys = ((1.0, "100%"), (0.5, "50%"), (0.1, "10%"), (0.01, "1%"), (0.001, "0.1% and less"))
    swatches = "".join(f"<span class='ll-key' style='{_colour(p)}'>{name}</span>" for p, name in keys)
    return f"<p style='margin:0'>The model's probability of each token: {swatches}</p>"
