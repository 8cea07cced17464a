"""What the constructor of `Ollama` understands: its own names, and LlamaIndex's for the same things.

`connect` reads this too, so that whatever a server would have taken means the same where no server answers.
"""

from collections.abc import Mapping
from typing import Any

# LlamaIndex's names, and what they are called here
LLAMA_INDEX = {
    "base_url": "host",
    "request_timeout": "timeout",
    "context_window": "num_ctx",
    "thinking": "think",
}


def understood(named: Mapping[str, Any], options: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the constructor's own parameters and the options, with LlamaIndex's names under ours.

    Parameters
    ----------
    named : mapping
        The parameters that have a name in the constructor; None is "not given".
    options : mapping
        Everything else, LlamaIndex's `additional_kwargs` and `json_mode` included.

    Raises
    ------
    TypeError
        If the same thing is given twice.

    Examples
    --------
    >>> understood({"host": None}, {"base_url": "http://a:1", "additional_kwargs": {"top_k": 50}})
    ({'host': 'http://a:1'}, {'top_k': 50})
    """
    named, options = dict(named), dict(options)
    extra = options.pop("additional_kwargs", None) or {}
    if not isinstance(extra, Mapping):
        raise TypeError(f"additional_kwargs must be a dict of options, got {type(extra).__name__}")
    for name, value in [*extra.items(), *_theirs(options)]:
        if value is None:
            continue
        ours: str = LLAMA_INDEX.get(name) or name
        target = named if ours in named else options
        if target.get(ours) is not None:
            where = "in additional_kwargs and by itself" if name == ours else f"as {name} and as {ours}"
            raise TypeError(f"{ours} is given twice: {where}")
        target[ours] = value
    return named, options


def _theirs(options: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return what is given by LlamaIndex's names, taken out of `options`."""
    if options.get("context_window") == -1:  # LlamaIndex's default: whatever the model has
        del options["context_window"]
    json_mode = options.pop("json_mode", None)
    if json_mode and options.get("format"):
        raise TypeError("format is given twice: as json_mode and as format")
    found: list[tuple[str, Any]] = [(name, options.pop(name)) for name in LLAMA_INDEX if name in options]
    return [*found, ("format", "json")] if json_mode else found
