"""Time per element against the row's length, with the time of copying the row as the floor."""

import numpy as np

from benchmarks.cases import Case, draw
from benchmarks.clock import Code, side_by_side
from benchmarks.run import contenders

LENGTHS = [4**i for i in range(1, 11)]
WORKS = {
    "softargmax": ("softargmax", {"T": 0.8}),
    "top_k(50)": ("top_k", {"k": 50}),
    "draw": ("draw", draw()),
    "draw, top_k 50": ("draw", draw(k=50)),
}
STYLE = {"logitlab": ("#1f5fa8", "-", 3), "copy": ("#777777", ":", 2)}
COLOURS = {"helper": "#c8642a", "numpy": "#b08900", "scipy": "#8d5fb0", "torch": "#c23b5a", "jax": "#3a8f5c",
           "onnxruntime": "#5a6b7b", "llama.cpp": "#00838f"}  # fmt: skip


def measure(libraries, seconds=0.1):
    """{work: {contender: [(n, seconds per element)]}}"""
    found = {}
    for title, (work, options) in WORKS.items():
        lines = found.setdefault(title, {})
        for n in LENGTHS:
            if n < 64 and options.get("k"):
                continue
            case = Case(title, work, (n,), options)
            codes = contenders(case, libraries)
            codes.pop("max", None)
            codes["copy"] = Code("x.copy()")
            for name, timing in side_by_side(codes, case.rows(), seconds).items():
                lines.setdefault(name, []).append((n, timing.seconds / n))
    return found


def save(measured, path):
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(12, 9), sharex=True, sharey=True, layout="constrained")
    for axis, (title, lines) in zip(axes.flat, measured.items(), strict=True):
        for name, points in lines.items():
            colour, dash, width = STYLE.get(name, (COLOURS.get(name, "black"), "--", 1.3))
            n, times = np.array(points).T
            label = "copying the row" if name == "copy" else name
            axis.loglog(
                n, times * 1e9, dash, color=colour, linewidth=width, marker="o", markersize=3, label=label
            )
        axis.set_title(title, fontsize=14)
        axis.grid(alpha=0.25)
        axis.legend(fontsize=9)
    figure.supxlabel("logits in the row", fontsize=13)
    figure.supylabel("nanoseconds per logit", fontsize=13)
    figure.savefig(path, dpi=110)
