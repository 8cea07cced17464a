"""A Python function as a tool: its schema, from the signature and the docstring, or an error that says why not."""

import asyncio
import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated, Any, Literal, Optional, Union

import pytest
from wire.ways import CHATS, sent

from logitlab.llms.ollama.tools import tool


def weather(city: str, days: int = 1, unit: Literal["C", "F"] = "C") -> str:
    """Tell the weather
    of a city.

    It may rain.

    Parameters
    ----------
    city : str
        Its name,
        in English.
    days : int, optional
        How many days.

    Returns
    -------
    str
        A sentence.
    """
    return city


WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tell the weather of a city. It may rain.",
        "parameters": {
            "type": "object",
            "required": ["city"],
            "properties": {
                "city": {"type": "string", "description": "Its name, in English."},
                "days": {"type": "integer", "description": "How many days."},
                "unit": {"type": "string", "enum": ["C", "F"]},
            },
        },
    },
}


@pytest.mark.parametrize("way", CHATS)
def test_it_is_sent(way: str) -> None:
    body = sent([{"role": "user", "content": "hi"}], way, tools=[weather, WEATHER])
    assert body["tools"] == [WEATHER, WEATHER]


def property_of(hint: Any, default: Any = ...) -> Any:
    def f(x: Any, y: Any = default) -> None: ...

    f.__annotations__ = {"x" if default is ... else "y": hint}
    return tool(f)["function"]["parameters"]["properties"]["x" if default is ... else "y"]


class Person:
    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        return {"type": "object", "properties": {"age": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (Any, {}),
        ("int", {"type": "integer"}),
        (Optional[int], {"type": ["integer", "null"]}),  # noqa: UP045
        (int | None, {"type": ["integer", "null"]}),
        (Union[int, str], {"type": ["integer", "string"]}),  # noqa: UP007
        (list, {"type": "array"}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (tuple[str, ...], {"type": "array", "items": {"type": "string"}}),
        (dict, {"type": "object"}),
        (dict[str, float], {"type": "object", "additionalProperties": {"type": "number"}}),
        (list[int] | None, {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "null"}]}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a", 1, None], {"type": ["string", "integer", "null"], "enum": ["a", 1, None]}),
        (Annotated[int, "how many"], {"type": "integer", "description": "how many"}),
        (Person, Person.model_json_schema()),
    ],
    ids=str,
)
def test_the_schema_of_a_type(hint: Any, schema: dict[str, Any]) -> None:
    assert property_of(hint) == schema


@pytest.mark.parametrize("hint", [Optional[int], int | None, int])  # noqa: UP045
def test_a_default_of_none_is_what_is_left_out(hint: Any) -> None:
    assert property_of(hint, None) == {"type": "integer"}


GOOGLE = """Add.

    Args:
        a (int): The first
            number.
        b: The other: it may be 0.

    Returns:
        int: The sum.
    """
SPHINX = """Add.

    :param a: The first
        number.
    :param int b: The other: it may be 0.
    :returns: The sum.
    """
NUMPYDOC = """Add.

    Parameters
    ----------
    a : int
        The first number.

    b : {0, 1}
        The other: it may be 0.

    Examples
    --------
    a : int
        No parameter.
    """


@pytest.mark.parametrize("text", [GOOGLE, SPHINX, NUMPYDOC], ids=["Google", "Sphinx", "numpydoc"])
def test_descriptions(text: str) -> None:
    def add(a: int, b: int) -> int:
        return a + b

    add.__doc__ = text
    function = tool(add)["function"]
    assert function["description"] == "Add."
    assert {name: each["description"] for name, each in function["parameters"]["properties"].items()} == {
        "a": "The first number.",
        "b": "The other: it may be 0.",
    }


def test_without_a_docstring_and_annotations() -> None:
    def f(a, *, b=2): ...  # type: ignore[no-untyped-def]

    assert tool(f)["function"] == {
        "name": "f",
        "description": "",
        "parameters": {"type": "object", "required": ["a"], "properties": {"a": {}, "b": {}}},
    }


def test_a_method_and_a_coroutine() -> None:
    class Shop:
        def price(self, what: str) -> float: ...

        async def order(self, what: str) -> None: ...

    for method in (Shop().price, Shop().order):
        assert list(tool(method)["function"]["parameters"]["properties"]) == ["what"]


def test_a_tool_of_the_ollama_package() -> None:
    assert tool(SimpleNamespace(model_dump=lambda exclude_none: WEATHER)) == WEATHER


def positional(a: int, /) -> None: ...
def several(*numbers: int) -> None: ...
def named(**numbers: int) -> None: ...
def number(a: complex) -> None: ...
def unresolved(a: "Nowhere") -> None: ...  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("given", "needed"),
    [
        ([several], r"named arguments.*'numbers' of several\(\).*\*numbers"),
        ([named], r"named arguments.*\*\*numbers"),
        ([positional], r"named arguments.*'a' of positional\(\)"),
        ([number], r"'a' of number\(\) must be annotated as str, int.*got complex"),
        ([unresolved], r"annotations of unresolved\(\).*Nowhere"),
        ([lambda a: a], "function with a name.*lambda"),
        ([functools.partial(weather, "x")], "function with a name.*partial"),
        ([Person], "function with a name.*Person"),
        ([{"name": "f", "parameters": {}}], "given as a dict must be.*got one with 'name', 'parameters'"),
        ([{"type": "function", "function": {}}], "given as a dict must be"),
        ([{}], "given as a dict must be.*got one with nothing"),
        (["weather"], "function with a name.*str"),
        ([None], "function with a name.*NoneType"),
        (weather, "must be a list of Python functions.*got function"),
        ({"type": "function"}, "must be a list of Python functions.*got dict"),
    ],
    ids=lambda part: part if isinstance(part, str) else "tools",
)
def test_what_a_model_could_not_call_is_refused(given: Any, needed: str) -> None:
    for way in CHATS:
        with pytest.raises(TypeError, match=f"(?s){needed}"):
            sent([{"role": "user", "content": "hi"}], way, tools=given)


def test_a_call_fits_the_function() -> None:
    """The names of the schema are the function's: it can be called with what a model answers."""
    functions: list[Callable[..., Any]] = [weather]
    names = tool(functions[0])["function"]["parameters"]["properties"]
    assert weather(**dict.fromkeys(names, "x")) == "x"
    assert asyncio.iscoroutinefunction(weather) is False
