"""How the explorer writes a token and a probability: the twin of static/text.js."""

import math
import unicodedata

_NAMED = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍", "\u00a0": "⍽", "\u007f": "␡"}


def _seen(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if ord(character) < 32:
        return chr(0x2400 + ord(character))
    hidden = unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")
    return f"⟨U+{ord(character):04X}⟩" if hidden else character


def visible(text: str) -> str:
    """Return the text of a token with everything in it visible; never empty."""
    return "".join(map(_seen, text)) or "(empty)"


def percent(p: float) -> str:
    """Return a probability as the page writes it: three significant digits, 0 only for 0."""
    if p in (0.0, 1.0):
        return f"{100 * p:.0f} %"
    if p > 0.9995:
        return f"{math.floor(1e5 * p) / 1e3:.3f}".rstrip("0") + " %"
    value = 100 * p
    return (
        f"{value:.1e} %".replace("e-0", "e-")
        if value < 1e-4
        else f"{value:#.3g}".rstrip("0").rstrip(".") + " %"
    )
