"""What a server leaves out and what it sends as null are the same thing: `present` is the one place that says so.

Ollama leaves an optional field out; servers that imitate it often write null instead. Every answer that this package
reads goes through here first, so no other code has to tell the two apart: a key that is there has a value.
"""

from typing import Any


def present(value: Any) -> Any:
    """Return decoded JSON without the keys whose value is null, at every depth.

    An element of a list stays, null or not: it has a place. So does everything in the arguments of a tool call: there
    a null is a value, which the function is called with.

    Examples
    --------
    >>> present({"response": "Hi", "thinking": None, "details": {"format": None}, "context": [1, None]})
    {'response': 'Hi', 'details': {}, 'context': [1, None]}
    """
    if isinstance(value, dict):
        return {
            name: item if name == "arguments" else present(item)
            for name, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [present(item) for item in value]
    return value
