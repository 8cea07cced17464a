"""Every example in a docstring of the package runs and prints what stands below it.

One test for each docstring that has an example. Those of the client talk to recorded answers of a real
server; those that need the built-in model carry the mark `model`. Only the LlamaIndex wrapper's are not run
here: tests/ollama/test_llama_index.py runs them beside the real package.
"""

import doctest
import importlib
import inspect
import pkgutil

import numpy as np
import pytest
from wire.stub import Stub, recorded

import logitlab

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
LLAMA_INDEX = "logitlab.llms.llama_index"
NEEDS_MODEL = {
    "logitlab.llms.answers.ask.answers",
    "logitlab.llms.builtin.BuiltIn",
    "logitlab.llms.connection.connect",
    "logitlab.llms.replay.replay",
}
ANSWERS = {
    "/api/generate": "010-gen-stream",
    "/api/chat": "042-chat-stream",
    "/api/show": "005-show",
    "/api/version": "002-version",
    "/api/tags": "003-tags",
    "/api/ps": "008-ps-loaded",
}


def modules():
    """Every module of the package, imported; a module that cannot be imported is an error."""
    yield logitlab
    for info in pkgutil.walk_packages(logitlab.__path__, "logitlab."):
        if info.name != LLAMA_INDEX:
            yield importlib.import_module(info.name)


def functions_in_c():
    """The finder passes over functions that are not written in Python."""
    parser = doctest.DocTestParser()
    for name, function in inspect.getmembers(logitlab._kernels, inspect.isbuiltin):
        globs = {"np": np, "logitlab": logitlab, "ll": logitlab} | {
            other: getattr(logitlab, other) for other in logitlab.__all__
        }
        yield parser.get_doctest(inspect.getdoc(function) or "", globs, f"logitlab.{name}", name, 0)


def examples():
    finder = doctest.DocTestFinder()
    found = [test for module in modules() for test in finder.find(module, module.__name__)]
    return [test for test in [*functions_in_c(), *found] if test.examples]


def marked(test):
    marks = [pytest.mark.model] if test.name in NEEDS_MODEL else []
    return pytest.param(test, id=test.name, marks=marks)


def answer(request):
    if b"logprobs" in request.body:
        return recorded("023-gen-logprobs-top20")
    return recorded(ANSWERS[request.path])


@pytest.fixture
def server(monkeypatch):
    with Stub(answer) as stub:
        monkeypatch.setenv("OLLAMA_HOST", stub.url)
        yield stub


@pytest.mark.parametrize("test", [marked(test) for test in examples()])
def test_example_runs(test, server, monkeypatch):
    if test.name in NEEDS_MODEL:
        monkeypatch.setenv("LOGITLAB_CONNECT", "builtin")
    else:
        monkeypatch.delenv("LOGITLAB_CONNECT", raising=False)
    failed, tried = doctest.DocTestRunner(verbose=False, optionflags=FLAGS).run(test)
    assert tried == len(test.examples)
    assert not failed


def test_no_example_is_skipped():
    skipped = [
        test.name for test in examples() if any(doctest.SKIP in example.options for example in test.examples)
    ]
    assert not skipped


def test_a_wrong_example_fails():
    parser = doctest.DocTestParser()
    wrong = parser.get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    failed, _ = doctest.DocTestRunner(verbose=False, optionflags=FLAGS).run(wrong, out=lambda _: None)
    assert failed == 1
