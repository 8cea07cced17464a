"""Public functions say what they take, return and raise, with an example."""

import inspect
import re

import pytest

import logitlab

NAMES = sorted(name for name in logitlab.__all__ if callable(getattr(logitlab, name)))
FUNCTIONS = [name for name in NAMES if not inspect.isclass(getattr(logitlab, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring_has_the_sections(name):
    documentation = inspect.getdoc(getattr(logitlab, name))
    for section in ("Returns", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in documentation, section


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "targets"])
def test_docstring_names_every_parameter(name):
    function = getattr(logitlab, name)
    documentation = inspect.getdoc(function)
    assert "\nParameters\n----------\n" in documentation
    for parameter in inspect.signature(function).parameters:
        assert re.search(rf"^(\w+, )*(\*\*)?{parameter}(, \w+)*( :|$)", documentation, re.MULTILINE), (
            parameter
        )
