"""Where an explorer's row comes from: an array, a model whose logits are known, a server that reports its best tokens.

A source gives a row of logits, the texts of tokens, and what the screen says about both.
"""

import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from logitlab.explorer.screen import Row
from logitlab.explorer.text import percent
from logitlab.masks import plain
from logitlab.messages import shown
from logitlab.sampling.names import names_of


class Source(Protocol):
    """What the widget asks for."""

    prompt: str | None
    model: str
    note: str

    def row(self) -> Row:
        """Return the logits."""

    def text(self, token: int) -> str | None:
        """Return the text of a token; None where texts are not known."""

    def lines(self) -> list[str]:
        """Return the lines of code that give the logits."""


def row_of(logits: ArrayLike) -> Row:
    """One row as the page computes it: float32 where nothing is lost, else float64.

    Raises
    ------
    TypeError
        For what is not real numbers.
    ValueError
        For no row or several.
    """
    x = plain(logits, "logits")
    if x.ndim == 0 and x.dtype.kind in "fiub":
        raise ValueError(f"Explorer needs a row of logits, got one number, {shown(logits)}")
    if x.dtype.name == "bfloat16":
        x = x.astype(np.float32)
    if x.dtype.kind not in "fiub":
        raise TypeError(f"Explorer needs logits that are real numbers, got {shown(x.dtype)}")
    if x.ndim != 1 and x.size != x.shape[-1]:
        raise ValueError(
            f"Explorer shows one row of logits, got shape {x.shape}: choose a row, such as logits[0]"
        )
    if x.size == 0:
        raise ValueError("Explorer needs at least one logit, got none")
    return np.ascontiguousarray(
        x.reshape(-1), dtype="<f4" if x.dtype.name in ("float16", "float32") else "<f8"
    )


class Array:
    """Logits that the user has."""

    prompt: str | None = None
    model = ""
    note = ""
    follow = False

    def __init__(self, logits: ArrayLike, tokens: Any) -> None:
        self._row = row_of(logits)
        self._names = names_of(tokens, len(self._row))

    def row(self) -> Row:
        """Return the logits."""
        return self._row

    def text(self, token: int) -> str | None:
        """Return the text of a token."""
        return None if self._names is None else self._names(token)

    def lines(self) -> list[str]:
        """Return the lines of code that give the logits."""
        if len(self._row) > 16:
            return ["logits = explorer.logits"]
        dtype = ', dtype="float32"' if self._row.dtype == np.float32 else ""
        return ["import numpy as np", f"logits = np.array({_literal(self._row)}{dtype})"]


def _literal(row: Row) -> str:
    return "[" + ", ".join(str(x) if np.isfinite(x) else f'float("{x}")' for x in row) + "]"


class Known:
    """A model in this process: the logits of its whole vocabulary, and the text goes on, and back."""

    note = ""
    follow = True

    def __init__(self, llm: Any, text: str, chat: bool) -> None:
        self.model = str(getattr(llm, "model", llm))
        self._llm = llm
        self._chat = chat
        self.ends: list[int] = sorted(getattr(llm, "ends", ()))
        self.begin(text, [])

    def begin(self, start: str, added: list[int]) -> None:
        """Take a text, and the tokens that continue it; the prompt is both."""
        ids = list(self._llm.tokenize(start, chat=self._chat))
        self._start, self._ids, self._added = start, ids, list(added)

    @property
    def start(self) -> str:
        """The text without the tokens that were added."""
        return self._start

    @property
    def added(self) -> list[int]:
        """The tokens that were added to the text."""
        return list(self._added)

    @property
    def prompt(self) -> str:
        """The text, the added tokens included."""
        return self._start + self._llm.detokenize(self._added) if self._added else self._start

    def pieces(self) -> list[tuple[int, str]]:
        """Return the added tokens, each with what it adds to the text; a character in two tokens is the second's."""
        found, before = list[tuple[int, str]](), ""
        for i, token in enumerate(self._added, 1):
            text = self._llm.detokenize(self._added[:i])
            found.append((token, text[len(before) :] if text.startswith(before) else ""))
            before = text if text.startswith(before) else before
        return found

    def row(self) -> Row:
        """Return the logits."""
        return row_of(self._llm.next_logits([*self._ids, *self._added]))

    def text(self, token: int) -> str | None:
        """Return the text of a token."""
        return str(self._llm.detokenize([token]))

    def add(self, token: int) -> None:
        """Continues the text with a token."""
        self._added.append(token)

    def lines(self) -> list[str]:
        """Return the lines of code that give the logits."""
        asked = f"llm.tokenize({self._start!r}{', chat=True' if self._chat else ''})"
        ids = f"[*{asked}, {', '.join(map(str, self._added))}]" if self._added else asked
        return ["from logitlab.llms import BuiltIn", "llm = BuiltIn()", f"logits = llm.next_logits({ids})"]


class Told:
    """A server that reports its best tokens only: their log-probabilities are logits, the rest is unknown."""

    follow = False

    def __init__(self, llm: Any, text: str, chat: bool) -> None:
        from logitlab.explorer.order import order_of  # only here: it needs the server's client
        from logitlab.llms.ollama.present import present

        best = sorted(_first_entry(llm, text, chat).top_logprobs, key=lambda entry: -entry.logprob)
        self._row = row_of(np.array([entry.logprob for entry in best]))
        self._tokens: list[str] = [entry.token for entry in best]
        self.model = str(getattr(llm, "model", llm))
        self.prompt: str | None = text
        rest = percent(max(0.0, 1.0 - float(np.exp(self._row).sum())))
        about = present(llm.show()) if hasattr(llm, "show") else {}
        size = _vocabulary(about)
        self.engine, order = order_of(about)
        of_all = f" of {size:,}".replace(",", "\u202f") if size else ""
        self.note = (
            f"top {len(best)}{of_all} known; the rest share {rest}: the bars are shares of what is known"
        )
        if order:
            self.note += f"; {order}"

    def row(self) -> Row:
        """Return the logits."""
        return self._row

    def text(self, token: int) -> str | None:
        """Return the text of a token."""
        return self._tokens[token]

    def lines(self) -> list[str]:
        """Return the lines of code that give the logits."""
        return ["logits = explorer.logits"]


BEST, TRIES = 20, 12
UNTOLD = (
    3  # texts without an entry; one alone may be what the server held back, as a stop string may begin so
)

# What an object may have of its own and the next token of a text has not, as that token's logits do not depend on it
# (a format, a stop string) or as a server refuses it beside a raw prompt. The values ask for nothing.
_NOT_HERE: dict[str, Any] = {"format": "", "stop": [], "tools": []}
_NOT_RAW: dict[str, Any] = _NOT_HERE | {"system": "", "template": "", "context": [], "suffix": ""}


def _first_entry(llm: Any, text: str, chat: bool) -> Any:
    """Return what a server reports of the first token after `text`: the best tokens are the same whichever is drawn.

    The end of a text and half a character come without an entry. Then another token is drawn: with another seed, from
    all tokens, at a high temperature.
    """
    own = getattr(llm, "defaults", {})
    options = {name: off for name, off in (_NOT_HERE if chat else _NOT_RAW).items() if name in own}
    options |= {"num_predict": 1, "logprobs": True, "top_logprobs": BEST} | ({} if chat else {"raw": True})
    untold = 0
    for attempt in range(TRIES):
        response = llm.complete(text, **options)
        with warnings.catch_warnings():  # what is missing is the error below
            warnings.simplefilter("ignore", UserWarning)
            entries = response.logprobs or []
        if entries and entries[0].top_logprobs:
            return entries[0]
        untold += bool(entries or getattr(response, "text", ""))
        if untold == UNTOLD:
            raise ValueError(
                "Explorer needs the log-probabilities of the best tokens, and this server does not tell them "
                "(Ollama does since version 0.12.11)"
            )
        options |= {"seed": attempt + 1, "temperature": 2.0 + attempt, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
    raise ValueError(
        f"Explorer asked {TRIES} times for a token after {shown(text)}, and each answer ended at once or within a "
        "character: the server does not report such tokens. Another text may do"
    )


def _vocabulary(about: Mapping[str, Any]) -> int | None:
    """How many tokens the model has, where its server and its file say so; not all do."""
    facts = about.get("model_info", {})
    return next((int(size) for name, size in facts.items() if name.endswith(".vocab_size")), None)


def source_of(what: Any, text: str | None, tokens: Any, chat: bool) -> Any:
    """Return the source for the arguments of Explorer."""
    if text is not None and not isinstance(text, str):
        raise TypeError(
            f"text must be a str, got {shown(text)}; the sliders go by name, as in temperature=0.8"
        )
    if callable(getattr(what, "next_logits", None)) or callable(getattr(what, "complete", None)):
        known = callable(getattr(what, "next_logits", None))
        if text is None:
            raise TypeError("Explorer(llm, text) needs the text that the next token follows")
        if tokens is not None:
            raise TypeError("tokens= belongs to logits; a model knows the texts of its own")
        if text == "" and not (known and chat):
            raise ValueError("text must have at least one character, got '': no token follows an empty text")
        if chat and getattr(what, "defaults", {}).get("raw"):
            raise ValueError(
                "chat=True puts the text into the chat template, and this model was made with raw=True, which "
                "leaves it out: use one of them"
            )
        return (Known if known else Told)(what, text, chat)
    if text is not None or chat:
        raise TypeError("a text belongs to a model: Explorer(llm, text); for logits use tokens=[...]")
    return Array(what, tokens)


def search(texts: Iterable[tuple[int, str]], wanted: str, most: int) -> list[tuple[int, str]]:
    """Return the tokens whose text holds `wanted`, whatever the case, the shortest first."""
    needle = wanted.casefold()
    found = [(token, text) for token, text in texts if needle in text.casefold()]
    return sorted(found, key=lambda pair: (len(pair[1]), pair[0]))[:most]
