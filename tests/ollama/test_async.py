"""The async twins: the event loop goes on meanwhile, many answers come at once, a cancelled task hangs up."""

import asyncio
import threading
import time
from typing import Any

import pytest
from wire.stub import Answer, Request, Stub, endless, ndjson, stalled

from logitlab.llms import Ollama, OllamaIncompleteError

ONE = {"response": "Once ", "message": {"role": "assistant", "content": "Once "}, "done": False}
LAST = {"response": "upon", "message": {"role": "assistant", "content": "upon"}, "done": True}
USER = [{"role": "user", "content": "hi"}]


async def ticks(until: "asyncio.Task[Any]") -> int:
    """How often the loop comes round while a task runs."""
    count = 0
    while not until.done():
        await asyncio.sleep(0.01)
        count += 1
    return count


@pytest.mark.parametrize("way", ["acomplete", "achat"])
def test_the_loop_goes_on(way: str) -> None:
    async def main(llm: Ollama) -> tuple[str, int]:
        task = asyncio.ensure_future(llm.acomplete("hi") if way == "acomplete" else llm.achat(USER))
        count = await ticks(task)
        return (await task).text, count

    with Stub(lambda request: stalled(ndjson(ONE, LAST), 0, 0.5)) as stub:
        text, count = asyncio.run(main(Ollama("m", stub.url)))
    assert text == "Once upon"
    assert count > 20


@pytest.mark.parametrize("way", ["complete", "chat"])
@pytest.mark.parametrize("awaited", [False, True])
def test_streams(way: str, awaited: bool) -> None:
    async def main(llm: Ollama) -> list[tuple[str, str | None]]:
        stream: Any = llm.astream_complete("hi") if way == "complete" else llm.astream_chat(USER)
        if awaited:
            stream = await stream
        return [(response.text, response.delta) async for response in stream]

    with Stub(lambda request: ndjson(ONE, LAST)) as stub:
        got = asyncio.run(main(Ollama("m", stub.url)))
    assert got == [("Once ", "Once "), ("Once upon", "upon")]


def test_a_hundred_answers_at_once() -> None:
    together = threading.Barrier(100)

    def answer(request: Request) -> bytes:
        together.wait(60)
        return ndjson({"response": request.json["prompt"], "done": True})

    async def main(llm: Ollama) -> list[Any]:
        return await asyncio.gather(*(llm.acomplete(str(i)) for i in range(100)))

    with Stub(answer) as stub:
        responses = asyncio.run(main(Ollama("m", stub.url)))
    assert [response.text for response in responses] == [str(i) for i in range(100)]


@pytest.mark.parametrize("endlessly", [False, True])
def test_a_cancelled_task_hangs_up(endlessly: bool) -> None:
    """Both where the server is silent and where it never stops."""

    async def main(llm: Ollama) -> None:
        await asyncio.wait_for(llm.acomplete("hi"), 0.3)

    answer = endless(b'{"response": "a", "done": false}\n', 1) if endlessly else None
    with Stub(lambda request: answer or stalled(ndjson(ONE, LAST), 200, 30)) as stub:
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            asyncio.run(main(Ollama("m", stub.url)))
        assert time.monotonic() - start < 2
        if endlessly:
            assert stub.hung_up.wait(2)


def test_breaking_out_of_a_stream_hangs_up() -> None:
    async def main(llm: Ollama) -> None:
        async for response in llm.astream_complete("hi"):
            if len(response.text) > 3:
                break

    with Stub(lambda request: endless(b'{"response": "a", "done": false}\n', 1)) as stub:
        asyncio.run(main(Ollama("m", stub.url)))
        assert stub.hung_up.wait(2)


def test_errors_arrive_with_the_text() -> None:
    async def main(llm: Ollama) -> None:
        await llm.acomplete("hi")

    with Stub(lambda request: Answer([ndjson(ONE)], "close")) as stub:
        with pytest.raises(OllamaIncompleteError) as caught:
            asyncio.run(main(Ollama("m", stub.url)))
    assert caught.value.partial.text == "Once "


def test_wrong_options_are_errors_before_anything_is_awaited() -> None:
    with pytest.raises(TypeError, match="temperature"):
        Ollama("m").astream_complete("hi", temprature=1)
