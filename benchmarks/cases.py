"""The rows of the table, and how far ahead logitlab means to be in each.

A bar is a ratio to the fastest of the named peers in the same run on a CPU with AVX-512; `must` is what has
to hold, `aim` what the machine's limit should allow. The numbers are bounds that we set before the code was
written.
"""

from dataclasses import dataclass, field

import numpy as np

SIZES = (32_000, 128_256, 262_144)  # vocabularies of Llama 2, Llama 3 and Gemma


@dataclass(frozen=True)
class Case:
    """One row: a kind of work on rows of one shape. `against`: the peers that the bar counts, None is all."""

    title: str
    work: str
    shape: tuple
    options: dict = field(default_factory=dict)
    dtype: str = "float32"
    must: float | None = None
    aim: float | None = None
    against: tuple | None = None
    target: str | None = None  # forces logitlab's code for this CPU target

    @property
    def label(self):
        n = " x ".join(f"{size:,}".replace(",", " ") for size in self.shape)
        return f"{self.title}, {n}" + (f" ({self.target})" if self.target else "")

    def rows(self):
        """Several arrays, together larger than a core's own caches, alike in every run."""
        rng = np.random.default_rng(0)
        size = int(np.prod(self.shape))
        if size == 4:
            return [np.array([0.2, 0.3, 0.1, 0.4], self.dtype)]
        count = min(64, max(3, 2_500_000 // size))
        return [(rng.standard_normal(self.shape) * 3).astype(self.dtype) for _ in range(count)]


def by_size(title, work, options, must_at_32000, must_above, aim, **more):
    return [
        Case(title, work, (n,), options, must=must_at_32000 if n == 32_000 else must_above, aim=aim, **more)
        for n in SIZES
    ]


def draw(T=0.8, k=None, p=None):
    return {"T": T, "k": k, "p": p}


BATCH = (64, 32_000)
FOUR = ("helper",)  # at n = 4 the promise is about the script's own function
TENSORS = ("torch", "jax", "scipy")  # who takes a batch of rows in one call

CASES = [
    Case("softargmax float64", "softargmax", (4,), {"T": 0.1}, "float64", 8, 12, FOUR),
    Case("top_k(2) float64", "top_k", (4,), {"k": 2}, "float64", 5, 8, FOUR),
    *by_size("softargmax", "softargmax", {"T": 0.8}, 1.5, 1.5, 2),
    *by_size("softargmax", "softargmax", {"T": 0.8}, 1.1, 1.1, 1.4, target="avx2"),
    *by_size("softargmax float64", "softargmax", {"T": 0.8}, 1.3, 1.3, 1.8, dtype="float64"),
    *by_size("log_softargmax", "log_softargmax", {"T": 0.8}, None, None, None),
    *by_size("top_k(50)", "top_k", {"k": 50}, 3.5, 4, 6),
    *by_size("draw", "draw", draw(), 5, 7, 10),
    *by_size("draw, top_k 50", "draw", draw(k=50), 1.5, 2, 3),
    *by_size("draw, top_p 0.9", "draw", draw(p=0.9), 30, 45, 70),
    *by_size("draw, Ollama's defaults", "draw", draw(k=40, p=0.9), 1.5, 1.5, 2.5),
    Case("softargmax of a batch", "softargmax", BATCH, {"T": 0.8}, must=1.5, aim=2, against=TENSORS),
    Case(
        "token_logprobs of a batch",
        "token_logprobs",
        (256, 50_257),
        {"T": 1.0},
        must=3,
        aim=5,
        against=TENSORS,
    ),
    Case("logsumexp of a batch", "logsumexp", BATCH, {"T": 0.8}, against=TENSORS),
    *[
        Case(f"top_k({k}) of short rows {dtype}", "top_k", shape, {"k": k}, dtype, must, aim, ("numpy",))
        for dtype in ("float32", "float64")
        for shape, k, must, aim in [
            ((100_000, 10), 3, 2, 5),
            ((20_000, 32), 2, 2, 5),
            ((2000, 128), 5, 1.3, 2),
        ]
    ],
    Case("draw for a batch", "draw", BATCH, draw(), must=25, aim=40, against=TENSORS),
    Case("draw for a batch, top_k 50", "draw", BATCH, draw(k=50), must=6, aim=9, against=TENSORS),
]


def no_slower(target):
    """At 128 256 no function may be slower than its helper on any target with fused operations."""
    works = [
        ("softargmax", {"T": 0.8}),
        ("log_softargmax", {"T": 0.8}),
        ("top_k", {"k": 50}),
        ("argtop_k", {"k": 50}),
        ("draw", draw()),
    ]
    return [
        Case(f"{work} against the helper", work, (128_256,), options, must=1, against=FOUR, target=target)
        for work, options in works
    ]


CASES += no_slower("avx2")

# top_k(50) has two more bounds, against the least that any selection must do: one look at every logit
MAX_MUST, MAX_AIM, MAX_EXTRA_SECONDS = 2.0, 1.3, 3e-6
# time per element at the largest size over that at the smallest
GROWTH_MUST = 1.3
