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
        ("top_k", 1.7, ValueError, "top_k must be an integer >= 0, got 1.7"),
        ("top_k", True, TypeError, "top_k must be an integer >= 0, got True"),
        ("top_k", "50", TypeError, "top_k must be an integer >= 0, got '50'"),
        ("top_k", math.nan, ValueError, "top_k must be an integer >= 0, got nan"),
        ("top_k", -2, ValueError, "top_k must be an integer >= 0, got -2"),
        ("top_k", 2**40, ValueError, "top_k must be an integer in [0, 2147483647], got 1099511627776"),
        ("top_k", [50], TypeError, "top_k must be an integer >= 0, got [50]"),
        ("temperature", math.inf, ValueError, "temperature must be in [0, 3.40282346638529e+38], got inf"),
        ("temperature", 1e39, ValueError, "temperature must be in [0, 3.40282346638529e+38], got 1e+39"),
        ("temperature", -0.5, ValueError, "temperature must be >= 0, got -0.5"),
        ("temperature", False, TypeError, "temperature must be a real number >= 0, got False"),
        ("temperature", np.True_, TypeError, "temperature must be a real number >= 0, got np.True_"),
        ("temperature", 1j, TypeError, "temperature must be a real number >= 0, got 1j"),
        ("top_p", 1.1, ValueError, "top_p must be in [0, 1], got 1.1"),
        ("min_p", -0.1, ValueError, "min_p must be in [0, 1], got -0.1"),
        ("seed", 2**32 - 1, ValueError, "seed must be an integer in [-1, 4294967294], got 4294967295"),
        ("num_predict", 0, ValueError, "num_predict=0: an answer must have at least one token"),
        ("num_predict", -3, ValueError, "num_predict must be an integer >= -2, got -3"),
        ("stop", 3, TypeError, "stop must be a string or a list of strings, got 3"),
        ("stop", ["a", 3], TypeError, "stop must be a string or a list of strings, got ['a', 3]"),
        ("stop", b"END", TypeError, "stop must be a string or a list of strings, got b'END'"),
        ("stop", ["a", ""], ValueError, "stop must be strings that are not empty, got ['a', '']"),
        ("raw", 1, TypeError, "raw must be True or False, got 1"),
    ],
)
def test_refused(name, value, error, message):
    with pytest.raises(error, match=re.escape(message)):
        coerce(name, value)


@pytest.mark.parametrize("name", REALS + INTEGERS)
@pytest.mark.parametrize("value", [True, "1", math.nan, math.inf, -math.inf, 1j, None, [1.0], b"2"])
def test_no_number_takes_what_is_none(name, value):
    with pytest.raises((TypeError, ValueError), match=f"^{name} must be "):
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
    with pytest.raises(ValueError, match="num_predict must be an integer >= 1, got -1"):
        coerce("num_predict", -1, taken)
    with pytest.raises(TypeError, match="no option 'temperature'"):
        coerce("temperature", 1, taken)
    assert coerce("num_predict", -1) == -1  # the table itself is as it was
