"""Bad input gets an error that says what was needed and what came; nothing is written."""

from types import SimpleNamespace

import numpy as np
import pytest

import logitlab as ll
from logitlab._kernels import Chain

X = np.array([0.2, 0.3, 0.1, 0.4])


def top_k(x, **keywords):
    return ll.top_k(x, 1, **keywords)


def argtop_k(x, **keywords):
    return ll.argtop_k(x, 1, **keywords)


class Raising:
    """An argument whose own code raises: at one of its attributes, or when it is used in one way."""

    def __init__(self, error, name):
        self.error, self.name = error, name

    def __getattr__(self, name):
        if name == self.name:
            raise self.error
        raise AttributeError(name)


class RaisingIndex(Raising):
    def __init__(self, error):
        super().__init__(error, None)

    def __index__(self):
        raise self.error


class RaisingSequence(Raising):
    def __len__(self):
        return 2

    def __getitem__(self, i):
        if self.name == "__getitem__":
            raise self.error
        return float(i)


class RaisingArray(np.ndarray):
    """Of a class of its own, so that it is asked whether it has a mask."""

    @property
    def filled(self):
        raise self.error


def raising_array(error):
    array = X.view(RaisingArray)
    array.error = error
    return array


def token_logprobs(x, *T, **keywords):
    return ll.token_logprobs(x, 0, *T, **keywords)


WRITTEN = [ll.softargmax, ll.log_softargmax]  # the functions that take out=
ROWS = [*WRITTEN, ll.logsumexp, token_logprobs]
ALL = [*ROWS, top_k, argtop_k, ll.sample]


@pytest.mark.parametrize("function", ALL)
@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (np.array([1, None], object), TypeError, "dtype float16.*got object"),
        (np.array([1j]), TypeError, "got complex128"),
        (np.array(["a"]), TypeError, "got <U1"),
        (np.array([1], np.longdouble), TypeError, "got (float128|float96|float64)"),
        (np.array(["2020"], "M8[Y]"), TypeError, "got datetime64"),
        ([[1, 2], [3]], ValueError, "inhomogeneous"),
        (np.ma.masked_array([1.0, 2], [0, 1]), TypeError, r"\.filled\(-np\.inf\)"),
        (1.5, ValueError, "at least one dimension, got a scalar"),
        (np.array(2.0), ValueError, "at least one dimension, got a scalar"),
        ([], ValueError, "at least one logit along the axis, got 0"),
        (np.empty((3, 0)), ValueError, "at least one logit along the axis, got 0"),
    ],
)
def test_input(function, x, error, message):
    if isinstance(x, np.ndarray) and x.dtype == np.longdouble and x.dtype == np.float64:
        pytest.skip("not on this machine: long double is double")
    with pytest.raises(error, match=message):
        function(x)


@pytest.mark.parametrize("function", ALL)
def test_axis(function):
    for axis in (1, -2):
        with pytest.raises(np.exceptions.AxisError, match=f"axis {axis} is out of bounds"):
            function(X, axis=axis)
    with pytest.raises(TypeError, match="integer"):
        function(X, axis=1.0)


@pytest.mark.parametrize("function", ROWS)
@pytest.mark.parametrize(
    ("temperature", "error", "message"),
    [
        (-1.0, ValueError, r"T must be >= 0, got -1"),
        (np.nan, ValueError, "T must be >= 0, got nan"),
        ([1.0, -0.5], ValueError, r"T must be >= 0, got -0\.5"),
        ("hot", TypeError, "T must be a real number.*got 'hot'"),
        (1j, TypeError, "T must be a real number.*got 1j"),
        (None, TypeError, "T must be a real number.*got None: leave it out"),
        (
            np.ones((2, 3)),
            ValueError,
            "T does not broadcast.*needed 1 or 5 in dimension 1 of the batch, got 3",
        ),
    ],
)
def test_temperature(function, temperature, error, message):
    with pytest.raises(error, match=message):
        function(np.zeros((5, 4)), temperature)


@pytest.mark.parametrize("function", [*WRITTEN, ll.logsumexp])
def test_the_name_of_the_temperature(function):
    with pytest.raises(TypeError, match="'temperature': it is called T= here"):
        function(X, temperature=1.0)
    with pytest.raises(TypeError, match="unexpected keyword argument 'dim'"):
        function(X, dim=0)
    with pytest.raises(TypeError, match=r"at most 2 positional arguments, got 3.*axis=-1"):
        function(X, 1.0, -1)
    with pytest.raises(TypeError, match="multiple values for argument 'T'"):
        function(X, 1.0, T=1.0)
    with pytest.raises(TypeError, match="missing required argument: 'x'"):
        function()


def test_the_name_of_the_temperature_in_sample():
    with pytest.raises(TypeError, match="'T': it is called temperature= here"):
        ll.sample(X, T=1.0)


@pytest.mark.parametrize("function", WRITTEN)
def test_out(function):
    x = np.arange(6.0).reshape(2, 3)
    read_only = np.full((2, 3), 7.0)
    read_only.flags.writeable = False
    for out, error, message in [
        (np.full((3, 2), 7.0), ValueError, r"out of shape \(2, 3\), got \(3, 2\)"),
        (np.full((2, 3), 7.0, np.float32), TypeError, "out of dtype float64.*got float32"),
        (np.full((2, 3), 7.0, ">f8"), TypeError, "native byte order, got >f8"),
        (read_only, ValueError, "writeable"),
        ([[7.0] * 3] * 2, TypeError, "out to be an ndarray"),
    ]:
        with pytest.raises(error, match=message):
            function(x, out=out)
        assert (np.asarray(out) == 7).all()
    with pytest.raises(ValueError, match=r"out of shape \(2, 2, 3\), got \(2, 3\)"):
        function(x, [[1.0], [2.0]], out=np.empty((2, 3)))


@pytest.mark.parametrize("function", [ll.top_k, ll.argtop_k])
@pytest.mark.parametrize(
    ("k", "error"), [(-1, ValueError), (1.0, TypeError), ("1", TypeError), (None, TypeError), ([1], TypeError),
                     (np.array([1, 2]), TypeError), (True, TypeError), (-(2**80), ValueError)]
)  # fmt: skip
def test_k(function, k, error):
    with pytest.raises(error, match="k must be an integer >= 0, got"):
        function(X, k)


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"temperature": -1}, ValueError, r"temperature must be >= 0, got -1"),
        ({"temperature": "1"}, TypeError, "temperature must be a real number"),
        ({"top_k": -1}, ValueError, r"top_k must be an integer >= 0, got -1$"),
        ({"top_k": 2.0}, TypeError, "top_k must be an integer"),
        ({"top_k": True}, TypeError, "top_k must be an integer"),
        ({"top_p": 1.1}, ValueError, r"top_p must be in \[0, 1\], got 1\.1"),
        ({"top_p": np.nan}, ValueError, r"top_p must be in \[0, 1\], got nan"),
        ({"min_p": -0.1}, ValueError, r"min_p must be in \[0, 1\], got -0\.1"),
        ({"size": -1}, ValueError, "size must be an integer >= 0"),
        ({"size": 1.5}, ValueError, "size must be an integer >= 0"),
        ({"size": (2, -1)}, ValueError, "size must be an integer >= 0"),
        ({"rng": "0"}, TypeError, "rng must be a Generator, a BitGenerator, a SeedSequence, an int or None"),
        ({"rng": True}, TypeError, "rng must be a Generator"),
        ({"rng": 1.0}, TypeError, "rng must be a Generator"),
        ({"rng": np.random.RandomState(0)}, TypeError, "rng must be a Generator"),
        ({"rng": -1}, ValueError, "rng must be a seed >= 0, got -1"),
        ({"top_k": [1, 2]}, None, None),
        ({"top_p": np.ones((3, 2))}, ValueError, "top_p does not broadcast"),
    ],
)
def test_sample(keywords, error, message):
    x = np.zeros((5, 4)) if "broadcast" in (message or "") else X
    if error is None:
        assert ll.sample(x, rng=0, **keywords).shape == (2,)
        return
    with pytest.raises(error, match=message):
        ll.sample(x, **{"rng": 0} | keywords)


def test_sample_names_the_row():
    x = np.zeros((2, 3, 4))
    x[1, 1, 2] = np.nan
    with pytest.raises(ValueError, match="row 4 of the batch has a NaN or nothing but -inf"):
        ll.sample(x, rng=0)
    x[1, 1] = -np.inf
    with pytest.raises(ValueError, match="row 4 of the batch"):
        ll.sample(x, rng=0)


# what raises -> the call, and the error that says "not of this kind" there, which is replaced by ours
ARGUMENTS = {
    "rng.capsule": (lambda error: ll.sample(X, rng=Raising(error, "capsule")), AttributeError),
    "rng.bit_generator": (lambda error: ll.sample(X, rng=Raising(error, "bit_generator")), AttributeError),
    "rng.bit_generator.capsule": (
        lambda error: ll.sample(X, rng=SimpleNamespace(bit_generator=Raising(error, "capsule"))),
        AttributeError,
    ),
    "rng of a chain": (
        lambda error: ll.Sampler(top_k=2).sample(X, rng=Raising(error, "bit_generator")),
        AttributeError,
    ),
    "rng.__index__": (lambda error: ll.sample(X, rng=RaisingIndex(error)), TypeError),
    "size": (lambda error: ll.sample(X, size=RaisingIndex(error), rng=0), TypeError),
    "size[1]": (lambda error: ll.sample(X, size=(2, RaisingIndex(error)), rng=0), TypeError),
    "looks": (lambda error: Chain(()).sample(X, looks=(RaisingIndex(error),), rng=0), TypeError),
    "k": (lambda error: ll.top_k(X, RaisingIndex(error)), TypeError),
    "workers": (lambda error: ll.top_k(X, 1, workers=RaisingIndex(error)), TypeError),
    "axis": (lambda error: ll.softargmax(X, axis=RaisingIndex(error)), TypeError),
    "axis[1]": (lambda error: ll.logsumexp([X], axis=(0, RaisingIndex(error))), TypeError),
    "tokens[0]": (lambda error: ll.token_logprobs([X, X], RaisingSequence(error, "__getitem__")), None),
    "x.__array__": (lambda error: ll.softargmax(RaisingSequence(error, "__array__")), None),
    "x[0]": (lambda error: ll.softargmax(RaisingSequence(error, "__getitem__")), None),
    "x.filled": (lambda error: ll.softargmax(raising_array(error)), None),
    "T[0]": (lambda error: ll.softargmax(X, RaisingSequence(error, "__getitem__")), None),
}


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_what_an_arguments_own_code_raises(argument):
    """An error about the kind of value is replaced by ours, which says more; any other arrives as it was raised."""
    call, replaced = ARGUMENTS[argument]
    for kind in (KeyboardInterrupt, MemoryError, SystemExit):
        raised = kind("its own")
        with pytest.raises(kind) as caught:
            call(raised)
        assert caught.value is raised
    if replaced:
        with pytest.raises(RuntimeError, match="its own"):
            call(RuntimeError("its own"))
        with pytest.raises((TypeError, ValueError), match=r"must be.*got"):
            call(replaced("not of this kind"))
