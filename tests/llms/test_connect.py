"""`connect` says who answers and why, and never lets somebody answer who may not."""

import pytest

from logitlab.llms import LLM, BuiltIn, connect
from logitlab.llms.connection import of_the_server


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


OF_A_SERVER = {
    "host": "127.0.0.1:9", "base_url": "http://127.0.0.1:9", "timeout": 3, "request_timeout": 120.0,
    "headers": {"X-Key": "secret"}, "keep_alive": "10m", "num_gpu": 1, "main_gpu": 0, "num_thread": 4,
    "num_batch": 64, "use_mmap": True, "draft_num_predict": 4,
}  # fmt: skip


@pytest.mark.parametrize("name", OF_A_SERVER)
@pytest.mark.parametrize("inside", [False, True], ids=["by itself", "in additional_kwargs"])
def test_what_is_about_a_server_matters_only_to_it(builtin, capsys, name, inside):
    given = {name: OF_A_SERVER[name]}
    llm = connect("gemma:7b", **({"additional_kwargs": given} if inside else given))
    assert isinstance(llm, BuiltIn)
    said = capsys.readouterr().out
    assert name not in said
    assert "secret" not in said


def test_the_list_of_what_is_about_a_server_forgets_nothing(builtin):
    """Whatever `Ollama` takes is about a server, or followed, or said to be left out: no name falls between."""
    from logitlab.llms.ollama.fields import TAKES
    from logitlab.llms.ollama.names import LLAMA_INDEX

    for name in {*TAKES, *LLAMA_INDEX, *of_the_server()}:
        ours = LLAMA_INDEX.get(name, name)
        row = TAKES.get(ours)
        assert ours in of_the_server() or (row and row.machine) or ours in BuiltIn._takes, name


@pytest.mark.parametrize(
    ("given", "option", "value"),
    [
        ({"context_window": 100}, "num_ctx", 100),
        ({"additional_kwargs": {"top_k": 7, "num_gpu": 1}}, "top_k", 7),
        ({"num_predict": -1}, "num_predict", -1),
        ({"num_predict": -2}, "num_predict", -2),
        ({"repeat_last_n": 64}, "repeat_last_n", 64),
        ({"repeat_last_n": 0, "repeat_penalty": 1.2}, "repeat_last_n", 0),
        ({"system": "Be brief."}, "system", "Be brief."),
        ({"top_logprobs": 3}, "logprobs", True),
        ({"top_k": -1}, "top_k", 0),
        ({"context_window": -1}, "num_ctx", 160),  # LlamaIndex's "whatever the model has"
    ],
    ids=str,
)
def test_what_the_built_in_model_can_follow_it_follows(builtin, capsys, given, option, value):
    llm = connect("gemma:7b", **given)
    assert (
        llm.complete("a", **({} if option == "num_predict" else {"num_predict": 1})).options[option] == value
    )
    assert "Without" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "given",
    [
        {"think": False}, {"thinking": False}, {"format": ""}, {"json_mode": False}, {"tools": []}, {"images": []},
        {"truncate": False}, {"shift": False}, {"template": ""}, {"suffix": ""}, {"context": []}, {"format": None},
        {"system": ""}, {"additional_kwargs": {}}, {"additional_kwargs": None},
    ],
    ids=str,
)  # fmt: skip
def test_what_asks_for_nothing_is_not_told(builtin, capsys, given):
    assert connect("gemma:7b", **given).complete("a", num_predict=1).text is not None
    assert "Without" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"think": True}, ("think=True", "does not think")),
        ({"thinking": "low"}, ("think='low'",)),
        ({"format": "json"}, ("format='json'", "grammar")),
        ({"json_mode": True}, ("format='json'",)),
        ({"format": {"type": "object"}}, ("format={'type': 'object'}",)),
        ({"images": [b"x" * 5000]}, ("images=", "text only")),
        ({"tools": [{"type": "function"}]}, ("tools=",)),
        ({"template": "{{ .Prompt }}"}, ("template=",)),
        ({"suffix": "x"}, ("suffix=",)),
        ({"context": [1, 2]}, ("context=",)),
        ({"truncate": True}, ("truncate=True",)),
        ({"shift": True}, ("shift=True",)),
        ({"num_keep": 4}, ("num_keep=4",)),
        ({"num_ctx": 99_999}, ("num_ctx=99999", "160 tokens")),
        ({"context_window": 99_999}, ("num_ctx=99999",)),
        ({"think": True, "format": "json"}, ("think=True", "format='json'")),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_it_cannot_follow_is_said_once_with_the_reason(builtin, capsys, given, said):
    llm = connect("gemma:7b", **given)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 1
    assert len(lines[0]) < 800
    assert "because LOGITLAB_CONNECT=builtin. Without " in lines[0]
    for words in said:
        assert lines[0].count(words) == 1
    assert llm.complete("a", num_predict=1).raw["done"]
    assert capsys.readouterr().out == ""


def test_a_wrong_name_is_an_error_here_too(builtin):
    with pytest.raises(TypeError, match=r"temprature.*temperature"):
        connect("gemma:7b", temprature=1)
    with pytest.raises(ValueError, match="top_k"):
        connect("gemma:7b", top_k=1.5)
    with pytest.raises(TypeError, match="num_ctx is given twice"):
        connect("gemma:7b", context_window=10, num_ctx=20)


def test_options_for_a_fallback_of_ones_own_are_said(builtin, llm, capsys):
    assert connect("gemma:7b", fallback=llm, temperature=0.5, host="127.0.0.1:9") is llm
    said = capsys.readouterr().out
    assert "Without temperature=0.5 (" in said
    assert "127.0.0.1" not in said


@pytest.mark.parametrize("model", ["", None, 3])
def test_a_model_has_a_name(builtin, model):
    with pytest.raises(TypeError, match="model must be the name of a model"):
        connect(model)


def test_a_fallback_is_a_model(builtin):
    with pytest.raises(TypeError, match="fallback must be 'builtin', a model or None, got 'gpt'"):
        connect("gemma:7b", fallback="gpt")


def test_the_variable_has_two_values(monkeypatch):
    monkeypatch.setenv("LOGITLAB_CONNECT", "yes")
    with pytest.raises(ValueError, match="LOGITLAB_CONNECT must be 'builtin', 'ollama' or unset, got 'yes'"):
        connect("gemma:7b")


def test_a_model_of_ones_own_answers_as_it_is(builtin, llm):
    assert isinstance(llm, LLM)
