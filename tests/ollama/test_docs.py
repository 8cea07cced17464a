"""The examples of docs/ollama.md run, in order, against recorded answers."""

import contextlib
import io
import re
from pathlib import Path

import pytest
from wire.stub import Request, Stub, recorded

PAGE = (Path(__file__).parents[2] / "docs" / "ollama.md").read_text()
BLOCKS = re.findall(r"^```python server\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
ANSWERS = {
    "/api/generate": "010-gen-stream",
    "/api/chat": "042-chat-stream",
    "/api/show": "005-show",
    "/api/version": "002-version",
    "/api/tags": "003-tags",
    "/api/ps": "008-ps-loaded",
}
PRINTED = [
    " the capital of the country of France. It is the largest\n",
    "",
    "temperature        1.0 ",
    "' the' of ' the' 0.496, ' a' 0.208, ' Paris' 0.177, ' one' 0.120\n",
    " the capital of the country of France. It is the largest1. Red\n",
    "0.33.0-rc2 ['gemma3-270m:latest', 'smollm2:latest']\ngguf\n",
    "gemma:7b of the Ollama server at ",
]


def answer(request: Request) -> bytes:
    if b"logprobs" in request.body:
        return recorded("023-gen-logprobs-top20")
    return recorded(ANSWERS[request.path])


def test_every_block(monkeypatch: pytest.MonkeyPatch) -> None:
    names: dict[str, object] = {}
    printed = []
    monkeypatch.delenv("LOGITLAB_CONNECT", raising=False)
    with Stub(answer) as stub:
        monkeypatch.setenv("OLLAMA_HOST", stub.url)
        for block in BLOCKS:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(block, "docs/ollama.md", "exec"), names)
            printed.append(out.getvalue())
    assert len(printed) == len(PRINTED)
    for said, expected in zip(printed, PRINTED, strict=True):
        assert expected in said
