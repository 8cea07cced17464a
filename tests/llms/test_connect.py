"""`connect` says who answers and why, and never lets somebody answer who may not."""

import pytest

from logitlab.llms import LLM, BuiltIn, connect


@pytest.fixture
def builtin(monkeypatch, tiny_model):
    monkeypatch.setenv("LOGITLAB_MODEL", str(tiny_model.path))
    monkeypatch.setenv("LOGITLAB_CONNECT", "builtin")


def test_the_built_in_model_by_choice(builtin, capsys):
    llm = connect("gemma:7b", temperature=0.5)
    assert isinstance(llm, BuiltIn)
    assert llm.complete("a", num_predict=1).options["temperature"] == 0.5
    assert capsys.readouterr().out == (
        "Instead of gemma:7b: tiny in this process, because LOGITLAB_CONNECT=builtin\n"
    )


def test_a_fallback_of_ones_own(builtin, llm):
    assert connect("gemma:7b", fallback=llm) is llm


def test_nobody_else_may_answer(builtin):
    with pytest.raises(ConnectionError, match=r"gemma:7b \(LOGITLAB_CONNECT=builtin\), .*fallback=None"):
        connect("gemma:7b", fallback=None)


def test_options_are_not_dropped(builtin):
    with pytest.raises(TypeError, match="BuiltIn has no option 'num_gpu'"):
        connect("gemma:7b", num_gpu=1)


@pytest.mark.parametrize("model", ["", None, 3])
def test_a_model_has_a_name(builtin, model):
    with pytest.raises(TypeError, match="connect needs the name of a model"):
        connect(model)


def test_a_fallback_is_a_model(builtin):
    with pytest.raises(TypeError, match="fallback needs to be 'builtin', a model or None, not 'gpt'"):
        connect("gemma:7b", fallback="gpt")


def test_the_variable_has_two_values(monkeypatch):
    monkeypatch.setenv("LOGITLAB_CONNECT", "yes")
    with pytest.raises(
        ValueError, match="LOGITLAB_CONNECT needs to be 'builtin', 'ollama' or unset, not 'yes'"
    ):
        connect("gemma:7b")


def test_a_model_of_ones_own_answers_as_it_is(builtin, llm):
    assert isinstance(llm, LLM)
