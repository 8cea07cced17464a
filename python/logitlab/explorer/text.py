"""How the explorer writes tokens and numbers: the twin of static/text.js."""

import math
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

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


def _rounded(x: float, decimals: int) -> str:
    """Return a double with so many decimals, rounded as JavaScript's toFixed does: halves go up."""
    return str(Decimal(x).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def percent(p: float) -> str:
    """Return a probability as the page writes it: one decimal, three below 0.1 %; 0 only for 0, 100 only for 1."""
    if p in (0.0, 1.0):
        return f"{100 * p:.0f}\u00a0%"
    value = 100 * float(p)
    if value < 0.001:
        return "<\u00a00.001\u00a0%"
    if value >= 99.95:
        return ">\u00a099.9\u00a0%"
    return f"{_rounded(value, 3 if value < 0.1 else 1)}\u00a0%"


def fixed(x: float, decimals: int) -> str:
    """Return a number as a column of the page has it: narrow spaces between the thousands, never an exponent."""
    if not math.isfinite(x):
        return "not a number" if math.isnan(x) else "∞" if x > 0 else "\N{MINUS SIGN}∞"
    text = f"{Decimal(_rounded(x, decimals)):,f}".replace(",", "\u202f").replace("-", "\N{MINUS SIGN}")
    return text.removeprefix("\N{MINUS SIGN}") if not text.strip("\N{MINUS SIGN}0.") else text


def integer(n: int) -> str:
    """Return an integer with narrow spaces between its thousands."""
    return f"{int(n):,}".replace(",", "\u202f").replace("-", "\N{MINUS SIGN}")
