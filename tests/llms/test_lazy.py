"""Importing `logitlab.llms` costs nothing: what a model needs is loaded when a model is made."""

import shutil
import subprocess
import sys

import pytest

HEAVY = ["tokenizers", "platformdirs", "tqdm", "logitlab._http"]


def loaded_after(code):
    code += "\nimport sys; print(*sorted(sys.modules))"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()


def test_importing_loads_none_of_its_modules():
    loaded = loaded_after("import logitlab.llms")
    assert not {name for name in loaded if name.startswith("logitlab.llms.")}
    assert not set(HEAVY) & set(loaded)


def test_the_class_alone_loads_no_third_party():
    assert not set(HEAVY) & set(loaded_after("from logitlab.llms import BuiltIn, LLM, ChatMessage"))


def test_names_are_what_they_say():
    import logitlab.llms as llms

    for name in llms.__all__:
        assert getattr(llms, name).__name__ == name
        assert name in dir(llms)
    with pytest.raises(AttributeError, match="has no attribute 'Gemma'"):
        llms.Gemma  # noqa: B018


def test_a_missing_package_names_its_extra(tiny_model, tmp_path, monkeypatch):
    from logitlab.llms import BuiltIn

    fresh = shutil.copy(tiny_model.path, tmp_path)  # one that is in use is not loaded again
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"this needs 'tokenizers', .*: pip install 'logitlab\[model\]'"
    ):
        BuiltIn(fresh)
