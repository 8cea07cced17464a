"""Batches of short rows, rows along other axes, and many draws from one row: `python -m benchmarks.short_rows`.

Each work is timed against what scripts have for it ("written": the helper with its maximum subtracted, SciPy, cumsum
and compare, searchsorted), and against the fastest NumPy expression that we know for short rows ("copies": the rows
transposed, so that reductions run down columns). All of them allocate their result; one thread each.
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.libraries import one_thread

one_thread()

import numpy as np  # noqa: E402 - the libraries read their variables when imported

import logitlab as ll  # noqa: E402
from benchmarks.clock import Code, side_by_side  # noqa: E402

try:
    import scipy.special as scipy
except ImportError:  # an optional peer
    scipy = None

LENGTHS = (2, 4, 10, 16, 64)
ELEMENTS = 4_000_000
AXIS_0 = (
    (64, 10_000),
    (128, 10_000),
    (256, 10_000),
    (1000, 10_000),
    (10_000, 1000),
    (50_257, 32),
    (256, 32_000),
)
CHANNELS = (3, 10, 21, 100)  # of 8 images of 256 x 256: softargmax over the second axis
DRAWS = ((2, 10**6), (10, 10**6), (16, 10**6), (100, 10**6), (1000, 10**6))


def helper(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def log_helper(x, axis):
    z = x - x.max(axis=axis, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=axis, keepdims=True))


def draw_helper(x, axis):
    p = helper(x, axis)
    u = np.expand_dims(np.random.default_rng(0).random(np.delete(p.shape, axis)), axis)
    return (np.cumsum(p, axis=axis) > u).argmax(axis=axis)


def draw_count(x, axis):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    sums = np.cumsum(e, axis=axis)
    total = np.take(sums, -1, axis=axis)
    u = np.random.default_rng(0).random(total.shape) * total
    return (sums <= np.expand_dims(u, axis)).sum(axis=axis)


def search(x, size):
    p = np.exp(x - x.max())
    return np.searchsorted(np.cumsum(p / p.sum()), np.random.default_rng(0).random(size))


def on_copies(function):
    """The function on a transposed copy of rows along the last axis; the result is one as well."""

    def call(x, axis):
        result = function(np.ascontiguousarray(x.T), 0)
        return np.ascontiguousarray(result.T) if result.ndim == 2 else result

    return call


@dataclass(frozen=True)
class Work:
    """What logitlab's function does, and who else can."""

    ours: object
    written: object
    best: object  # of NumPy, along the first axis
    scipy: str | None = None


WORKS = {
    "softargmax": Work(lambda x, axis: ll.softargmax(x, axis=axis), helper, helper, "softmax"),
    "log_softargmax": Work(
        lambda x, axis: ll.log_softargmax(x, axis=axis), log_helper, log_helper, "log_softmax"
    ),
    "draw": Work(lambda x, axis: ll.sample(x, axis=axis, rng=0), draw_helper, draw_count),
}


def contenders(name, axis, last):
    """{name: function of (x, axis)} for rows along an axis, which may be the last."""
    work = WORKS[name]
    found = {"logitlab": work.ours, "written": work.written}
    if work.best is not work.written:
        found["counted"] = work.best
    if last:
        found["copies"] = on_copies(work.best)
    if scipy and work.scipy:
        found["scipy"] = lambda x, axis: getattr(scipy, work.scipy)(x, axis=axis)
    return found


def cases():
    """(label, work, dtype, shape, axis) of each row of the table."""
    for dtype in ("float32", "float64"):
        for name in WORKS:
            for n in LENGTHS:
                rows = ELEMENTS // n
                yield f"{name} {dtype}, {rows} rows of {n}", name, dtype, (rows, n), -1
                yield f"{name} {dtype}, {rows} rows of {n}, axis 0", name, dtype, (n, rows), 0
        for shape in AXIS_0:
            yield f"softargmax {dtype}, {shape[1]} rows of {shape[0]}, axis 0", "softargmax", dtype, shape, 0
        for channels in CHANNELS:
            shape = (8, channels, 256, 256)
            yield f"softargmax {dtype}, {channels} channels, axis 1", "softargmax", dtype, shape, 1
    for n, size in DRAWS:
        yield f"sample(x, size={size}), n = {n}", "draws", "float64", (n,), size


def codes(name, shape, axis):
    """{name: Code} of one row of the table; `axis` is the number of draws where the work is "draws"."""
    if name == "draws":
        names = {"ll": ll, "search": search, "size": axis}
        return {
            "logitlab": Code("ll.sample(x, size=size, rng=0)", names),
            "written": Code("search(x, size)", names),
        }
    functions = contenders(name, axis, axis == -1)
    return {key: Code("f(x, axis)", {"f": f, "axis": axis}) for key, f in functions.items()}


def check(name, found, x):
    """That all do the same work: a fast wrong answer is no peer."""
    values = {key: np.asarray(code.value(x)) for key, code in found.items()}
    ours = values.pop("logitlab")
    for key, value in values.items():
        assert value.shape == ours.shape, key
        if name.startswith("draw"):
            assert (value == ours).mean() > 0.99, key  # the same doubles; a rounded sum may differ
        else:
            np.testing.assert_allclose(value, ours, rtol=1e-4, atol=1e-6, err_msg=key)


def measure(case, seconds):
    label, name, dtype, shape, axis = case
    x = np.random.default_rng(1).standard_normal(shape).astype(dtype)
    found = codes(name, shape, axis)
    check(name, found, x)
    timings = side_by_side(found, [x], seconds, least_rounds=5)
    ours = timings.pop("logitlab")
    least = {key: float(timing.rounds.min()) for key, timing in timings.items()}
    mine = float(ours.rounds.min())
    return {
        "label": label,
        "logitlab": mine,
        "peers": least,
        "written": least["written"] / mine,
        "best": min(least.values()) / mine,
    }


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.short_rows", description=__doc__)
    parser.add_argument("--only", default="", help="rows whose label contains this")
    parser.add_argument("--seconds", type=float, default=0.3, help="time per contender and row")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    arguments = parser.parse_args()
    print(
        f"kernels: {ll.targets()['used']}; the least of each contender's times, and how many times ours it is"
    )
    rows = []
    for case in cases():
        if arguments.only in case[0]:
            rows.append(row := measure(case, arguments.seconds))
            against = f"written {row['written']:6.2f}   best {row['best']:6.2f}"
            print(f"{row['label']:58} {row['logitlab'] * 1e3:9.3f} ms   {against}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
