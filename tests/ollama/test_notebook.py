"""In a notebook, where an event loop always runs: the plain calls work, the awaited ones do not block."""

import json
import os
from pathlib import Path

import nbclient
import nbformat
import pytest
from llms import tiny
from wire.stub import Stub, ndjson, stalled

CELLS = [
    """
from logitlab.llms import Ollama
llm = Ollama(model="gemma:7b")
print(llm.complete("What is Singapore?"))
""",
    "for response in llm.stream_complete('hi'): print(response.delta, end='|')",
    "print(llm.chat([{'role': 'user', 'content': 'hi'}]))",
    """
import asyncio
task = asyncio.ensure_future(llm.acomplete("slowly"))
count = 0
while not task.done():
    await asyncio.sleep(0.01)
    count += 1
print(await task, count > 20)
""",
    "print((await llm.achat([{'role': 'user', 'content': 'hi'}])).message.content)",
    "[response.delta async for response in llm.astream_complete('hi')]",
    "llm.complete('hi')",
    "llm.effective_options(temperature=1)",
    """
from logitlab.llms import BuiltIn
local = BuiltIn()
task = asyncio.ensure_future(local.acomplete("Sing", temperature=0, num_predict=100))
count = 0
while not task.done():
    await asyncio.sleep(0.001)
    count += 1
print((await task).text == local.complete("Sing", temperature=0, num_predict=100).text, count > 3)
""",
]
ONE = {"response": "A *city*", "message": {"role": "assistant", "content": "A *city*"}, "done": False}
LAST = {"response": ".", "message": {"role": "assistant", "content": "."}, "done": True}


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> list[nbformat.NotebookNode]:
    def answer(request: object) -> object:
        path, body = request.path, request.body  # type: ignore[attr-defined]
        if path == "/api/version":
            return ndjson({"version": "0.33.1"})
        if path == "/api/show":
            return ndjson({"parameters": 'stop "<end>"', "details": {"format": "gguf"}})
        if b"slowly" in body:
            return stalled(ndjson(ONE, LAST), 0, 0.5)
        return ndjson(ONE, LAST)

    model = tmp_path_factory.mktemp("model") / "tiny.gguf"
    tiny.write(model)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    source = str(Path(__file__).parents[2] / "python")
    with Stub(answer) as stub:  # type: ignore[arg-type]
        path = os.pathsep.join([source, os.environ.get("PYTHONPATH", "")])
        environment = {
            **os.environ,
            "OLLAMA_HOST": stub.url,
            "PYTHONPATH": path,
            "LOGITLAB_MODEL": str(model),
        }
        nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute(env=environment)
    return list(notebook.cells)


def text(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs)


def test_plain_calls(executed: list[nbformat.NotebookNode]) -> None:
    assert text(executed[0]) == "A *city*.\n"
    assert text(executed[1]) == "A *city*|.|"
    assert text(executed[2]) == "A *city*.\n"


def test_awaited_calls(executed: list[nbformat.NotebookNode]) -> None:
    assert text(executed[3]) == "A *city*. True\n"
    assert text(executed[4]) == "A *city*.\n"
    assert executed[5].outputs[0].data["text/plain"] == "['A *city*', '.']"


def test_the_built_in_model_too(executed: list[nbformat.NotebookNode]) -> None:
    assert text(executed[8]) == "True True\n"


def test_what_is_shown(executed: list[nbformat.NotebookNode]) -> None:
    assert executed[6].outputs[0].data["text/markdown"] == "A *city*."
    table = executed[7].outputs[0].data["text/html"]
    assert "<td style='text-align:left'>top_k</td>" in table
    assert "&lt;end&gt;" in table
    assert json.dumps(table).count("<tr>") == 15
