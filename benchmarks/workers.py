"""What a second core brings: workers=2 and -1 beside workers=1, each as a ratio measured in one run.

    python -m benchmarks.workers

The times are wall times, so the figures mean nothing while something else runs on the machine: the load is printed
first. A figure is the 20th percentile of calls that take turns. Two threads that copy the same amount of memory say
what the memory allows.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

import logitlab as ll
from benchmarks.sampler import line, microseconds

SHAPE = (256, 32_000)
BARS = {"softargmax": "at least 1.7", "draw": "at least 1.7", "draw, top_k 50": "at least 1.5"}


def batches(count: int = 3) -> list[Any]:
    """Batches larger than the caches, each with a result to write to."""
    rng = np.random.default_rng(0)
    arrays = [(rng.standard_normal(SHAPE) * 3).astype(np.float32) for _ in range(count)]
    return [(x, np.empty_like(x)) for x in arrays]


def call(work: str, batch: Any, workers: int) -> None:
    """Do one of the works."""
    x, out = batch
    if work == "softargmax":
        ll.softargmax(x, 0.8, out=out, workers=workers)
    elif work == "draw":
        ll.sample(x, temperature=0.8, rng=1, workers=workers)
    else:
        ll.sample(x, temperature=0.8, top_k=50, rng=1, workers=workers)


def memory(rows: list[Any]) -> None:
    """Print what two threads gain that only copy."""

    def halves(batch: Any) -> None:
        x, out = batch
        half = len(x) // 2
        list(pool.map(lambda part: np.copyto(out[part], x[part]), (slice(half), slice(half, None))))

    with ThreadPoolExecutor(2) as pool:
        times = microseconds({"one": lambda batch: np.copyto(batch[1], batch[0]), "two": halves}, rows)
    line("copying, one thread / two", times["one"] / times["two"], "what the memory allows", times)


def main() -> None:
    """Print all ratios."""
    print(f"load {os.getloadavg()[0]:.1f} on {len(os.sched_getaffinity(0))} cores; float32, {SHAPE}")
    rows = batches()
    memory(rows)
    for work, bar in BARS.items():
        functions = {
            f"workers={workers}": lambda batch, work=work, workers=workers: call(work, batch, workers)
            for workers in (1, 2, -1)
        }
        times = microseconds(functions, rows)
        for workers in (2, -1):
            line(f"{work}, 1 / {workers}", times["workers=1"] / times[f"workers={workers}"], bar, times)


if __name__ == "__main__":
    main()
