"""What type checkers must accept. They read this file, nothing runs it."""

from collections.abc import Generator
from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import logitlab as ll
from logitlab import Sampler, connect, softargmax
from logitlab.llms import LLM, BuiltIn, ChatMessage, ChatResponse, CompletionResponse, Ollama
from logitlab.llms.base import Chunk, Request
from logitlab.sampling import Comparison, Trace

half = np.zeros(3, np.float16)
single = np.zeros(3, np.float32)
double = np.zeros(3, np.float64)
whole = np.zeros(3, np.int32)

assert_type(softargmax(half), NDArray[np.float16])
assert_type(ll.softargmax(single, 0.5, axis=None), NDArray[np.float32])
assert_type(ll.softargmax(double, T=[0.1, 1.0]), NDArray[np.float64])
assert_type(ll.softargmax(single, out=single), NDArray[np.float32])
assert_type(ll.softargmax(single, workers=-1), NDArray[np.float32])
assert_type(ll.top_k(single, 2, workers=None), NDArray[np.float32])
assert_type(ll.sample(single, size=3, workers=2), NDArray[np.intp])
assert_type(Sampler(top_k=2).probs(single, workers=2), NDArray[np.float32])
with ll.set_workers(-1):
    ll.Sampler().trace(single, workers=np.int64(2))
assert_type(ll.softargmax(whole), NDArray[np.float64])
assert_type(ll.softargmax([0.2, 0.3]), NDArray[np.float64])
assert_type(ll.softargmax([[1, 2], [3, 4]]), NDArray[np.float64])
assert_type(ll.log_softargmax(single), NDArray[np.float32])
assert_type(ll.log_softargmax(whole), NDArray[np.float64])
assert_type(ll.softargmax(single, axis=(0,)), NDArray[np.float32])
assert_type(ll.logsumexp(half), np.float16 | NDArray[np.float16])
assert_type(ll.logsumexp([[1, 2], [3, 4]], 0.5, axis=(0, 1)), np.float64 | NDArray[np.float64])
assert_type(ll.token_logprobs(single, 2), np.float32 | NDArray[np.float32])
assert_type(ll.token_logprobs(whole, [1], T=[1.0, 2.0]), np.float64 | NDArray[np.float64])
perplexity = float(np.exp(-ll.token_logprobs(single, 2).mean()))
assert_type(ll.top_k(single, 2), NDArray[np.float32])
assert_type(ll.top_k(single, 2, order="descending"), NDArray[np.float32])
assert_type(ll.top_k(single, 2, return_indices=True), tuple[NDArray[np.float32], NDArray[np.intp]])
assert_type(ll.top_k(whole, 2, axis=None, return_indices=True), tuple[NDArray[np.int32], NDArray[np.intp]])
assert_type(ll.argtop_k(single, 2, order="descending"), NDArray[np.intp])
assert_type(ll.top_k(whole, k=2), NDArray[np.int32])
assert_type(ll.argtop_k(single, 2), NDArray[np.intp])

assert_type(ll.sample([0.2, 0.3], rng=7), np.intp)
assert_type(ll.sample(single, size=3), NDArray[np.intp])
assert_type(ll.sample([0.2, 0.3], size=(2, 2)), NDArray[np.intp])
assert_type(ll.sample(single, temperature=[0.1, 1.0]), np.intp | NDArray[np.intp])
assert_type(
    ll.sample(single, repeat_penalty=1.1, history=[1, 2], logit_bias={3: -1.0}), np.intp | NDArray[np.intp]
)


def any_array(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return ll.softargmax(x, 0.7)


def drawn(x: NDArray[np.float32]) -> np.intp | NDArray[np.intp]:
    return ll.sample(x)


assert_type(Sampler(temperature=0.8, top_k=50), Sampler)
assert_type(ll.Sampler(repetition_penalty=1.1, engine="vllm").replace(top_p=None), Sampler)
assert_type(ll.Sampler().trace(single), Trace)
assert_type(ll.compare(single, temperature=0.8), Comparison)
assert_type(connect("gemma:7b"), LLM)
assert_type(Ollama("gemma:7b"), Ollama)
assert_type(BuiltIn(), BuiltIn)
assert_type(ll.llms.Ollama(model="gemma:7b"), Ollama)

assert_type(Sampler(top_k=2).sample(single, size=3), NDArray[np.intp])
assert_type(Sampler(top_k=2).sample([0.2, 0.3], size=(2, 2), rng=7), NDArray[np.intp])
assert_type(Sampler(temperature=[0.5, 1.0]).sample([0.2, 0.3], rng=7), np.intp | NDArray[np.intp])
assert_type(Sampler(top_k=2).probs(half), NDArray[np.float16])
assert_type(Sampler(top_k=2).probs(single, axis=0), NDArray[np.float32])
assert_type(Sampler(top_k=2).probs(double, history=[[1, 2]]), NDArray[np.float64])
assert_type(Sampler(top_k=2).probs(whole), NDArray[np.float64])
assert_type(Sampler(top_k=2).probs([[0.2, 0.3], [0.1, 0.4]]), NDArray[np.float64])


def draws(x: NDArray[np.float32], size: int | None = None) -> np.intp | NDArray[np.intp]:
    return ll.sample(x, size=size) if size == 1 else Sampler(top_k=2).sample(x, size=size)


llm = Ollama("gemma:7b", "127.0.0.1:11434", temperature=0.6, timeout=60, keep_alive="10m", num_gpu=0)
assert_type(connect("gemma:7b", fallback=None), Ollama)
assert_type(connect("gemma:7b", fallback=BuiltIn(), host="127.0.0.1", temperature=np.float32(0.6)), LLM)
assert_type(
    Ollama("m", base_url="http://a:1", request_timeout=60.0, context_window=8192, json_mode=True), Ollama
)
assert_type(BuiltIn(sampler=Sampler(top_k=2), xtc_probability=np.array([0.5]), trace=True), BuiltIn)

# options that are kept in a dict, of one kind and of several
numbers = {"temperature": 0.8, "top_k": 50}
several = {"temperature": 0.8, "top_k": 50, "stop": ["END"], "system": "Be brief.", "seed": 1}
assert_type(llm.complete("Hi", **numbers), CompletionResponse)
assert_type(llm.complete("Hi", **several), CompletionResponse)
assert_type(BuiltIn().complete("Hi", **several), CompletionResponse)
assert_type(connect("gemma:7b").complete("Hi", **several), CompletionResponse)


def asked(model: LLM, prompt: str, **options: Any) -> str:
    return str(model.complete(prompt, **options))


def tool(city: str) -> str:
    return city


class Message:
    """As another package has it."""

    role = "user"
    content = "Hi"


spoken = [ChatMessage("user", "Hi")]
spoken.append(llm.chat(spoken, tools=[tool]).message)
assert_type(llm.chat(spoken, think="low", format={"type": "object"}, keep_alive=-1), ChatResponse)
assert_type(llm.chat([{"role": "user", "content": "Hi"}]), ChatResponse)
assert_type(llm.chat([{"role": "user", "content": "Hi", "images": [b"GIF89a"]}, spoken[0]]), ChatResponse)
assert_type(BuiltIn().chat([Message()], min_p=0.1, tools=None), ChatResponse)
assert_type(llm.embed("Hi", dimensions=64, num_ctx=512), NDArray[np.float32])
llm.effective_options(temperature=1.0, tools=[tool])


class Own(LLM):
    def _stream(self, request: Request) -> Generator[Chunk, None, None]:
        yield Chunk("Hi")


assert_type(Own(seed=1).complete("Hi", temperature=0), CompletionResponse)


async def together(model: LLM) -> None:
    assert_type(await llm.acomplete("Hi", num_gpu=0), CompletionResponse)
    assert_type(await model.achat(spoken, top_k=np.int64(50)), ChatResponse)
    async for response in BuiltIn().astream_complete("Hi", trace=True):
        assert_type(response, CompletionResponse)
    for answer in model.stream_chat(spoken, top_p=0.9):
        assert_type(answer, ChatResponse)
