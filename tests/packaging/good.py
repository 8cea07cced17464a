"""What type checkers must accept. They read this file, nothing runs it."""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import logitlab as ll
from logitlab import Sampler, connect, softargmax
from logitlab.llms import LLM, BuiltIn, Ollama
from logitlab.sampling import Comparison, Trace

half = np.zeros(3, np.float16)
single = np.zeros(3, np.float32)
double = np.zeros(3, np.float64)
whole = np.zeros(3, np.int32)

assert_type(softargmax(half), NDArray[np.float16])
assert_type(ll.softargmax(single, 0.5, axis=None), NDArray[np.float32])
assert_type(ll.softargmax(double, T=[0.1, 1.0]), NDArray[np.float64])
assert_type(ll.softargmax(single, out=single), NDArray[np.float32])
assert_type(ll.softargmax(whole), NDArray[np.float64])
assert_type(ll.softargmax([0.2, 0.3]), NDArray[np.float64])
assert_type(ll.softargmax([[1, 2], [3, 4]]), NDArray[np.float64])
assert_type(ll.log_softargmax(single), NDArray[np.float32])
assert_type(ll.log_softargmax(whole), NDArray[np.float64])
assert_type(ll.top_k(single, 2), NDArray[np.float32])
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
