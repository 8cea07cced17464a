"""A Python function as a tool: the schema that a model gets, from its signature and its docstring.

The name, what the first paragraph of the docstring says, and each parameter with its type and its own
description (numpydoc, Google's style or Sphinx's). A parameter without a default is required. What a model
could not fill in by name, such as ``*args``, is refused: the call would fail, long after.

The shape is that of `Tool` in Ollama's `api/types.go`, which is OpenAI's.
"""

import inspect
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from logitlab.llms.ollama.docstrings import described

_NAMES: dict[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_LISTS = (list, tuple, set, frozenset, Sequence, Iterable)
_DICTS = (dict, Mapping)
_TAKEN = "str, int, float, bool, list, dict, Literal, Optional, a union of these, or a pydantic class"


def tool(value: Any) -> dict[str, Any]:
    """Return a tool as a request has it.

    Parameters
    ----------
    value : function or mapping
        A Python function or method; a dict that says it already; or a Tool of the ollama package.

    Raises
    ------
    TypeError
        For a function that a model could not call by name, or with types that JSON does not have.

    Examples
    --------
    >>> def add(a: int, b: int = 1) -> int:
    ...     \"\"\"Add two numbers.\"\"\"
    >>> tool(add)["function"]["parameters"]["required"]
    ['a']
    """
    if isinstance(value, Mapping):
        return _named(dict(value))
    if not isinstance(value, type) and callable(dump := getattr(value, "model_dump", None)):
        return _named(dict(dump(exclude_none=True)))
    if not inspect.isroutine(value) or not value.__name__.isidentifier():
        raise TypeError(
            "a tool must be a Python function with a name, or a dict (type 'function', with a schema), "
            f"got {getattr(value, '__name__', None) or type(value).__name__}"
        )
    return {"type": "function", "function": _function(value)}


def _named(tool: dict[str, Any]) -> dict[str, Any]:
    """Return a tool that was given as a dict; a server would ignore one whose function it does not find."""
    function = tool.get("function")
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        raise TypeError(
            "a tool given as a dict must be {'type': 'function', 'function': {'name': ..., 'parameters': {...}}}, "
            f"got one with {', '.join(map(repr, tool)) or 'nothing'}"
        )
    return tool


def _function(function: Callable[..., Any]) -> dict[str, Any]:
    summary, said = described(inspect.getdoc(function) or "")
    parameters = inspect.signature(function).parameters
    hints = _hints(function)
    properties = {
        name: _property(function, parameter, hints.get(name, Any), said.get(name, ""))
        for name, parameter in parameters.items()
    }
    required = [name for name, each in parameters.items() if each.default is each.empty]
    return {
        "name": function.__name__,
        "description": summary,
        "parameters": {"type": "object", "required": required, "properties": properties},
    }


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except NameError as error:
        raise TypeError(f"the annotations of {function.__name__}() cannot be resolved: {error}") from None


def _property(
    function: Callable[..., Any], parameter: inspect.Parameter, hint: Any, said: str
) -> dict[str, Any]:
    where = f"parameter {parameter.name!r} of {function.__name__}()"
    if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
        raise TypeError(
            f"a model calls a tool with named arguments, which {where} does not take: {parameter}"
        )
    if parameter.default is None:
        hint = _without_none(hint)  # to leave it out is the way to say None
    schema = _schema(hint, where)
    return schema | {"description": said} if said else schema


def _without_none(hint: Any) -> Any:
    if get_origin(hint) not in (Union, types.UnionType):
        return hint
    kept = tuple(each for each in get_args(hint) if each is not type(None))
    return Union[kept] if kept else hint  # noqa: UP007 (a tuple of types)


def _schema(hint: Any, where: str) -> dict[str, Any]:
    """Return the JSON Schema of a type."""
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    if origin is Any:
        return {}
    if origin is Annotated:
        said = [each for each in hint.__metadata__ if isinstance(each, str)]
        return _schema(arguments[0], where) | ({"description": said[0]} if said else {})
    if origin in (Union, types.UnionType):
        return _union([_schema(each, where) for each in arguments])
    if origin is Literal:
        names = list(dict.fromkeys(_NAMES[type(each)] for each in arguments if type(each) in _NAMES))
        return {"type": names[0] if len(names) == 1 else names, "enum": list(arguments)}
    if origin in _NAMES:
        return {"type": _NAMES[origin]}
    if origin in _LISTS:
        return {"type": "array"} | ({"items": _schema(arguments[0], where)} if arguments else {})
    if origin in _DICTS:
        values = {"additionalProperties": _schema(arguments[1], where)} if arguments else {}
        return {"type": "object"} | values
    if callable(schema := getattr(hint, "model_json_schema", None)):
        return dict(schema())
    raise TypeError(f"{where} must be annotated as {_TAKEN}, got {_name(hint)}")


def _union(schemas: list[dict[str, Any]]) -> dict[str, Any]:
    """Types alone become a list of types; whatever has more to say, a choice of schemas."""
    if all(schema.keys() == {"type"} for schema in schemas):
        names = [schema["type"] for schema in schemas]
        return {"type": names[0] if len(names) == 1 else names}
    return {"anyOf": schemas}


def _name(hint: Any) -> str:
    return getattr(hint, "__name__", None) or str(hint)
