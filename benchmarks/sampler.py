"""What a whole chain and a trace cost beside what they are made of: ratios measured in one run, rows rotating.

    python -m benchmarks.sampler

Ollama's chain against llama.cpp's is a row of the large table, `make bench`.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from logitlab import Sampler, softargmax
from logitlab.sampling import (
    DRY,
    XTC,
    FrequencyPenalty,
    MinP,
    PresencePenalty,
    RepetitionPenalty,
    Temperature,
    TopK,
    TopP,
    TypicalP,
)

OLLAMA = Sampler.defaults("ollama")
EVERYTHING = Sampler(
    [
        RepetitionPenalty(1.1, 64),
        PresencePenalty(0.2, 64),
        FrequencyPenalty(0.1, 64),
        DRY(0.8, last_n=64),
        TopK(200),
        TypicalP(0.95),
        TopP(0.95),
        MinP(0.02),
        XTC(0.5, 0.1),
        Temperature(0.8),
    ]
)
ONLY_TOP_K = Sampler([TopK(200)])


def rows_of(n: int, count: int = 31) -> list[Any]:
    """Rows of a vocabulary, different ones, so that no branch is learned."""
    rng = np.random.default_rng(n)
    return [(rng.standard_normal(n) * 3).astype(np.float32) for _ in range(count)]


def microseconds(
    functions: dict[str, Callable[[Any], Any]], rows: Sequence[Any], seconds: float = 1.0
) -> dict[str, float]:
    """The 20th percentile of each function's time, calls interleaved."""
    spent: dict[str, list[float]] = {name: [] for name in functions}
    for function in functions.values():
        function(rows[0])
    end, i = time.perf_counter() + seconds * len(functions), 0
    while time.perf_counter() < end or i < 20 * len(functions):
        for name, function in functions.items():
            row = rows[
                i % len(rows)
            ]  # another one each time: none finds its row in the cache because of another
            start = time.perf_counter()
            function(row)
            spent[name].append(time.perf_counter() - start)
            i += 1
    return {name: float(np.percentile(times, 20)) * 1e6 for name, times in spent.items()}


def line(name: str, ratio: float, bar: str, times: dict[str, float]) -> None:
    """Print one ratio with what it is held against."""
    shown = ", ".join(f"{key} {value:.1f} us" for key, value in times.items())
    print(f"{name}: {ratio:.2f} ({bar}; {shown})")


def main() -> None:
    """Print every ratio."""
    rng = np.random.default_rng(1)
    history = rng.integers(0, 500, 256)
    rows = rows_of(128_256)
    times = microseconds(
        {
            "whole chain": lambda row: EVERYTHING.sample(row, rng=rng, history=history),
            "top_k 200": lambda row: ONLY_TOP_K.sample(row, rng=rng),
        },
        rows,
    )
    line("whole chain / top_k 200, 128256", times["whole chain"] / times["top_k 200"], "at most 1.5", times)
    rows = rows_of(262_144)
    times = microseconds(
        {
            "trace": lambda row: OLLAMA.trace(row),
            "sample": lambda row: OLLAMA.sample(row, rng=rng),
            "softargmax": lambda row: softargmax(row),
        },
        rows,
    )
    bound = 5 * times["sample"] + times["softargmax"]
    line("trace / (5 samples + softargmax), 262144", times["trace"] / bound, "at most 1", times)


if __name__ == "__main__":
    main()
