"""The built-in model beside llama.cpp, on one thread: `python -m benchmarks.model`; memory alone: `... memory`.

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


ANSWER = """
import sys
from logitlab.llms import BuiltIn
llm = BuiltIn(sys.argv[1])
llm.complete("What is Singapore?", num_predict=100, seed=1)
print("answered", flush=True)
sys.stdin.readline()
"""


def best(*work: Callable[[], object], clock: Callable[[], float] = time.thread_time) -> list[float]:
    """Milliseconds of each, of CPU time unless the clock is another, taken in turns."""
    times = [[] for _ in work]
    for _ in range(ROUNDS):
        for taken, run in zip(times, work, strict=True):
            start = clock()
            run()
            taken.append((clock() - start) * 1e3)
    return [min(taken) for taken in times]


class Ours:
    def __init__(self, llm: BuiltIn, workers: int = 1) -> None:
        self.network, self.workers = llm._model.network, workers

    def prefill(self, tokens: list[int]) -> None:
        cache = self.network._cache(FAR + 100)
        cache.workers = self.workers
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


def megabytes(process: subprocess.Popen, field: str) -> float:
    """A field of Linux's account of a process's memory, in MB."""
    rows = Path(f"/proc/{process.pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    return next(int(row.split()[1]) for row in rows if row.startswith(field + ":")) / 1024


def memory(path: Path, most: int = 3) -> None:
    """What one process after another holds that has answered 100 tokens, all at once."""
    command, running, before = [sys.executable, "-c", ANSWER, str(path)], [], 0.0
    print(
        f"{'processes':>9} {'RSS of the last':>16} {'sum of PSS':>11} {'more':>6}    in MB; must: 220, and 80 more"
    )
    try:
        for count in range(1, most + 1):
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            running.append(process)
            process.stdout.readline()
            total = sum(megabytes(each, "Pss") for each in running)
            print(f"{count:9} {megabytes(process, 'Rss'):16.0f} {total:11.0f} {total - before:6.0f}")
            before = total
    finally:
        for process in running:
            process.communicate("\n")


def workers(llm: BuiltIn, tokens: list[int]) -> None:
    """Wall time, which means something on a machine that does nothing else."""
    one, two = Ours(llm, 1), Ours(llm, 2)
    clock = time.perf_counter
    prefill = best(lambda: one.prefill(tokens[:PROMPT]), lambda: two.prefill(tokens[:PROMPT]), clock=clock)
    decode = best(one.decode, two.decode, clock=clock)
    for what, (alone, shared) in (("prefill", prefill), (f"{STEPS} tokens", decode)):
        print(f"{what}: workers=1 {alone:.1f} ms, workers=2 {shared:.1f} ms, ratio {alone / shared:.2f}")


def main() -> None:
    llm = BuiltIn()
    if sys.argv[1:] == ["memory"]:
        return memory(llm.path)
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
    seconds, peak = map(float, done.stdout.split())
    workers(llm, tokens)
    print(f"loading from the cache: {seconds:.2f} s; peak RSS after an answer of 100 tokens: {peak:.0f} MB")
    memory(llm.path)


if __name__ == "__main__":
    main()
