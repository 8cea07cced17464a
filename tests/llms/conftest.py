"""The tiny model for every test, and the real one for those marked `model`."""

import os
from importlib.util import find_spec

import pytest
from needs import built_in

from . import plain, tiny

_REAL = os.environ.get("LOGITLAB_MODEL")

# its wheel is for one platform; tests/sampling/test_llama_cpp.py says so of the whole run
collect_ignore = [] if find_spec("xllamacpp") else ["test_peers.py"]


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch):
    for name in ("LOGITLAB_MODEL", "LOGITLAB_CONNECT"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory) -> tiny.Tiny:
    return tiny.write(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.fixture(scope="session")
def forward(tiny_model) -> plain.Forward:
    return plain.Forward(tiny_model)


@pytest.fixture(scope="session")
def bpe(tiny_model) -> plain.BPE:
    return plain.BPE(tiny_model.tokens, tiny_model.merges, tiny.CONTROL)


@pytest.fixture
def llm(tiny_model):
    from logitlab.llms import BuiltIn

    return BuiltIn(tiny_model.path)


@pytest.fixture(scope="session")
def smollm2():
    """SmolLM2 itself; fetched when it is not there yet."""
    return built_in(_REAL)


@pytest.fixture
def interrupted_after_100_and_101(monkeypatch):
    """An answer of the built-in model draws these two tokens, and then comes Ctrl-C."""
    left = iter([100, 101])

    def draw(*_):
        try:
            return next(left)
        except StopIteration:
            raise KeyboardInterrupt from None

    monkeypatch.setattr("logitlab.llms.smol.generate.draw", draw)
