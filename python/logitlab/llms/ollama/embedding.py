"""Embeddings: /api/embed, whose numbers become one float32 array."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from logitlab.llms.ollama.client import Client
from logitlab.llms.ollama.errors import OllamaProtocolError
from logitlab.llms.ollama.fields import FIELDS
from logitlab.llms.options import OPTIONS, Option, collect, integer
from logitlab.messages import shown

_FIELDS = {
    "truncate": FIELDS["truncate"],
    "keep_alive": FIELDS["keep_alive"],
    "dimensions": Option(
        "dimensions", integer, "length of the embedding; 0 is all", low=0, high=2**31 - 1, place="request"
    ),
}
TAKES = _FIELDS | {name: row for name, row in OPTIONS.items() if row.place == "options"}


def embed(
    client: Client,
    model: str,
    texts: str | Sequence[str],
    defaults: Mapping[str, Any],
    given: Mapping[str, Any],
) -> npt.NDArray[np.float32]:
    """One row per text; `defaults` are the object's, of which only those that matter here are sent."""
    single = isinstance(texts, str)
    if not isinstance(texts, Iterable):
        raise TypeError(f"embed must be given a string or a list of strings, got {shown(texts)}")
    inputs = [texts] if single else list(texts)
    for i, text in enumerate(inputs):
        if not isinstance(text, str):
            came = f"{shown(text)} ({type(text).__name__})"
            raise TypeError(f"embed must be given a string or a list of strings, got {came} as texts[{i}]")
    fields = {name: value for name, value in defaults.items() if name in ("keep_alive", "num_ctx")}
    fields |= collect(given, TAKES, "embed")
    payload: dict[str, Any] = {"model": model, "input": inputs}
    payload |= {name: value for name, value in fields.items() if name in _FIELDS}
    if options := {name: value for name, value in fields.items() if name not in _FIELDS}:
        payload["options"] = options
    answer = client.request("POST", "/api/embed", payload, loads=model)
    rows = answer.get("embeddings") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or len(rows) != len(inputs):
        raise OllamaProtocolError(f"{len(inputs)} embeddings were expected, not {str(answer)[:200]!r}", 200)
    array = _array(rows)
    return array[0] if single else array


def _array(rows: list[Any]) -> npt.NDArray[np.float32]:
    """Return the rows as one array; NumPy would take a null among the numbers as NaN."""
    if not all(isinstance(row, list) and None not in row for row in rows):
        raise OllamaProtocolError(f"embeddings must be lists of numbers, got {str(rows)[:200]!r}", 200)
    try:
        return np.asarray(rows, np.float32)
    except (TypeError, ValueError) as error:
        raise OllamaProtocolError(f"the embeddings do not make an array: {error}", 200) from error
