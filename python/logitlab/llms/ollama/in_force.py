"""The options that an answer was drawn with, asked of the server only when somebody looks at them.

A call is one request; who asks for the other effective options pays for /api/show. By then the model may have been made
anew with another Modelfile, or the server may be gone. What cannot be known any more is `Unknown`, never the value of
another time. A kept answer holds no connection: it asks by one of its own, which is closed at once. A pickled one holds
the values, and asks nobody.
"""

import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from logitlab.llms.ollama.about import Asker
from logitlab.llms.ollama.effective import DEFAULTS, Unknown, effective
from logitlab.llms.ollama.errors import OllamaError
from logitlab.llms.ollama.fields import TAKES
from logitlab.llms.responses import plain


class InForce(Mapping[str, Any]):
    """What a response's `.options` says: everything given, and the rest as soon as somebody looks at it.

    Attributes
    ----------
    raw_prompt : str or None
        The prompt, where it was sent without a template: then its text is the whole text that the model read.
    """

    _asker: Asker | None = None  # of one that was pickled: its values are all here

    def __init__(self, asker: Asker, given: Mapping[str, Any], raw_prompt: str | None = None) -> None:
        self.raw_prompt = raw_prompt
        self._asker = asker.apart()
        self._given = {"logprobs": True, **given} if given.get("top_logprobs") else given
        self._engine: str | None = None  # of an answer that was pickled
        self._asked = time.monotonic()
        self._began: str | None = None
        self._all: dict[str, Any] | None = None

    def began(self, created_at: Any) -> None:
        """Keep when the answer began, by the server's clock, as its first object says."""
        self._began = self._began or created_at

    @property
    def engine(self) -> str | None:
        """Whose chain samples: llama.cpp's, or, for files that are no GGUF, that of MLX; None where nobody says."""
        if self._asker is None:
            return self._engine
        try:
            form = self._asker.once(self._asked).shown.get("details", {}).get("format")
        except OllamaError:
            return None
        return form and ("ollama" if form == "gguf" else "ollama-mlx")

    def __copy__(self) -> "InForce":
        return self  # it does not change

    def __deepcopy__(self, memo: object) -> "InForce":
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Every value, for a process that may not reach the server: it is asked now, for two seconds."""
        if self._asker is not None and self._all is None:
            self._asker = self._asker.apart(timeout=2.0)
        told = plain(self._filled())
        return self.__dict__ | {
            "_asker": None,
            "_engine": self.engine,
            "_given": plain(self._given),
            "_all": told,
        }

    def _filled(self) -> dict[str, Any]:
        if self._all is not None or self._asker is None:
            return self._all or {}
        fields = {name: value for name, value in self._given.items() if TAKES[name].place == "request"}
        try:
            about = self._asker.once(self._asked)
        except OllamaError as error:
            return self._only_given(f"the server could not be asked: {error}") | fields
        if _later(about.shown.get("modified_at"), self._began):
            self._all = self._only_given("the model was changed on the server after this answer") | fields
        else:
            self._all = effective(about.version, about.shown, {}, self._given) | fields
        return self._all

    def _only_given(self, why: str) -> dict[str, Any]:
        return dict.fromkeys(DEFAULTS, Unknown(why)) | dict(self._given)

    def __getitem__(self, name: str) -> Any:
        if name in TAKES and TAKES[name].place == "request":
            return self._given[name]
        return self._filled()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._filled())

    def __len__(self) -> int:
        return len(self._filled())


def _later(one: Any, other: Any) -> bool:
    """Whether one of a server's times is after another; False where it does not tell both."""
    try:
        first, second = (datetime.fromisoformat(time) for time in (one, other))
    except (TypeError, ValueError):
        return False
    first, second = (time if time.tzinfo else time.replace(tzinfo=UTC) for time in (first, second))
    return first > second
