"""The options of steps that a request to any model may have, as type checkers see them.

`logitlab.sampling.steps` has those of the other steps. The steps own the options and their meaning; a test compares
the names. Values are `Any`: each option checks its own when it is given, and a dict of options (to mypy a
`dict[str, object]`, as soon as one of them is not a number) can be passed on with `**`.
"""

from typing import Any, TypedDict

Number = Any  # a number, or an array of them that broadcasts against the rows; None is "not given"


class FirstOptions(TypedDict, total=False):
    """The options that `sample` has as parameters."""

    temperature: Number
    top_k: Number
    top_p: Number
    min_p: Number


class OllamaSteps(TypedDict, total=False):
    """The other options that a request to Ollama may have as well."""

    frequency_penalty: Number
    presence_penalty: Number
    repeat_last_n: Number
    repeat_penalty: Number
    typical_p: Number
