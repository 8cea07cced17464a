"""The contenders of the short rows do the same work on rows of every shape; no test here looks at a time."""

import numpy as np
import pytest

from benchmarks import short_rows

SMALL = {
    (name, dtype, axis, len(shape), shape[axis] if name != "draws" else shape[0]): (name, dtype, shape, axis)
    for _, name, dtype, shape, axis in short_rows.cases()
}


def small(shape, axis):
    return tuple(min(n, 40) if i != axis % len(shape) else n for i, n in enumerate(shape))


def test_contenders_do_the_same_work():
    for name, dtype, shape, axis in SMALL.values():
        shape, axis = (shape, 500) if name == "draws" else (small(shape, axis), axis)
        x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
        found = short_rows.codes(name, shape, axis)
        assert {"logitlab", "written"} <= set(found)
        short_rows.check(name, found, x)


def test_a_contender_that_does_something_else_is_found():
    x = np.random.default_rng(0).standard_normal((40, 4))
    found = short_rows.codes("softargmax", x.shape, -1)
    found["wrong"] = short_rows.Code("x * 0")
    with pytest.raises(AssertionError, match="wrong"):
        short_rows.check("softargmax", found, x)
