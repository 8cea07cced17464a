"""What every target must compute alike: a program that hashes its results, and the rows of the published table."""

import numpy as np

BATTERY = """
import hashlib
import numpy as np
import logitlab as ll

digest = hashlib.sha256()
rng = np.random.default_rng(0)
for dtype in (np.float16, np.float32, np.float64):
    for n in (1, 2, 3, 15, 16, 17, 63, 64, 65, 127, 128, 129, 511, 513, 1000, 5001):
        for scale in (1e-3, 1, 3, 300, 1e4):
            row = (rng.standard_normal(n) * scale).astype(dtype)
            row[rng.random(n) < 0.1] = -np.inf
            row[0] = 0
            for T in (1e-300, 1e-3, 0.01, 0.1, 0.8, 1, 5, 100, 1e3, 1e300):
                digest.update(ll.softargmax(row, T).tobytes())
                digest.update(ll.log_softargmax(row, T).tobytes())
                digest.update(ll.sample(row, temperature=T, size=9, rng=n).tobytes())
                digest.update(ll.sample(row, temperature=T, top_p=0.9, size=9, rng=n).tobytes())
            for k in (1, 5, n // 100, n // 3):
                digest.update(ll.argtop_k(row, k).tobytes())
                digest.update(ll.sample(row, top_k=k, min_p=0.01, size=9, rng=n).tobytes())
    # results on both sides of the smallest normal number, and logits that are subnormal themselves
    edge = np.log(float(np.finfo(dtype).smallest_normal))
    digest.update(ll.softargmax((np.linspace(edge - 2, edge + 2, 999)).astype(dtype)).tobytes())
    digest.update(ll.softargmax(np.r_[0, np.linspace(edge - 2, edge + 2, 999)].astype(dtype)).tobytes())
    tiny = (np.arange(-500, 500) * float(np.finfo(dtype).smallest_subnormal)).astype(dtype)
    for T in (1e-3, 1, 1e3):
        digest.update(ll.softargmax(tiny, T).tobytes() + ll.log_softargmax(tiny, T).tobytes())
        digest.update(ll.softargmax(tiny[:1], T).tobytes() + ll.log_softargmax(tiny[:1], T).tobytes())
print(ll.targets()["used"], digest.hexdigest())
"""

# The logarithms of single tokens, log sum exp, tuples of axes, and selections best first.
LOGARITHMS = """
import hashlib
import numpy as np
import logitlab as ll

digest = hashlib.sha256()
rng = np.random.default_rng(1)
for dtype in (np.float16, np.float32, np.float64):
    for n in (1, 2, 3, 15, 17, 64, 65, 129, 1000, 5001):
        for scale in (1e-3, 3, 1e4):
            rows = (rng.standard_normal((2, 3, n)) * scale).astype(dtype)
            rows[rng.random(rows.shape) < 0.1] = -np.inf
            rows[..., 0] = 0
            tokens = rng.integers(0, n, (2, 3))
            for T in (0, 1e-300, 1e-3, 0.8, 1, 1e3, 1e300, np.inf):
                digest.update(ll.token_logprobs(rows, tokens, T).tobytes() + ll.logsumexp(rows, T).tobytes())
                digest.update(ll.logsumexp(rows, T, axis=(0, 2)).tobytes())
                digest.update(ll.softargmax(rows, T, axis=(0, 2)).tobytes())
            for array in ll.top_k(rows, 1 + n // 3, order="descending", return_indices=True):
                digest.update(array.tobytes())
print(ll.targets()["used"], digest.hexdigest())
"""

# What a process computes before and after the import: 0 in place of a subnormal number where the mode flushes those,
# other last bits where the rounding is not to the nearest.
MODE = """
import json
import numpy

def numbers():
    return [(float(a) / float(b)).hex() for a, b in (("2.2e-308", "4"), ("1", "3"), ("-1", "3"), ("5e-324", "1"))]

before = numbers()
import logitlab, logitlab._http
print(json.dumps({"file": logitlab.__file__, "before": before, "after": numbers()}))
"""


def recipe(name):
    """The rows of the published table, from NumPy's bit generator and exact operations only."""
    kind, n, dtype = name.split()
    words = np.random.PCG64(int(n)).random_raw(int(n))
    base = (words >> np.uint64(44)).astype(
        np.float64
    ) * 2.0**-20  # multiples of 2^-20 in [0, 1): exact everywhere
    row = {"flat": base, "wide": base * 40 - 20, "coarse": np.floor(base * 8)}[kind]
    return row.astype(dtype)
