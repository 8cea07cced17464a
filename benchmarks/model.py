"""The built-in model beside llama.cpp, on one thread: `python -m benchmarks.model`.

Both read the same file and the same tokens, one after the other in every round; a figure is the best round's CPU
time of this thread, because the machine is shared. llama.cpp is the library in the wheel `xllamacpp`: an AVX2 build,
whatever the CPU has. `LOGITLAB_TARGET` says which kernels ours uses. Memory is Linux's account of the process.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import logitlab
from logitlab.llms import BuiltIn

ROUNDS, STEPS, PROMPT, FAR = 5, 8, 67, 2000

LOAD = """
import sys, time
start = time.perf_counter()
from logitlab.llms import BuiltIn
imported = time.perf_counter()
llm = BuiltIn(sys.argv[1])
loaded = time.perf_counter()
llm.complete("What is Singapore?", num_predict=100, seed=1)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(loaded - imported, int(peak.split()[1]) / 1024)
"""


def best(*work: Callable[[], object]) -> list[float]:
    """Milliseconds of CPU time of each, taken in turns."""
    times = [[] for _ in work]
    for _ in range(ROUNDS):
        for taken, run in zip(times, work, strict=True):
            start = time.thread_time()
            run()
            taken.append((time.thread_time() - start) * 1e3)
    return [min(taken) for taken in times]


class Ours:
    def __init__(self, llm: BuiltIn) -> None:
        self.network = llm._model.network

    def prefill(self, tokens: list[int]) -> None:
        cache = self.network._cache(FAR + 100)
        self.network.read(cache, tokens, lambda: False)
        self.cache = cache

    def decode(self) -> None:
        kept = len(self.cache.tokens)
        for token in range(100, 100 + STEPS):
            self.network.step(self.cache, token)
        del self.cache.tokens[kept:]


class LlamaCpp:
    def __init__(self, path: Path) -> None:
        from tests.llms.llama_cpp import Model

        self.model = Model(path, context=4096)

    def prefill(self, tokens: list[int]) -> None:
        self.model.logits(tokens)

    def decode(self) -> None:
        for token in range(100, 100 + STEPS):
            self.model.feed([token])


def row(what: str, ours: float, theirs: float, must: float) -> str:
    return f"{what:24} {ours:8.1f} {theirs:10.1f} {ours / theirs:7.2f} {must:6.2f}"


def main() -> None:
    llm = BuiltIn()
    tokens = llm.tokenize("The history of the city is long. " * 300)
    ours, theirs = Ours(llm), LlamaCpp(llm.path)
    print(
        f"target {logitlab.targets()['used']}; llama.cpp's AVX2 build; milliseconds of CPU time, one thread"
    )
    print(f"{'':24} {'logitlab':>8} {'llama.cpp':>10} {'ratio':>7} {'must':>6}")
    prefill = best(lambda: ours.prefill(tokens[:PROMPT]), lambda: theirs.prefill(tokens[:PROMPT]))
    print(row(f"prefill of {PROMPT} tokens", *prefill, 0.5))
    decode = best(ours.decode, theirs.decode)
    print(row("a token after them", *(taken / STEPS for taken in decode), 0.7))
    ours.prefill(tokens[:FAR])
    theirs.prefill(tokens[:FAR])
    decode = best(ours.decode, theirs.decode)
    print(row(f"a token after {FAR}", *(taken / STEPS for taken in decode), 0.5))
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(llm.path)], capture_output=True, text=True, check=True
    )
    seconds, memory = map(float, done.stdout.split())
    print(f"loading from the cache: {seconds:.2f} s; peak RSS after an answer of 100 tokens: {memory:.0f} MB")


if __name__ == "__main__":
    main()
