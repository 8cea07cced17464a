"""One table of options: a value becomes what is sent or an error that says what was needed and what came."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from logitlab.llms.options import OPTIONS, coerce, collect, integer, real, rows

REALS = sorted(name for name, row in OPTIONS.items() if row.kind is real)
INTEGERS = sorted(name for name, row in OPTIONS.items() if row.kind is integer)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("temperature", 1, 1.0),
        ("temperature", 0, 0.0),
        ("temperature", np.float32(0.5), 0.5),
        ("top_k", 50.0, 50),
        ("top_k", np.int64(50), 50),
        ("top_k", np.float64(60), 60),
        ("top_p", 1, 1.0),
        ("seed", -1, -1),
        ("seed", 2**32 - 2, 2**32 - 2),
        ("num_predict", -1, -1),
        ("stop", "END", ["END"]),
        ("stop", ("a", "b"), ["a", "b"]),
        ("stop", [], []),
        ("raw", True, True),
        ("raw", np.True_, True),
    ],
)
def test_taken(name, value, expected):
    taken = coerce(name, value)
    assert taken == expected
    assert type(taken) is type(expected)


@pytest.mark.parametrize(
    ("name", "value", "error", "message"),
    [
        ("top_k", 1.7, ValueError, "top_k needs a whole number, not 1.7"),
        ("top_k", True, TypeError, "top_k needs a whole number, not True (bool)"),
        ("top_k", "50", TypeError, "top_k needs a whole number, not '50' (str)"),
        ("top_k", math.nan, ValueError, "top_k needs a whole number that is finite, not nan"),
        ("top_k", -2, ValueError, "top_k needs at least 0, not -2"),
        ("top_k", 2**40, ValueError, "top_k needs a value from 0 to 2147483647, not 1099511627776"),
        ("top_k", [50], TypeError, "top_k needs a whole number, not [50] (list)"),
        ("temperature", math.inf, ValueError, "temperature needs a number that is finite, not inf"),
        ("temperature", 1e39, ValueError, "temperature needs a value from 0 to "),
        ("temperature", -0.5, ValueError, "temperature needs at least 0, not -0.5"),
        ("temperature", False, TypeError, "temperature needs a number, not False (bool)"),
        ("temperature", np.True_, TypeError, "temperature needs a number, not np.True_ (bool)"),
        ("temperature", 1j, TypeError, "temperature needs a number, not 1j (complex)"),
        ("top_p", 1.1, ValueError, "top_p needs a value from 0 to 1, not 1.1"),
        ("min_p", -0.1, ValueError, "min_p needs a value from 0 to 1, not -0.1"),
        ("seed", 2**32 - 1, ValueError, "seed needs a value from -1 to 4294967294, not 4294967295"),
        ("num_predict", 0, ValueError, "num_predict=0: an answer of no tokens"),
        ("num_predict", -3, ValueError, "num_predict needs at least -2, not -3"),
        ("stop", 3, TypeError, "stop needs a string or a list of strings, not 3 (int)"),
        ("stop", ["a", 3], TypeError, "stop needs a string or a list of strings, not ['a', 3] (list)"),
        ("stop", b"END", TypeError, "stop needs a string or a list of strings, not b'END' (bytes)"),
        ("stop", ["a", ""], ValueError, "stop needs strings that are not empty, not ['a', '']"),
        ("raw", 1, TypeError, "raw needs True or False, not 1 (int)"),
    ],
)
def test_refused(name, value, error, message):
    with pytest.raises(error, match=re.escape(message)):
        coerce(name, value)


@pytest.mark.parametrize("name", REALS + INTEGERS)
@pytest.mark.parametrize("value", [True, "1", math.nan, math.inf, -math.inf, 1j, None, [1.0], b"2"])
def test_no_number_takes_what_is_none(name, value):
    with pytest.raises((TypeError, ValueError), match=f"^{name} needs "):
        coerce(name, value)


@given(st.integers(0, 2**31 - 1))
def test_a_whole_float_is_an_integer(k):
    assert coerce("top_k", float(k)) == k


@given(st.floats(0, 1))
def test_a_probability_is_kept_to_the_bit(p):
    assert coerce("top_p", p) == p


@pytest.mark.parametrize(
    ("wrong", "nearest"),
    [
        ("temprature", "temperature"),
        ("topk", "top_k"),
        ("top-p", "top_p"),
        ("Seed", "seed"),
        ("max_tokens", "num_predict"),
        ("T", "temperature"),
        ("repetition_penalty", "repeat_penalty"),
        ("stop_strings", "stop"),
    ],
)
def test_an_unknown_name_suggests_the_nearest(wrong, nearest):
    with pytest.raises(TypeError, match=f"^M has no option '{wrong}'; did you mean '{nearest}'"):
        collect({wrong: 1}, OPTIONS, "M")


def test_an_unknown_name_like_no_other_lists_them():
    with pytest.raises(TypeError, match="'zzz'; it takes seed, stop"):
        collect({"zzz": 1}, rows("stop", "seed"), "M")


def test_none_is_not_set():
    assert collect({"temperature": None, "top_k": 5}, OPTIONS, "M") == {"top_k": 5}
    with pytest.raises(TypeError, match="no option 'topk'"):
        collect({"topk": None}, OPTIONS, "M")


def test_a_model_takes_only_its_rows():
    taken = rows("seed", num_predict={"low": 1})
    assert list(taken) == ["seed", "num_predict"]
    with pytest.raises(ValueError, match="num_predict needs at least 1, not -1"):
        coerce("num_predict", -1, taken)
    with pytest.raises(TypeError, match="no option 'temperature'"):
        coerce("temperature", 1, taken)
    assert coerce("num_predict", -1) == -1  # the table itself is as it was
