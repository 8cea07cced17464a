"""Oracles of the functions: plain NumPy in an arithmetic wider than the result, and rows that are hard on it."""

import numpy as np

# 64 bits of mantissa on x86; elsewhere mpmath takes the place (slower, so on fewer elements)
WIDE = np.finfo(np.longdouble).nmant >= 63
DTYPES = (np.float16, np.float32, np.float64)
TEMPERATURES = (1e-3, 0.01, 0.1, 0.8, 1.0, 5.0, 100.0, 1e3)


def exact_logarithms(row, temperature):
    """log softargmax of a row of finite or -inf logits, in more bits than any result has."""
    if not WIDE:
        return _by_mpmath(row, temperature)
    x = row.astype(np.longdouble)
    x = (x - x.max()) / np.longdouble(temperature)
    weights = np.sort(np.exp(x))  # the small ones first
    return x - np.log(weights.sum())


def _by_mpmath(row, temperature):
    import mpmath

    with mpmath.workprec(160):
        x = [mpmath.mpf(float(v)) / mpmath.mpf(temperature) for v in row]
        total = mpmath.log(mpmath.fsum(mpmath.exp(v - max(x)) for v in x)) + max(x)
        return np.array([float(v - total) for v in x], dtype=np.longdouble)


def last_place(values, dtype):
    """The distance between neighbours of a dtype at each exact value; below the normal numbers that of the smallest."""
    limits = np.finfo(dtype)
    smallest = limits.smallest_subnormal if dtype == np.float16 else limits.smallest_normal
    _, exponent = np.frexp(np.maximum(np.abs(values), smallest))
    unit = np.ldexp(np.longdouble(1), exponent - 1 - limits.nmant)
    return np.maximum(unit, np.longdouble(limits.smallest_subnormal))


def hard_rows(n, dtype, seed):
    """Rows that other arithmetics lose bits on."""
    rng = np.random.default_rng(seed)
    normal = rng.standard_normal(n) * 3
    half = rng.random(n) < 0.5
    half[0] = False
    copies = np.full(n, rng.standard_normal() * 3)
    copies[n // 2] += abs(rng.standard_normal() * 5)
    rows = {
        "normal": normal,
        "peaked": np.r_[20, rng.standard_normal(n - 1)],
        "flat": rng.random(n) * 1e-3,
        "wide": rng.standard_normal(n) * 300,
        "one maximum, copies of one other": copies,
        "masked with -1e9": np.where(half, -1e9, normal),
        "masked with -inf": np.where(half, -np.inf, normal),
        "far from 0": normal + 1e4,
    }
    largest = np.finfo(dtype).max
    return {name: np.clip(row, -largest, largest).astype(dtype) if np.isfinite(row).all() else row.astype(dtype)
            for name, row in rows.items()}  # fmt: skip


def order(row):
    """Indices, best first: by value, then lowest index, NaN last."""
    row = np.asarray(row)
    numbers = row == row
    _, rank = np.unique(row[numbers], return_inverse=True)
    ranks = np.full(len(row), -1, dtype=np.int64)
    ranks[numbers] = rank
    return np.lexsort((np.arange(len(row)), -ranks))
