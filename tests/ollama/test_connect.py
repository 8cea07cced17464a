"""`connect` takes the server's model when it is there, and says who answers and why when it is not."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import pytest
from llms import tiny
from wire.stub import Stub, ndjson, recorded, respond

from logitlab.llms import LLM, BuiltIn, ModelNotFoundError, Ollama, OllamaConnectionError, connect
from logitlab.llms.base import Chunk, Request


class Parrot(LLM):
    _takes: ClassVar[dict[str, Any]] = {}

    def _stream(self, request: Request) -> Any:
        yield Chunk(request.prompt or "")

    def __str__(self) -> str:
        return "a parrot"


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOGITLAB_CONNECT", raising=False)


@pytest.fixture
def nowhere() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


def test_the_servers_model(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with Stub(lambda request: recorded("005-show")) as stub:
        monkeypatch.setenv("OLLAMA_HOST", stub.url)
        llm = connect("gemma:7b", temperature=0.5)
    assert isinstance(llm, Ollama)
    assert [(request.path, request.json) for request in stub.requests] == [
        ("/api/show", {"model": "gemma:7b"})
    ]
    assert capsys.readouterr().out == f"gemma:7b of the Ollama server at {stub.url} answers\n"
    assert str(llm) == f"gemma:7b of the Ollama server at {stub.url}"


def test_no_server(nowhere: str, capsys: pytest.CaptureFixture[str]) -> None:
    parrot = Parrot()
    assert connect("gemma:7b", fallback=parrot, host=nowhere, timeout=3, keep_alive=1) is parrot
    said = capsys.readouterr().out
    assert said.startswith(f"Instead of gemma:7b: a parrot, because no Ollama server at http://{nowhere}")
    assert "ollama serve" in said
    with pytest.raises(OllamaConnectionError, match="ollama serve"):
        connect("gemma:7b", fallback=None, host=nowhere)


@pytest.mark.parametrize(
    "given",
    [
        {"request_timeout": 120, "additional_kwargs": {"top_k": 50}},
        {"context_window": 1024},
        {"think": True},
        {"json_mode": True, "thinking": False},
        {"num_gpu": 1, "keep_alive": "10m", "system": "Be brief."},
    ],
    ids=str,
)
def test_any_option_of_a_server_still_falls_back(
    nowhere: str,
    given: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("LOGITLAB_MODEL", str(tiny.write(tmp_path / "tiny.gguf").path))
    monkeypatch.setenv("OLLAMA_HOST", nowhere)
    llm = connect("gemma:7b", **given)
    assert isinstance(llm, BuiltIn)
    said = capsys.readouterr().out
    assert f"because no Ollama server at http://{nowhere}" in said
    assert ".." not in said


def test_the_server_lacks_the_model(capsys: pytest.CaptureFixture[str]) -> None:
    answers = {"/api/show": recorded("052-err-unknown-model"), "/api/tags": recorded("003-tags")}
    with Stub(lambda request: answers[request.path]) as stub:
        connect("nope", fallback=Parrot(), host=stub.url)
        with pytest.raises(ModelNotFoundError, match="ollama pull nope"):
            connect("nope", fallback=None, host=stub.url)
    said = capsys.readouterr().out
    assert "because model 'nope' not found" in said
    assert "Ollama('nope').pull()" in said  # a line that works, whoever answers
    assert "llm.pull()" not in said
    for has in ("gemma3-270m", "smollm2"):
        assert has in said


@pytest.mark.parametrize(
    "tags", [b"{}", b'{"models": null}', b"not json", b'{"models": []}', b'{"models": [{}]}']
)
def test_a_server_that_does_not_tell_its_models(tags: bytes) -> None:
    answers = {"/api/show": recorded("052-err-unknown-model"), "/api/tags": respond(tags)}
    with Stub(lambda request: answers[request.path]) as stub:
        with pytest.raises(ModelNotFoundError, match="ollama pull nope"):
            connect("nope", fallback=None, host=stub.url)


def test_the_variable_forbids_the_fallback(nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGITLAB_CONNECT", "ollama")
    with pytest.raises(OllamaConnectionError):
        connect("gemma:7b", fallback=Parrot(), host=nowhere)


def test_a_server_that_fails_is_no_reason_to_answer_with_another() -> None:
    """A 500 is not "no server": it is raised, not papered over."""
    with Stub(lambda request: respond(b'{"error": "disk on fire"}', status="500 No")) as stub:
        with pytest.raises(Exception, match="disk on fire"):
            connect("gemma:7b", fallback=Parrot(), host=stub.url)


def test_no_libcurl() -> None:
    code = """
from logitlab.llms import connect, LLM
class Parrot(LLM):
    _takes = {}
    def _stream(self, request): ...
connect("gemma:7b", fallback=Parrot())
"""
    environment = os.environ | {"LOGITLAB_LIBCURL": "/nowhere.so"}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert "apt-get install libcurl4" in ended.stdout


def test_wrong_options_are_raised() -> None:
    with Stub(lambda request: ndjson({})) as stub:
        with pytest.raises(TypeError, match="temperature"):
            connect("gemma:7b", host=stub.url, temprature=1)
        with pytest.raises(ValueError, match="port"):
            connect("gemma:7b", host="x:99999")
    assert stub.requests == []
