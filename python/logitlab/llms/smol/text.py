"""Tokens to text as they come, cut at stop strings wherever these begin.

A character may be spread over several tokens and a stop string as well: what may still become one of them is
held back until it is decided. The text is the same wherever the borders between the tokens lie.
"""

from codecs import getincrementaldecoder
from collections.abc import Sequence


class Text:
    r"""An answer under construction: bytes go in, text that is certain comes out.

    Examples
    --------
    >>> text = Text(["END"])
    >>> text.add(b"the E"), text.add(b"nd \xc3"), text.add(b"\xa9 EN"), text.add(b"D more")
    ('the ', 'End ', 'é ', '')
    >>> text.stopped, text.flush()
    (True, '')
    """

    def __init__(self, stops: Sequence[str] = ()) -> None:
        self._stops = stops
        self._decoder = getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""
        self.decoded = 0  # characters that the bytes so far are, whether sent, held back or cut off
        self.stopped = False

    def add(self, piece: bytes) -> str:
        """Return what is certain after one more piece; nothing once a stop string has come."""
        return self._release(self._decode(piece))

    def flush(self) -> str:
        """Return what was held back, now that nothing follows; half a character becomes U+FFFD."""
        out = self._release(self._decode(b"", final=True)) + self._held
        self._held = ""
        return out

    def _decode(self, piece: bytes, final: bool = False) -> str:
        text = self._decoder.decode(piece, final)
        self.decoded += len(text)
        return text

    def _release(self, new: str) -> str:
        if self.stopped:
            return ""
        text = self._held + new
        # The stop string that is complete first; of two that end together the longer one.
        found = [(at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)[1]]
        hold = max((_overlap(text, stop) for stop in self._stops), default=0)
        self._held = text[len(text) - hold :]
        return text[: len(text) - hold]


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of `text` that is a beginning of `stop`, short of all of it."""
    for length in range(min(len(text), len(stop)), 0, -1):
        if stop.startswith(text[-length:]):
            return length
    return 0
