"""What a whole chain and a trace cost beside what they are made of, and beside llama.cpp: ratios measured in one run.

    python -m benchmarks.sampler

It prints the figures that the sampler is held to. Every call has a row of its own, as each token of a text has.
llama.cpp's part needs its wheel (Linux on x86-64); filling its records is not timed.
"""

import ctypes
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from logitlab import Sampler, softargmax
from logitlab.llms.smol.cache import Cache
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


HALF_CHAINS = {
    "top_k 40": Sampler([TopK(40), Temperature(0.8)]),
    "min_p 0.05": Sampler([MinP(0.05), Temperature(0.8)]),
    "top_p 0.9": Sampler([TopP(0.9), Temperature(0.8)]),
}


def rows_of(n: int, dtype: Any = np.float32, count: int = 31) -> list[Any]:
    """Rows of a vocabulary, different ones, so that no branch is learned."""
    rng = np.random.default_rng(n)
    return [(rng.standard_normal(n) * 3).astype(dtype) for _ in range(count)]


def microseconds(
    functions: dict[str, Callable[[Any], Any]],
    rows: Sequence[Any],
    seconds: float = 1.0,
    prepare: Callable[[str, Any], None] = lambda name, row: None,
) -> dict[str, float]:
    """Give the 20th percentile of each function's time, calls interleaved; what `prepare` does is not timed."""
    spent: dict[str, list[float]] = {name: [] for name in functions}
    for name, function in functions.items():
        prepare(name, rows[0])
        function(rows[0])
    end, i = time.perf_counter() + seconds * len(functions), 0
    while time.perf_counter() < end or i < 20 * len(functions):
        for name, function in functions.items():
            row = rows[
                i % len(rows)
            ]  # another one each time: none finds its row in the cache because of another
            prepare(name, row)
            start = time.perf_counter()
            function(row)
            spent[name].append(time.perf_counter() - start)
            i += 1
    return {name: float(np.percentile(times, 20)) * 1e6 for name, times in spent.items()}


def line(name: str, ratio: float, bar: str, times: dict[str, float]) -> None:
    """Print one ratio with what it is held against."""
    shown = ", ".join(f"{key} {value:.1f} us" for key, value in times.items())
    print(f"{name}: {ratio:.2f} ({bar}; {shown})")


def beside_llama_cpp(n: int) -> None:
    """Print llama.cpp's time for Ollama's chain over logitlab's."""
    from benchmarks.llama import Chain, open_library

    chain = Chain(open_library(), n, T=0.8, k=40, p=0.9)
    apply, here = chain.llama["apply"], ctypes.byref(chain.candidates)
    rng = np.random.default_rng(1)
    times = microseconds(
        {
            "llama.cpp": lambda row: apply(chain.handle, here),
            "logitlab": lambda row: OLLAMA.sample(row, rng=rng),
        },
        rows_of(n),
        prepare=lambda name, row: chain.fill(row) if name == "llama.cpp" else None,
    )
    line(
        f"llama.cpp / logitlab, Ollama's chain, {n}",
        times["llama.cpp"] / times["logitlab"],
        "at least 1.5",
        times,
    )


def whole_chain() -> None:
    """Print the time of every step, penalties and DRY over 64 tokens included, over the selection's alone."""
    rng = np.random.default_rng(1)
    history = rng.integers(0, 500, 256)
    times = microseconds(
        {
            "whole chain": lambda row: EVERYTHING.sample(row, rng=rng, history=history),
            "top_k 200": lambda row: ONLY_TOP_K.sample(row, rng=rng),
        },
        rows_of(128_256),
    )
    line(
        "whole chain / top_k 200 alone, 128256",
        times["whole chain"] / times["top_k 200"],
        "at most 1.5",
        times,
    )


def half_rows() -> None:
    """Print the time of a chain on float16 rows over its time on the same rows in float32."""
    half = rows_of(131_072, np.float16)
    single = [row.astype(np.float32) for row in half]
    pairs = list(zip(half, single, strict=True))
    for name, sampler in HALF_CHAINS.items():
        rng = np.random.default_rng(1)

        def draw(row: Any, sampler: Sampler = sampler, rng: Any = rng) -> None:
            sampler.sample(row, rng=rng)

        functions = {"float16": lambda pair: draw(pair[0]), "float32": lambda pair: draw(pair[1])}
        times = microseconds(functions, pairs)
        ratio = times["float16"] / times["float32"]
        line(f"float16 / float32, {name}, 131072", ratio, "at most 1.1", times)


def traced() -> None:
    """Print the time of a trace over five plain calls and one softargmax."""
    rng = np.random.default_rng(1)
    times = microseconds(
        {
            "trace": lambda row: OLLAMA.trace(row),
            "plain call": lambda row: OLLAMA.sample(row, rng=rng),
            "softargmax": lambda row: softargmax(row),
        },
        rows_of(262_144),
    )
    bound = 5 * times["plain call"] + times["softargmax"]
    line("trace / (5 plain calls + softargmax), 262144", times["trace"] / bound, "at most 1", times)


def long_answers() -> None:
    """Print the time of one token of the built-in model's draw after 2000 tokens over its time after 20.

    The tokens so far come from the model's cache, one more for each call, as while it writes; a list of them is
    converted anew for each token, and shown for comparison.
    """
    sampler, rng = Sampler(repeat_penalty=1.1, top_k=40, temperature=0.8), np.random.default_rng(1)
    caches = {length: Cache(None, 0) for length in (20, 2000)}  # type: ignore[arg-type]

    def draw(length: int, row: Any, as_list: bool = False) -> None:
        cache = caches[length]
        cache.tokens.append(len(cache.tokens) % 1000)
        sampler.sample(row, rng=rng, history=cache.tokens if as_list else cache.history)

    def prepare(name: str, row: Any) -> None:
        for length, cache in caches.items():
            if len(cache.tokens) >= length + 100:
                cache.cut([*cache.tokens[:length], -1])
            cache.tokens += range(len(cache.tokens), length)

    times = microseconds(
        {
            "2000 tokens": lambda row: draw(2000, row),
            "20 tokens": lambda row: draw(20, row),
            "2000 as a list": lambda row: draw(2000, row, as_list=True),
        },
        rows_of(49_152),
        prepare=prepare,
    )
    ratio = times["2000 tokens"] / times["20 tokens"]
    line("a token after 2000 / after 20, 49152", ratio, "at most 1.2", times)


def main() -> None:
    """Print every ratio."""
    try:
        for n in (32_000, 128_256, 262_144):
            beside_llama_cpp(n)
    except ImportError as error:
        print(f"llama.cpp / logitlab, Ollama's chain: not measured, {error}")
    whole_chain()
    half_rows()
    traced()
    long_answers()


if __name__ == "__main__":
    main()
