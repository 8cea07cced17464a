"""The Ollama client beside what a user would call instead: `python -m benchmarks.ollama_client`.

All clients read the same streams from the same stub server, which runs in a process of its own, one after
the other in turns. Compared are the CPU time that the client's process needs per chunk, how long after the
call the first chunk is there, and what importing costs. Clients: logitlab, the `ollama` package, and the
standard library's http.client with json, which is the least that Python can do.
"""

import http.client
import json
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[1]
STUB = ROOT / "tests" / "wire" / "stub.py"
CHUNKS, ROUNDS, CALLS, IMPORTS = 100_000, 3, 200, 11

Client = Callable[[int], Iterator[Any]]  # n -> the chunks of an answer of n tokens


def logitlab_client(url: str) -> Client:
    from logitlab.llms import Ollama

    llm = Ollama("gemma:7b", url)
    return lambda n: llm.stream_complete("hi", num_predict=n)


def ollama_client(url: str) -> Client:
    import ollama

    client = ollama.Client(url)
    return lambda n: client.generate("gemma:7b", "hi", stream=True, options={"num_predict": n})


def http_client(url: str) -> Client:
    connection = http.client.HTTPConnection(url.removeprefix("http://"))

    def stream(n: int) -> Iterator[Any]:
        body = json.dumps({"model": "gemma:7b", "prompt": "hi", "options": {"num_predict": n}})
        connection.request("POST", "/api/generate", body, {"Content-Type": "application/json"})
        for line in connection.getresponse():
            yield json.loads(line)

    return stream


def cpu_per_chunk(client: Client) -> float:
    """Microseconds of this process's CPU time."""
    start = time.process_time()
    count = sum(1 for _ in client(CHUNKS))
    assert count == CHUNKS + 1, count
    return (time.process_time() - start) / count * 1e6


def first_chunk(client: Client) -> float:
    """Milliseconds from the call to the first chunk."""
    start = time.perf_counter()
    chunks = client(1)
    next(chunks)
    taken = time.perf_counter() - start
    for _ in chunks:
        pass
    return taken * 1e3


def import_time(statement: str) -> float:
    """Milliseconds in a fresh process."""
    code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(run.stdout) * 1e3


def in_turns(measure: Callable[[Any], float], contenders: dict[str, Any], rounds: int) -> dict[str, float]:
    """The median of each, measured one after the other so that a busy machine is busy for all."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            taken[name].append(measure(contender))
    return {name: median(times) for name, times in taken.items()}


def table(title: str, unit: str, times: dict[str, float], base: str) -> None:
    print(f"\n{title}\n")
    for name, taken in times.items():
        print(f"  {name:<34}{taken:9.2f} {unit}   {taken / times[base]:5.2f} x {base}")


def main() -> None:
    if find_spec("ollama") is None:
        sys.exit("the `ollama` package is not installed here; the environment of `make bench` has it")
    print(f"Python {platform.python_version()}, {platform.machine()}")
    with subprocess.Popen(
        [sys.executable, str(STUB)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        clients = {
            "logitlab": logitlab_client(url),
            "ollama": ollama_client(url),
            "http.client and json": http_client(url),
        }
        in_turns(first_chunk, clients, 10)  # connections, caches
        cpu = in_turns(cpu_per_chunk, clients, ROUNDS)
        table(f"CPU per streamed chunk ({CHUNKS} chunks, median of {ROUNDS})", "us", cpu, "ollama")
        first = in_turns(first_chunk, clients, CALLS)
        table(f"Call to first chunk (median of {CALLS})", "ms", first, "ollama")
        server.kill()
    statements = [
        "import ollama",
        "import logitlab.llms",
        "import numpy",
        "import numpy; t = time.perf_counter(); import logitlab.llms",
        "import numpy; t = time.perf_counter(); from logitlab.llms import Ollama",
    ]
    imports = in_turns(import_time, {statement: statement for statement in statements}, IMPORTS)
    names = ["ollama", "logitlab.llms", "  of which NumPy", "  beyond NumPy", "  beyond NumPy, with Ollama"]
    imported = dict(zip(names, imports.values(), strict=True))
    table(f"Import (median of {IMPORTS} fresh processes)", "ms", imported, "ollama")


if __name__ == "__main__":
    main()
