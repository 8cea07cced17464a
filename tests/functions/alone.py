"""Cases of a batch, and what each of its rows gives alone: the same call on one contiguous row."""

import itertools
from dataclasses import dataclass

import ml_dtypes
import numpy as np

import logitlab as ll

DTYPES = [np.dtype(name) for name in ("f4", "f8", "f2", ml_dtypes.bfloat16)]
LENGTHS = [*range(1, 20), 31, 32, 33, 47, 48, 49, 63, 64, 65, 80, 129, 200, 257, 300]
ROWS = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 130]
LAYOUTS = ["as it is", "axis 0", "middle axis", "two axes", "every other", "backwards", "rows backwards", "swapped",
           "unaligned", "one row repeated"]  # fmt: skip
TEMPERATURES = [1.0, 0.1, 0.7, 3.0, 1e3, 0.0, np.inf, 1e-30, 1e30, 1e-200, 1e200]
SPECIALS = [np.nan, np.inf, -np.inf, 0.0, -0.0]


@dataclass
class Case:
    """A batch of `rows` rows of `n`; `seed` fills it."""

    dtype: np.dtype
    n: int
    rows: int
    layout: str
    magnitude: float  # of the logits
    specials: int  # how many logits are replaced
    temperatures: str  # "one", "one each", "extreme" (one) or "extreme each"
    out: str  # "new", "itself", "axis 0", "every other"
    seed: int


def random_case(rng):
    pick = lambda choices: choices[rng.integers(len(choices))]  # noqa: E731
    return Case(
        dtype=pick(DTYPES),
        n=int(pick(LENGTHS)),
        rows=int(pick(ROWS)),
        layout=pick(LAYOUTS),
        magnitude=float(pick([0.0, 1e-3, 1.0, 30.0, 1e4, 1e30])),
        specials=int(pick([0, 0, 1, 5])),
        temperatures=pick(["one", "one each", "extreme", "extreme each"]),
        out=pick(["new", "itself", "axis 0", "every other"]),
        seed=int(rng.integers(2**32)),
    )


def logits_of(case, rng):
    """The rows as a plain two-dimensional array."""
    most = float(ml_dtypes.finfo(case.dtype).max)
    x = rng.standard_normal((case.rows, case.n)) * min(case.magnitude, most / 8)
    for _ in range(case.specials):
        x[rng.integers(case.rows), rng.integers(case.n)] = SPECIALS[rng.integers(len(SPECIALS))]
    if case.specials > 1:
        x[rng.integers(case.rows)] = -np.inf
    return x.astype(case.dtype)


def temperatures_of(case, rng):
    choices = TEMPERATURES if "extreme" in case.temperatures else TEMPERATURES[:5]
    picked = rng.choice(choices, case.rows)
    return picked if "each" in case.temperatures else float(picked[0])


def spread(x, to):
    to[...] = x
    return to


def lay(x, layout):
    """The same rows as they lie in `layout`, their axis, and how a result's rows are numbered."""
    rows, n = x.shape
    if layout == "axis 0":
        return np.ascontiguousarray(x.T), 0
    if layout == "middle axis" and rows % 3 == 0:
        return np.ascontiguousarray(x.reshape(3, rows // 3, n).transpose(0, 2, 1)), 1
    if layout == "two axes" and rows % 2 == 0:
        return spread(x.reshape(2, rows // 2, n), np.zeros((2, rows, n), x.dtype)[:, : rows // 2]), -1
    if layout == "every other":
        return spread(x, np.zeros((rows, 2 * n), x.dtype)[:, ::2]), -1
    if layout == "backwards":
        return x[:, ::-1].copy()[:, ::-1], -1
    if layout == "rows backwards":
        return x[::-1].copy()[::-1], -1
    if layout == "swapped" and x.dtype.kind == "f":
        return x.astype(x.dtype.newbyteorder("S")), -1
    if layout == "unaligned" and x.dtype.kind == "f":
        return spread(x, np.zeros(x.nbytes + 1, np.uint8)[1:].view(x.dtype).reshape(x.shape)), -1
    if layout == "one row repeated":
        return np.broadcast_to(x[0], x.shape), -1
    return x, -1


def out_for(case, x):
    """The argument out= for an array x, or None."""
    if case.out == "itself" and x.dtype.isnative and x.flags.writeable:
        return x
    if case.out == "axis 0":
        return np.empty(x.shape, x.dtype.newbyteorder("="), order="F")
    if case.out == "every other":
        return np.empty((*x.shape[:-1], 2 * x.shape[-1]), x.dtype.newbyteorder("="))[..., ::2]
    return None


def bits(x):
    return np.ascontiguousarray(x).view(f"u{x.dtype.itemsize}")


def question(case):
    """The rows, one after the other, and the temperature of each; the same rows as they lie, their axis, and T."""
    rng = np.random.default_rng(case.seed)
    plain = logits_of(case, rng)
    x, axis = lay(plain, case.layout)
    if case.layout == "one row repeated":
        plain = np.array(x)
    batch = np.moveaxis(x, axis, -1).shape[:-1]
    temperatures = temperatures_of(case, rng)
    each = np.broadcast_to(temperatures, case.rows)
    T = temperatures if np.ndim(temperatures) == 0 else temperatures.reshape(batch)
    return plain, each, x, axis, T


def check_function(function, case):
    plain, each, x, axis, T = question(case)
    alone = np.stack([function(row, T) for row, T in zip(plain, each, strict=True)])
    given = np.array(x)
    out = out_for(case, x)
    result = function(x, T, axis=axis, out=out, workers=case.seed % 3 + 1)
    assert out is None or result is out
    together = np.moveaxis(result, axis, -1).reshape(case.rows, case.n)
    assert np.array_equal(bits(together), bits(alone)), (function.__name__, case)
    assert out is x or np.array_equal(bits(x), bits(given)), case


def drawn(call):
    """The tokens, or which row has none."""
    try:
        return call().tolist()
    except ValueError as error:
        return str(error)


def check_draws(case):
    """A token of each row, from the doubles that single calls would take; an error names the first row without one."""
    plain, each, x, axis, T = question(case)
    one, other = np.random.default_rng(case.seed), np.random.default_rng(case.seed)
    together = drawn(
        lambda: np.ravel(ll.sample(x, temperature=T, axis=axis, rng=one, workers=case.seed % 3 + 1))
    )
    alone = []
    for i, (row, temperature) in enumerate(zip(plain, each, strict=True)):
        token = drawn(lambda row=row, t=temperature: ll.sample(row, temperature=t, rng=other))
        if isinstance(token, str):
            assert f"row {i} of the batch" in together, case
            return
        alone.append(token)
    assert together == alone, case


def check(case):
    check_function(ll.softargmax, case)
    check_function(ll.log_softargmax, case)
    check_draws(case)


def check_many(cases, seed):
    """Random cases, and every length with every layout once."""
    rng = np.random.default_rng(seed)
    for _ in range(cases):
        check(random_case(rng))
    for n, layout in itertools.product(LENGTHS, LAYOUTS):
        case = random_case(rng)
        case.n, case.layout = n, layout
        check(case)
