"""The tiny model for every test, and the real one for those marked `model`."""

import os

import pytest

from . import plain, tiny

_REAL = os.environ.get("LOGITLAB_MODEL")


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
    """SmolLM2 itself, if it has been fetched: `python -m logitlab.llms.smol` and `make test` do."""
    from logitlab.llms import BuiltIn
    from logitlab.llms.smol.find import present

    path = present(_REAL)
    if path is None:
        missing = "the built-in model is not on this machine: python -m logitlab.llms.smol fetches it"
        if os.environ.get("LOGITLAB_REQUIRE_ALL"):
            pytest.fail(missing)
        pytest.skip(missing)
    return BuiltIn(path)
