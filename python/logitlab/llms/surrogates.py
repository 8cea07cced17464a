"""Halves of a character: JSON writes some characters as two escapes, and Python can hold one half of such a pair.

A half cannot be sent or printed. Where a server cuts an emoji into two lines, the halves are joined again; a
half that stays alone becomes U+FFFD, as a wrong byte does. In what a user sends it is an error that says where.
"""

import re
from collections.abc import Mapping
from typing import Any

_HALF = re.compile("[\ud800-\udfff]")


def mended(text: str) -> str:
    r"""Return the text with its pairs joined, and U+FFFD for a half that is alone.

    Examples
    --------
    >>> mended("\ud83d\ude00!"), mended("half: \ud83d")
    ('😀!', 'half: \ufffd')
    """
    if text.isascii() or not _HALF.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Joiner:
    r"""Pieces of a text go in; what is whole comes out, and a first half waits for the second.

    Examples
    --------
    >>> text = Joiner()
    >>> text.add("a\ud83d"), text.add("\ude00"), text.add("\ud83d"), text.end()
    ('a', '😀', '', '\ufffd')
    """

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = ""

    def add(self, piece: str) -> str:
        """Return what is certain of the text after one more piece."""
        if not self._held and piece.isascii():
            return piece
        text, self._held = self._held + piece, ""
        if text and "\ud800" <= text[-1] <= "\udbff":
            text, self._held = text[:-1], text[-1]
        return mended(text)

    def end(self) -> str:
        """Return what waits, now that nothing follows."""
        text, self._held = self._held, ""
        return mended(text)


def check(value: Any, where: str) -> None:
    r"""Raise a ValueError if a string in `value`, or in the lists and mappings that it has, holds half a character.

    Examples
    --------
    >>> check({"stop": ["END", "caf\udce9"]}, "options")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ValueError: options.stop[1] has half a character, U+DCE9, at position 3 ...
    """
    if isinstance(value, str):
        if not value.isascii() and (found := _HALF.search(value)):
            raise ValueError(_said(found, where))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            check(name, where)
            check(item, f"{where}.{name}" if where else str(name))
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            check(item, f"{where}[{i}]")


def _said(found: re.Match[str], where: str) -> str:
    start = found.start()
    around = ascii(found.string[max(0, start - 20) : start + 20])
    return (
        f"{where} has half a character, U+{ord(found[0]):04X}, at position {start} ({around}), which cannot be sent: "
        "a file name or a file that is no UTF-8 gives such text; text.encode('utf-8', 'replace').decode() has '?' there"
    )
