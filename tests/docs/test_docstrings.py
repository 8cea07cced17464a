"""Public functions say what they take, give and raise, with an example that runs."""

import doctest
import inspect
import re

import numpy as np
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


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name != "connect"])  # it needs a model
def test_examples_of_docstrings_run(name):
    globs = {"np": np, "logitlab": logitlab, "ll": logitlab} | {n: getattr(logitlab, n) for n in NAMES}
    example = doctest.DocTestParser().get_doctest(
        inspect.getdoc(getattr(logitlab, name)), globs, name, name, 0
    )
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    failed, tried = doctest.DocTestRunner(verbose=False, optionflags=flags).run(example)
    assert tried
    assert not failed
