"""Every effective sampling option, and where it comes from.

A request says little: what it leaves out comes from the model's Modelfile (which /api/show reports), and what
that leaves out from Ollama. So a "temperature 1.0" run is also cut by top_k 40 and top_p 0.9, and here one
sees it. Where Ollama has no option at all, the runner takes what the model's own file says: the order of the steps, XTC
and mirostat (`general.sampling.*`; the values that Ollama always sends overrule the file's).
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from logitlab import ollama_defaults
from logitlab.llms import chain
from logitlab.llms.ollama.fields import TAKES, as_sent


class Unknown(str):
    """A value that only the server knows: a string that says why, so that every format can hold it."""

    __slots__ = ("_why",)
    _why: str

    def __new__(cls, why: str) -> "Unknown":
        """Return the string "unknown: why"."""
        unknown = super().__new__(cls, f"unknown: {why}")
        unknown._why = why
        return unknown

    def __getnewargs__(self) -> tuple[str]:
        return (self._why,)

    def __repr__(self) -> str:
        return str(self)

    def __bool__(self) -> bool:
        return False


VERSION = ollama_defaults.series()
DEFAULTS: dict[str, Any] = {
    "temperature": ollama_defaults.DEFAULTS["temperature"],
    "top_k": ollama_defaults.DEFAULTS["top_k"],
    "top_p": ollama_defaults.DEFAULTS["top_p"],
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
# what only the model's file can set, and what llama.cpp takes where the file sets its neighbour
_OF_THE_FILE: dict[str, type[Any]] = {
    "sequence": str,
    "xtc_probability": float,
    "xtc_threshold": float,
    "mirostat": int,
    "mirostat_tau": float,
    "mirostat_eta": float,
}
_BESIDE: dict[str, dict[str, float]] = {
    "xtc_probability": {"xtc_threshold": 0.1},
    "mirostat": {"mirostat_tau": 5.0, "mirostat_eta": 0.1},
}
# what Modelfiles still set and no server obeys since 0.30
_GONE = (
    "mirostat",
    "mirostat_tau",
    "mirostat_eta",
    "tfs_z",
    "penalize_newline",
    "numa",
    "low_vram",
    "f16_kv",
)
_OLDER_PENALTY = Unknown("1.1 before August 2026, 1.0 since")


class EffectiveOptions(dict[str, Any]):
    """The effective options by name; `source` says where each comes from. A table when shown."""

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


def effective(
    version: str, shown: Mapping[str, Any], own: Mapping[str, Any], call: Mapping[str, Any]
) -> EffectiveOptions:
    """Call before object before Modelfile before Ollama's defaults; a request field is no sampling option.

    `version` and `shown` are what /api/version and /api/show say.
    """
    default = f"Ollama's default ({VERSION})"
    if not version.startswith(VERSION + "."):
        default = f"Ollama's default in {VERSION}; the server is {version or 'of an unknown version'}"
    values, source = dict(DEFAULTS), dict.fromkeys(DEFAULTS, default)
    if _older(version, VERSION):
        values["repeat_penalty"] = _OLDER_PENALTY
    of_modelfile = modelfile(shown)
    if not _older(version, "0.30"):
        of_modelfile = {name: value for name, value in of_modelfile.items() if name not in _GONE}
    for given, where in ((of_modelfile, "Modelfile"), (own, "object"), (call, "call")):
        for name, value in given.items():
            if name not in TAKES or TAKES[name].place == "options":
                values[name], source[name] = value, where
    values["repeat_last_n"] = as_sent({**own, **call}).get("repeat_last_n", values["repeat_last_n"])
    if values["seed"] == -1:
        values["seed"] = DEFAULTS["seed"]
    if values["typical_p"] == 0:
        # Ollama leaves a zero out of what it sends to its runner, whose default is 1
        values["typical_p"], source["typical_p"] = 1.0, "0 is off"
    for name, (value, where) in of_the_file(shown).items():
        values[name], source[name] = value, where
    for name, why in chain.unused(values).items():
        if name in source:
            source[name] += f"; not applied: {why}"
    return EffectiveOptions(values, source)


def of_the_file(shown: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    """Return what the runner takes from the model's own file, by name, with its source.

    A value that it cannot read counts as missing.
    """
    about = shown.get("model_info", {})
    rows: dict[str, tuple[Any, str]] = {}
    for name, kind in _OF_THE_FILE.items():
        try:
            value = kind(about[f"general.sampling.{name}"])
        except (KeyError, TypeError, ValueError, OverflowError):
            continue
        if value != "" and (kind is str or math.isfinite(value)):
            rows[name] = value, "model file"
    for name, beside in _BESIDE.items():
        if rows.get(name, (0, ""))[0]:
            rows = {other: (value, "llama.cpp's default") for other, value in beside.items()} | rows
    return rows


def modelfile(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Return the Modelfile's PARAMETER lines as /api/show gives them: a name, blanks, a value; stop often twice."""
    values: dict[str, Any] = {}
    for line in shown.get("parameters", "").splitlines():
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


def _older(version: str, than: str) -> bool:
    """Whether a server is older than a version; one whose version is no number is not."""
    numbers = version.split(".")
    return (
        len(numbers) > 1
        and all(part.isdigit() for part in numbers[:2])
        and [int(part) for part in numbers[:2]] < [int(part) for part in than.split(".")]
    )
