"""The sliders take every number that a `Sampler` takes, and None for off, in the constructor and when assigned."""

import numpy as np
import pytest
import traitlets

from logitlab import Explorer, Sampler

ROW = [2.0, 1.0, 0.5, -1.0]
SCALARS = [
    np.float16,
    np.float32,
    np.float64,
    np.longdouble,
    np.int8,
    np.uint64,
    np.int64,
    np.array,
    int,
    float,
]
INTEGERS = [np.int8, np.uint8, np.int32, np.int64, np.uint64, np.array, int]
FLOATS = {"temperature": 1, "top_p": 1, "min_p": 1}
WHOLE = {"top_k": 2, "seed": 3, "shown": 5}
OFF = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
CASES = [(n, kind(v)) for n, v in FLOATS.items() for kind in SCALARS]
CASES += [(n, kind(v)) for n, v in WHOLE.items() for kind in INTEGERS]


@pytest.mark.parametrize(("name", "value"), CASES, ids=repr)
def test_numbers(name, value):
    made, changed = Explorer(ROW, **{name: value}), Explorer(ROW)
    setattr(changed, name, value)
    for explorer in (made, changed):
        assert getattr(explorer, name) == int(value)
        assert type(getattr(explorer, name)) is (float if name in FLOATS else int)
        assert explorer.get_state()[name] == int(value)  # what the page gets
    if name in OFF and name != "top_k":
        assert made.sampler.options.keys() <= {name}
        Sampler(**{name: value})


@pytest.mark.parametrize("name", ["draws", "selected"])
@pytest.mark.parametrize("kind", INTEGERS)
def test_numbers_that_are_only_assigned(name, kind):
    explorer = Explorer(ROW)
    setattr(explorer, name, kind(2))
    assert getattr(explorer, name) == 2
    assert type(getattr(explorer, name)) is int


def test_a_range_of_temperatures():
    assert [Explorer(ROW, temperature=T).temperature for T in np.arange(1, 4)] == [1.0, 2.0, 3.0]
    assert [Explorer(ROW, temperature=T).temperature for T in np.linspace(0.5, 1, 2, dtype="f4")] == [
        0.5,
        1.0,
    ]


@pytest.mark.parametrize("name", OFF)
def test_none_is_off(name):
    made, changed = Explorer(ROW, **{name: None}), Explorer(ROW, **{name: 1})
    setattr(changed, name, None)
    for explorer in (made, changed):
        assert getattr(explorer, name) == OFF[name]
        assert explorer.sampler == Sampler()


def test_numpy_words_and_flags():
    explorer = Explorer(ROW, engine=np.str_("vllm"), save=np.True_)
    assert type(explorer.engine) is str
    explorer.predict = np.True_
    assert explorer.predict is True


@pytest.mark.parametrize(
    "value", ["0.5", True, np.True_, [0.5], np.array([0.5]), 1j, {}, object(), np.float32("nan")]
)
@pytest.mark.parametrize("name", OFF)
def test_what_is_no_number(name, value):
    with pytest.raises(ValueError, match=f"{name} must be"):
        Explorer(ROW, **{name: value})
    explorer = Explorer(ROW)
    with pytest.raises(traitlets.TraitError, match=f"{name} must be .*got"):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == OFF[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seed", None),
        ("shown", None),
        ("engine", None),
        ("predict", None),
        ("seed", 1.0),
        ("shown", 0),
        ("predict", 1),
    ],
)
def test_what_has_no_off(name, value):
    explorer = Explorer(ROW)
    with pytest.raises(traitlets.TraitError, match=f"{name} must be"):
        setattr(explorer, name, value)


@pytest.mark.parametrize("value", [3.0, 3, np.float32(3), np.array(3.0), True])
def test_one_number_is_no_row(value):
    with pytest.raises(ValueError, match="needs a row of logits, got one number"):
        Explorer(value)
