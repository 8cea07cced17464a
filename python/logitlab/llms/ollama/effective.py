"""Every sampling option in force, and where it comes from.

A request says little: what it leaves out comes from the model's Modelfile (told by /api/show), and what
that leaves out from Ollama. So a "temperature 1.0" run is also cut by top_k 40 and top_p 0.9, and here one
sees it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from logitlab.llms.ollama.fields import TAKES

if TYPE_CHECKING:
    from logitlab.llms.ollama.model import Ollama


class Unknown:
    """A value that only the server knows."""

    __slots__ = ("_why",)

    def __init__(self, why: str) -> None:
        self._why = why

    def __repr__(self) -> str:
        return f"unknown: {self._why}"

    def __bool__(self) -> bool:
        return False


# Ollama's own defaults, read from `api/types.go` (DefaultOptions) of 0.33.0-rc2 and seen in what that server
# hands to llama.cpp.
VERSION = "0.33"
DEFAULTS: dict[str, Any] = {
    "temperature": 0.8,
    "top_k": 40,
    "top_p": 0.9,
    "min_p": 0.0,
    "typical_p": 1.0,
    "repeat_last_n": 64,
    "repeat_penalty": 1.0,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "seed": Unknown("the server draws one for every answer and does not tell it"),
    "stop": [],
    "num_predict": -1,
    "num_keep": 4,
    "num_ctx": Unknown("the server chooses by its memory (4096 on a CPU)"),
}
_OLDER_PENALTY = Unknown("1.1 before August 2026, 1.0 since")


class EffectiveOptions(dict[str, Any]):
    """The options in force by name; `source` tells by name where each comes from. A table when shown."""

    def __init__(self, values: Mapping[str, Any], source: Mapping[str, str]) -> None:
        super().__init__(values)
        self.source = dict(source)

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        return ((name, repr(value), self.source[name]) for name, value in self.items())

    def __str__(self) -> str:
        rows = [("option", "value", "from"), *self._rows()]
        widths = [max(len(row[column]) for row in rows) for column in range(2)]
        return "\n".join(
            f"{name:<{widths[0]}}  {value:<{widths[1]}}  {source}" for name, value, source in rows
        )

    def _repr_html_(self) -> str:
        import html

        body = "".join(
            "<tr>"
            + "".join(f"<td style='text-align:left'>{html.escape(cell)}</td>" for cell in row)
            + "</tr>"
            for row in self._rows()
        )
        head = "".join(f"<th style='text-align:left'>{name}</th>" for name in ("option", "value", "from"))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def effective(llm: "Ollama", own: Mapping[str, Any], call: Mapping[str, Any]) -> EffectiveOptions:
    """Call before object before Modelfile before Ollama's defaults; a request field is no sampling option."""
    version = llm._server_version()
    default = f"Ollama's default ({VERSION})"
    if not version.startswith(VERSION + "."):
        default = f"Ollama's default in {VERSION}; the server is {version or 'of an unknown version'}"
    values, source = dict(DEFAULTS), dict.fromkeys(DEFAULTS, default)
    if _older(version):
        values["repeat_penalty"] = _OLDER_PENALTY
    for given, where in ((modelfile(llm._show()), "Modelfile"), (own, "object"), (call, "call")):
        for name, value in given.items():
            if name not in TAKES or TAKES[name].place == "options":
                values[name], source[name] = value, where
    if values["seed"] == -1:
        values["seed"] = DEFAULTS["seed"]
    return EffectiveOptions(values, source)


def modelfile(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The Modelfile's PARAMETER lines as /api/show gives them: a name, blanks, a value; stop often twice."""
    values: dict[str, Any] = {}
    for line in (shown.get("parameters") or "").splitlines():
        name, _, text = line.partition(" ")
        try:
            value = json.loads(text)
        except ValueError:
            value = text.strip()
        if name == "stop":
            values.setdefault("stop", []).append(value)
        elif name:
            values[name] = _as_read(name, value)
    return values


# A Modelfile may have any number here, and the sampler reads what is beyond an option's range as its end: top_k -1
# is 0 (off), top_p 1.5 is 1 (off), temperature -1 is 0 (greedy).
_CLAMPED = ("temperature", "top_k", "top_p", "min_p", "typical_p")


def _as_read(name: str, value: Any) -> Any:
    if name not in _CLAMPED or isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return min(max(value, TAKES[name].low), TAKES[name].high)


def _older(version: str) -> bool:
    numbers = version.split(".")
    return (
        len(numbers) > 1
        and all(part.isdigit() for part in numbers[:2])
        and ([int(part) for part in numbers[:2]] < [int(part) for part in VERSION.split(".")])
    )


class InForce(Mapping[str, Any]):
    """What a response's `.options` says: everything given, and the rest as soon as somebody looks at it.

    A call is one request; only who asks what else was in force pays for /api/show.
    """

    def __init__(self, llm: "Ollama", given: Mapping[str, Any]) -> None:
        self._llm = llm
        self._given = {"logprobs": True, **given} if given.get("top_logprobs") else given
        self._all: dict[str, Any] | None = None

    @property
    def engine(self) -> str:
        """Whose chain samples: llama.cpp's, or, for files that are no GGUF, that of MLX."""
        return "ollama" if self._llm._show().get("details", {}).get("format") == "gguf" else "ollama-mlx"

    def _filled(self) -> dict[str, Any]:
        if self._all is None:
            fields = {name: value for name, value in self._given.items() if TAKES[name].place == "request"}
            self._all = effective(self._llm, {}, self._given) | fields
        return self._all

    def __getitem__(self, name: str) -> Any:
        if name in TAKES and TAKES[name].place == "request":
            return self._given[name]
        return self._filled()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._filled())

    def __len__(self) -> int:
        return len(self._filled())
