"""What Ollama takes beside the sampling options: request fields, each with its kind and its endpoint.

The rows go into the one table of `logitlab.llms.options`; here is what only Ollama's requests have. Which
field goes where is a fact of its `api/types.go`: a field that an endpoint does not know would be ignored
silently by the server, so here it is an error.
"""

import math
import numbers
import re
from collections.abc import Mapping
from typing import Any

from logitlab.llms.images import pictures
from logitlab.llms.ollama.tools import tool
from logitlab.llms.options import FLOAT32, OPTIONS, Option, flag, is_off, rows, string
from logitlab.messages import shown


def answer_format(option: Option, value: Any) -> Any:
    """Return "json", a JSON Schema as a dict, or a pydantic class, whose schema is taken; "" is no format."""
    if isinstance(value, Mapping) or (isinstance(value, str) and value in ("json", "")):
        return value
    schema = getattr(value, "model_json_schema", None)
    if isinstance(value, type) and callable(schema):
        return schema()
    raise TypeError(f"format must be 'json', a JSON Schema as a dict or a pydantic class, got {shown(value)}")


def thinking(option: Option, value: Any) -> bool | str:
    """Return whether to think, or how much."""
    levels = ("low", "medium", "high", "max")
    if isinstance(value, bool) or (isinstance(value, str) and value in levels):
        return value
    raise TypeError(f"think must be True, False or one of {', '.join(map(repr, levels))}, got {shown(value)}")


_DURATION = re.compile(
    r"[-+]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))*"
)


def duration(option: Option, value: Any) -> float | str:
    """Seconds as a number (negative: for ever, 0: unload at once), or Go's way of writing: "10m", "1h30m"."""
    if isinstance(value, str) and (value == "0" or _DURATION.fullmatch(value)):
        return value
    if not isinstance(value, bool) and isinstance(value, numbers.Real) and math.isfinite(value):
        number = float(value)
        return int(number) if number.is_integer() else number
    raise ValueError(
        f"{option.name} must be a number of seconds (negative: for ever) or a string with a unit, such as "
        f"'10m', got {shown(value)}"
    )


def images(option: Option, value: Any) -> list[str]:
    """Return images as base64."""
    return pictures(value)


def token_ids(option: Option, value: Any) -> list[int]:
    """Return the token ids of an earlier answer."""
    ids = list(value)
    if not all(isinstance(token, numbers.Integral) for token in ids):
        raise TypeError(
            f"{option.name} must be the list of integers of an earlier answer, got {shown(value)}"
        )
    return [int(token) for token in ids]


def functions(option: Option, value: Any) -> list[Any]:
    """Return functions as the JSON that describes them."""
    if not isinstance(value, list | tuple):
        raise TypeError(
            f"{option.name} must be a list of Python functions or of dicts (type 'function', with a schema), "
            f"got {type(value).__name__}"
        )
    return [tool(each) for each in value]


FIELDS: dict[str, Option] = {
    row.name: row
    for row in (
        Option("format", answer_format, "the grammar of the answer", place="request"),
        Option("think", thinking, "whether, or how much, a thinking model thinks", place="request"),
        Option("keep_alive", duration, "how long the model stays loaded", place="request", machine=True),
        Option("template", string, "a template instead of the model's", place="request"),
        Option("suffix", string, "what follows the answer (fill in the middle)", place="request"),
        Option("images", images, "images that belong to the prompt", place="request"),
        Option("context", token_ids, "the context of an earlier answer", place="request"),
        Option("tools", functions, "functions that the model may call", place="request"),
        Option("truncate", flag, "cut a prompt that is longer than the context", place="request"),
        Option("shift", flag, "go on when the context is full", place="request"),
    )
}  # fmt: skip

# a server takes any number that 32 bits hold, also one that is too large for our steps
_WIDE = {"low": -FLOAT32, "high": FLOAT32, "step": None}
TAKES = OPTIONS | FIELDS | rows(presence_penalty=_WIDE, frequency_penalty=_WIDE)

ONLY_GENERATE = {
    "raw": "raw needs complete(): a conversation always goes through the template",
    "suffix": "suffix needs complete()",
    "template": "template needs complete()",
    "context": "context needs complete(); a conversation is its messages",
    "images": "images belong to a message of the conversation: "
    "{'role': 'user', 'content': ..., 'images': [...]}",
}  # fmt: skip
ONLY_CHAT = {"tools": "tools need chat()"}


def route(given: Mapping[str, Any], path: str) -> dict[str, Any]:
    """Return the request's fields for the options that are given: top level or `options`, as Ollama wants them."""
    elsewhere = ONLY_CHAT if path == "/api/generate" else ONLY_GENERATE
    fields: dict[str, Any] = {}
    options: dict[str, Any] = {}
    for name, value in given.items():
        if value == "" if name == "format" else name in elsewhere and is_off(value):
            continue  # "no format", "no images": nothing is asked for
        if name in elsewhere:
            raise TypeError(elsewhere[name])
        (fields if TAKES[name].place == "request" else options)[name] = value
    if fields.get("raw"):
        for name in ("system", "template", "context"):
            if fields.get(name):
                raise ValueError(
                    f"raw=True sends the prompt as it is, so {name}= has no place in it: use one of the two"
                )
    if fields.get("top_logprobs") and not fields.setdefault("logprobs", True):
        raise ValueError("top_logprobs needs logprobs=True (the server would ignore it silently)")
    if options:
        fields["options"] = as_sent(options)
    return fields


# Longer than any context that Ollama chooses by itself (262 144 tokens), and the runner's window of it is 4 MB.
_WHOLE_CONTEXT = 2**20


def as_sent(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options as a request has them.

    `repeat_last_n=-1`, the whole context, is refused by the runner of Ollama 0.33: the length of the context is sent,
    or where it is not given a number that no context reaches.

    Examples
    --------
    >>> as_sent({"repeat_last_n": -1, "num_ctx": 8192}), as_sent({"repeat_last_n": -1})
    ({'repeat_last_n': 8192, 'num_ctx': 8192}, {'repeat_last_n': 1048576})
    """
    if options.get("repeat_last_n") != -1:
        return dict(options)
    return {**options, "repeat_last_n": options.get("num_ctx", _WHOLE_CONTEXT)}
