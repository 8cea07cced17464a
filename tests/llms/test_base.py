"""Whatever the model, the interface does this: streams, whole answers, async twins, interruptions."""

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest

from logitlab.llms import LLM, ChatMessage, ChatResponse, CompletionResponse, LogProb
from logitlab.llms.base import Chunk
from logitlab.llms.options import rows


class Words(LLM):
    """Says its prompt's words. At `fail` it raises `error`; at `wait` it waits for `go`."""

    _takes = rows("temperature", "seed", "logprobs")

    def __init__(self, fail=None, error=None, wait=None, **options):
        super().__init__(**options)
        self.fail, self.error, self.wait = fail, error, wait
        self.go, self.reached, self.closed = threading.Event(), threading.Event(), threading.Event()
        self.requests, self.threads, self.cancelled = [], set(), False

    def _in_force(self, given):
        return {"temperature": 0.8} | given

    def _stream(self, request):
        self.requests.append(request)
        said = request.prompt if request.prompt is not None else request.messages[-1].content
        try:
            for i, word in enumerate(said.split()):
                self.threads.add(threading.current_thread())
                if i == self.fail:
                    raise self.error
                if i == self.wait:
                    self.reached.set()
                    assert self.go.wait(30)
                    self.cancelled = request.cancelled()
                yield Chunk(word + " ", {"i": i}, [LogProb(word, -1.0)], {"n": i})
        finally:
            self.closed.set()


def user(text):
    return [ChatMessage("user", text)]


def test_a_whole_answer():
    response = Words().complete("a b c")
    assert isinstance(response, CompletionResponse)
    assert str(response) == "a b c "
    assert (response.delta, response.raw, response.additional_kwargs) == (None, {"i": 2}, {"n": 2})
    assert response.options == {"temperature": 0.8}
    assert response.logprobs is None


def test_a_stream():
    responses = list(Words().stream_complete("a b c"))
    assert [r.delta for r in responses] == ["a ", "b ", "c "]
    assert [r.text for r in responses] == ["a ", "a b ", "a b c "]
    assert [r.raw for r in responses] == [{"i": 0}, {"i": 1}, {"i": 2}]


def test_a_conversation():
    llm = Words()
    response = llm.chat(user("a b"))
    assert isinstance(response, ChatResponse)
    assert response.message == ChatMessage("assistant", "a b ")
    assert [r.text for r in llm.stream_chat(user("a b"))] == ["a ", "a b "]
    assert llm.requests[0].prompt is None


def test_logprobs_when_asked_for():
    responses = list(Words().stream_complete("a b", logprobs=True))
    assert [[entry.token for entry in r.logprobs] for r in responses] == [["a"], ["a", "b"]]


def test_a_calls_options_go_before_the_constructors():
    llm = Words(temperature=0.5, seed=1)
    llm.complete("a", temperature=0.6)
    llm.complete("a", temperature=None)
    assert [r.given for r in llm.requests] == [
        {"temperature": 0.6, "seed": 1},
        {"temperature": 0.5, "seed": 1},
    ]


CALLS = ["complete", "stream_complete", "chat", "stream_chat", "astream_complete", "astream_chat"]


@pytest.mark.parametrize("call", CALLS)
def test_wrong_options_are_refused_at_the_call(call):
    """Not when the stream is first read."""
    llm = Words()
    given = user("a") if "chat" in call else "a"
    with pytest.raises(TypeError, match="Words has no option 'temprature'; did you mean 'temperature'"):
        getattr(llm, call)(given, temprature=1)
    with pytest.raises(ValueError, match="temperature must be >= 0"):
        getattr(llm, call)(given, temperature=-1)
    assert llm.requests == []


def test_wrong_options_are_refused_in_the_constructor():
    with pytest.raises(TypeError, match="did you mean 'temperature'"):
        Words(temp=1)


@pytest.mark.parametrize("prompt", [None, 3, b"a", ["a"]])
def test_a_prompt_is_a_string(prompt):
    with pytest.raises(TypeError, match="the prompt must be a string, got "):
        Words().stream_complete(prompt)


@pytest.mark.parametrize("messages", ["a", ChatMessage("user", "a"), {"role": "user"}, 3, None])
def test_a_conversation_is_a_list(messages):
    with pytest.raises(TypeError, match="chat needs a list of messages"):
        Words().chat(messages)


@pytest.mark.parametrize(
    "message", ["a", {"role": "user"}, {"content": "a"}, {"role": 1, "content": "a"}, None]
)
def test_a_message_has_a_role_and_a_content(message):
    with pytest.raises(TypeError, match=r"a message must have a (role|content)"):
        Words().chat([message])


def test_messages_may_be_dicts_or_llamaindexs():
    llm = Words()
    role = SimpleNamespace(value="user")  # LlamaIndex's roles are an enumeration
    llm.chat([{"role": "system", "content": "s", "images": b"GIF8"}, SimpleNamespace(role=role, content="a")])
    assert llm.requests[0].messages == (
        ChatMessage("system", "s", {"images": ["R0lGOA=="]}),
        ChatMessage("user", "a"),
    )


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ConnectionError("gone"), ValueError("no")])
@pytest.mark.parametrize("call", ["complete", "chat", "stream_complete", "stream_chat"])
def test_an_interrupted_answer_is_kept(call, error):
    llm = Words(fail=2, error=error)
    given = user("a b c") if call.endswith("chat") else "a b c"
    with pytest.raises(type(error)) as caught:
        list(getattr(llm, call)(given, logprobs=True) or ())
    partial = caught.value.partial
    assert type(partial) is (ChatResponse if "chat" in call else CompletionResponse)
    assert str(partial) == "a b "
    assert [entry.token for entry in partial.logprobs] == ["a", "b"]
    assert partial.options == {"temperature": 0.8, "logprobs": True}


def test_an_answer_interrupted_before_its_first_word():
    with pytest.raises(KeyboardInterrupt) as caught:
        Words(fail=0, error=KeyboardInterrupt()).complete("a")
    assert str(caught.value.partial) == ""


def test_a_stream_that_is_not_read_on_is_closed():
    llm = Words()
    stream = llm.stream_complete("a b c")
    next(stream)
    assert not llm.closed.is_set()
    stream.close()
    assert llm.closed.is_set()


def test_a_model_without_a_word_is_an_error():
    with pytest.raises(RuntimeError, match="stream ended without any response"):
        Words().complete("")


def test_async_twins():
    async def main():
        llm = Words()
        assert str(await llm.acomplete("a b")) == "a b "
        assert (await llm.achat(user("a b"))).message.content == "a b "
        assert [r.delta async for r in llm.astream_complete("a b")] == ["a ", "b "]
        assert [r.delta async for r in await llm.astream_complete("a b")] == ["a ", "b "]
        assert [r.text async for r in await llm.astream_chat(user("a b"))] == ["a ", "a b "]
        assert threading.main_thread() not in llm.threads

    asyncio.run(main())


def test_async_errors_keep_the_text():
    async def main():
        with pytest.raises(ValueError, match="no") as caught:
            await Words(fail=1, error=ValueError("no")).acomplete("a b")
        assert str(caught.value.partial) == "a "

    asyncio.run(main())


def test_the_event_loop_goes_on():
    """The model waits for something that only the loop, running meanwhile, does."""

    async def main():
        llm = Words(wait=1)
        answer = asyncio.create_task(llm.acomplete("a b"))
        while not llm.reached.is_set():
            await asyncio.sleep(0.001)
        llm.go.set()
        assert str(await answer) == "a b "

    asyncio.run(main())


def test_a_cancelled_task_ends_at_once_and_its_model_soon():
    async def main():
        llm = Words(wait=2)
        answer = asyncio.create_task(llm.acomplete("a b c d e"))
        while not llm.reached.is_set():
            await asyncio.sleep(0.001)
        answer.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await answer  # the model still waits: nobody waits for it
        assert not llm.closed.is_set()
        assert str(caught.value.partial) == "a b "
        llm.go.set()
        assert await asyncio.to_thread(llm.closed.wait, 30)
        assert llm.cancelled

    asyncio.run(main())


@pytest.mark.parametrize("leave", ["aclose", "break", "del"])
def test_an_async_stream_that_is_left_is_closed(leave):
    async def main():
        llm = Words()
        stream = llm.astream_complete("a b c")
        async for _ in stream:
            break
        if leave == "aclose":
            await stream.aclose()
            with pytest.raises(StopAsyncIteration):
                await anext(stream)
        elif leave == "del":
            del stream
        else:
            del stream, _
        assert await asyncio.to_thread(llm.closed.wait, 30)

    asyncio.run(main())


def test_no_thread_is_left_behind():
    before = threading.active_count()

    async def main():
        await Words().acomplete("a b")
        await Words().astream_complete("a b").aclose()

    asyncio.run(main())
    deadline = time.monotonic() + 30
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before
