"""The texts of token ids, from exactly what says which id has which text.

A wrong name on a bar is worse than none. So what has an order of its own to be trusted (a list, an array, a dict either
way round, a pandas Series by its index) is taken, and what has none (a set, a generator, the keys of a vocabulary) is
an error. Traces, comparisons and the explorer take their names from here.
"""

import numbers
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Set, Sized
from typing import Any

from logitlab.masks import no_mask
from logitlab.messages import shown

_NEEDED = "tokens must be a sequence of texts, a dict of id to text or of text to id, or a model with detokenize, got "


class Names:
    """A lookup of texts by token id, for all ids below `n`."""

    __slots__ = ("_look_up", "n")

    def __init__(self, look_up: Callable[[int], str], n: int) -> None:
        self._look_up = look_up
        self.n = n

    def __call__(self, token: int) -> str:
        """Return the text of a token id.

        Raises
        ------
        ValueError
            For an id that is not in the row.
        """
        at = operator.index(token)
        if not 0 <= at < self.n:
            raise ValueError(f"a token id must be in [0, {self.n}), got {shown(token)}")
        return self._look_up(at)


class _OfModel:
    """What a model says; the model loads with the object that holds this, where it can."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def __call__(self, token: int) -> str:
        return str(self.model.detokenize([token]))


def names_of(tokens: Any, n: int) -> Names | None:
    """Return the names of the token ids below `n`, or None where `tokens` is None.

    Parameters
    ----------
    tokens : model, sequence of str, mapping or None
        A model with `detokenize`; the texts in the order of the ids (a list, a tuple, an array, a pandas Index); a dict
        of id to text, or of text to id as vocabularies are, or a pandas Series, whose index is its keys. Texts are
        str, or the bytes of UTF-8; bytes that are no character become U+FFFD.
    n : int
        How many token ids there are.

    Raises
    ------
    TypeError
        For anything else.
    ValueError
        Where an id has no text or two, or is not below `n`.

    Examples
    --------
    >>> names = names_of({"cat": 0, "dog": 1}, 2)
    >>> names(1)
    'dog'
    """
    if tokens is None:
        return None
    if isinstance(tokens, Names) and tokens.n == n:
        return tokens
    if callable(getattr(tokens, "detokenize", None)) and not isinstance(tokens, type):
        return Names(_OfModel(tokens), n)
    no_mask(tokens, "tokens")
    pairs = _pairs(tokens)
    return Names(_table(tokens, n) if pairs is None else _table_of(pairs, n), n)


def _pairs(tokens: Any) -> Iterable[tuple[Any, Any]] | None:
    """Return the keys and values of what has both, None for a sequence."""
    if isinstance(tokens, Mapping):
        return tokens.items()
    if isinstance(tokens, Set | Iterator | str | bytes | bytearray | memoryview):
        raise TypeError(_NEEDED + shown(tokens))
    keyed = callable(getattr(tokens, "items", None)) and callable(getattr(tokens, "keys", None))
    if keyed and getattr(tokens, "ndim", 1) == 1:  # a Series; a frame has columns
        pairs: Iterable[tuple[Any, Any]] = tokens.items()
        return pairs
    if keyed or not (isinstance(tokens, Sized | Iterable) and hasattr(tokens, "__getitem__")):
        raise TypeError(_NEEDED + shown(tokens))
    return None


def _table(texts: Any, n: int) -> Callable[[int], str]:
    """Return the texts of a sequence."""
    if getattr(texts, "ndim", 1) != 1:
        raise TypeError(_NEEDED + shown(texts))
    if len(texts) != n:
        raise ValueError(f"tokens must name each of the {n} logits, got {len(texts)} texts")
    return [_text(text, token) for token, text in enumerate(texts)].__getitem__


def _table_of(pairs: Iterable[tuple[Any, Any]], n: int) -> Callable[[int], str]:
    """Return the texts of a dict, whichever way round it is."""
    listed = [(key, value) for key, value in pairs]
    by_id = bool(listed) and _is_id(listed[0][0])
    table: list[str | None] = [None] * n
    for key, value in listed:
        if _is_id(key) is not by_id or _is_id(value) is by_id:
            raise TypeError(f"{_NEEDED}the entry {shown(key)}: {shown(value)}")
        token, text = (key, value) if by_id else (value, key)
        if not 0 <= token < n:
            raise ValueError(f"tokens must name ids in [0, {n}), got {shown(token)} for {shown(text)}")
        if table[token] is not None:
            raise ValueError(
                f"tokens must give id {token} one text, got {shown(table[token])} and {shown(text)}"
            )
        table[token] = _text(text, token)
    missing = [token for token, text in enumerate(table) if text is None]
    if missing:
        raise ValueError(f"tokens must name each of the {n} logits, got none for {shown(missing)}")
    return table.__getitem__  # type: ignore[return-value]  # none is None


def _is_id(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _text(text: Any, token: int) -> str:
    if isinstance(text, bytes):
        return text.decode("utf-8", "replace")
    if isinstance(text, str):
        return str(text)
    raise TypeError(f"tokens must be texts, got {shown(text)} for id {token}")


def visible(text: str) -> str:
    """Return a token's text with blanks and control characters that can be seen."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
    return shown.replace(" ", "\N{OPEN BOX}") or "(empty)"
