"""What people write who come from other libraries gets an answer that says what it is called here."""

import inspect
import random
import types

import numpy as np
import pytest

import logitlab as ll
from logitlab import Explorer, Sampler, compare, diverge
from logitlab.habits import HABITS, hint
from logitlab.llms import Ollama
from logitlab.llms.habits import ELSEWHERE
from logitlab.sampling import Temperature, TopK, TopP
from logitlab.sampling.options import ALIASES, known

X = np.array([0.2, 0.3, 0.1, 0.4])
sampler = Sampler(top_k=2)
FUNCTIONS = {
    "softargmax": lambda **k: ll.softargmax(X, **k),
    "log_softargmax": lambda **k: ll.log_softargmax(X, **k),
    "top_k": lambda **k: ll.top_k(X, **({"k": 2} if "k" not in k else {}), **k),
    "argtop_k": lambda **k: ll.argtop_k(X, **({"k": 2} if "k" not in k else {}), **k),
    "logsumexp": lambda **k: ll.logsumexp(X, **k),
    "token_logprobs": lambda **k: ll.token_logprobs(X, **({"tokens": 2} if "tokens" not in k else {}), **k),
    "sample": lambda **k: ll.sample(X, **k),
    "sample, options": lambda **k: ll.sample(X, typical_p=0.9, **k),
    "Sampler": lambda **k: Sampler(**k),
    "Sampler.replace": lambda **k: sampler.replace(**k),
    "Sampler.sample": lambda **k: sampler.sample(X, **k),
    "Sampler.probs": lambda **k: sampler.probs(X, **k),
    "Sampler.trace": lambda **k: sampler.trace(X, **k),
    "Sampler.step": lambda **k: sampler.step(X, **k),
    "compare": lambda **k: compare(X, **k),
    "Explorer": lambda **k: Explorer(X, **k),
    "TopK": lambda **k: TopK(5, **k),
    "TopP": lambda **k: TopP(0.5, **k),
    "Temperature": lambda **k: Temperature(0.5, **k),
}
DRAWS = ("sample", "sample, options", "Sampler.sample")
ARRAYS = ("softargmax", "log_softargmax", "logsumexp")
SELECTS = ("top_k", "argtop_k")
OPTIONS = ("sample", "sample, options", "Sampler", "Sampler.replace", "compare", "Explorer")
METHODS = ("Sampler.sample", "Sampler.probs", "Sampler.trace", "Sampler.step")


def cases():
    for function in (*ARRAYS, "token_logprobs"):
        for name in ("temperature", "temp", "tau", "beta"):
            yield function, name, "it is called T= here"
    for function in (*OPTIONS, "Temperature"):
        for name in ("T", "temp", "tau", "beta"):
            yield function, name, "it is called temperature= here"
    for function in OPTIONS:
        for name in ("k", "topk"):
            yield function, name, "it is called top_k= here"
        for name in ("p", "nucleus"):
            yield function, name, "it is called top_p= here"
    for function in METHODS:
        for name in ("temperature", "T", "temp"):
            yield function, name, r"belongs to the sampler, as in Sampler\(temperature=\.\.\.\)"
        yield function, "k", r"Sampler\(top_k=\.\.\.\)"
        yield function, "repetition_penalty", r"Sampler\(repeat_penalty=\.\.\.\)"
    for function in (*SELECTS, "TopK"):
        yield function, "top_k", "it is called k= here"
    for function in (*ARRAYS, "token_logprobs", *SELECTS, *DRAWS, "Sampler.probs"):
        for name in ("dim", "axes"):
            yield function, name, "it is called axis= here"
        for name in ("keepdims", "keepdim"):
            yield function, name, r"axis stays.*expand_dims\(result, axis\)"
        yield function, "dtype", "astype"
    for function in DRAWS:
        for name in ("seed", "random_state", "generator", "random_seed"):
            yield function, name, "it is called rng= here"
        for name in ("num_samples", "n", "shape"):
            yield function, name, "it is called size= here"
        for name in ("replace", "replacement"):
            yield function, name, r"argtop_k\(x \+ gumbel, k\)"
    for name in ("rng", "random_state", "generator"):
        yield "Explorer", name, "it is called seed= here"
    for name in ("vocab", "labels", "names"):
        yield "Explorer", name, "it is called tokens= here"
    for name in ("rng", "size", "axis", "history", "seed", "num_samples", "dim", "x"):
        yield "Sampler", name, r"belongs to the draw, as in sampler\.sample\(logits"
    for function in ARRAYS:
        yield function, "logits", "it is called x= here"
    for name in ("labels", "label", "targets", "target", "y_true", "index", "indices", "token", "ids"):
        yield "token_logprobs", name, "it is called tokens= here"
    for name, says in [("ignore_index", r"logits\[keep\]"), ("reduction", "mean"), ("weight", "each row"),
                       ("label_smoothing", "log_softargmax")]:  # fmt: skip
        yield "token_logprobs", name, says
    for name, says in [
        ("b", r"x \+ np\.log\(b\)"),
        ("return_sign", "positive"),
        ("out", "it takes x, T, axis"),
    ]:
        yield "logsumexp", name, says
    for function in SELECTS:
        for name in ("descending", "ascending", "reverse"):
            yield function, name, "it is called order= here; best first is order=.descending"
        yield function, "largest", "the smallest are those of -x"
        yield function, "sorted", "always come in order"
    for name in ("indices", "return_index", "return_values"):
        yield "top_k", name, "it is called return_indices= here"
    for function in (*SELECTS, *DRAWS, "token_logprobs"):
        yield function, "x", "it is called logits= here"
        yield function, "probs", r"it is called logits= here; .*np\.log\(p\)"
    for function in DRAWS[:2]:
        yield function, "p", r"np\.log\(p\)"
    for function, name in [
        ("softargmax", "axsi"),
        ("sample", "tempreature"),
        ("Sampler", "top_kk"),
        ("Explorer", "sedd"),
    ]:
        yield function, name, "did you mean"


@pytest.mark.parametrize(("function", "name", "says"), list(cases()))
def test_names(function, name, says):
    with pytest.raises(TypeError, match=f"{name!r}.*{says}"):
        FUNCTIONS[function](**{name: 1})


@pytest.mark.parametrize(
    ("call", "name"),
    [(lambda: ll.softargmax(logits=X), "x"), (lambda: ll.log_softargmax(logits=X, T=1.0), "x"),
     (lambda: ll.top_k(x=X, k=1), "logits"), (lambda: ll.argtop_k(x=X, k=1), "logits"),
     (lambda: ll.logsumexp(logits=X), "x"), (lambda: ll.token_logprobs(x=X, tokens=1), "logits"),
     (lambda: ll.sample(x=X), "logits"), (lambda: sampler.sample(x=X), "logits"),
     (lambda: sampler.probs(x=X), "logits"), (lambda: Explorer(logits=X), "what")],
    ids=["softargmax", "log_softargmax", "top_k", "argtop_k", "logsumexp", "token_logprobs", "sample",
         "Sampler.sample", "Sampler.probs", "Explorer"],
)  # fmt: skip
def test_the_array_by_the_other_name(call, name):
    with pytest.raises(TypeError, match=f"it is called {name}= here"):
        call()


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: ll.sample(X, 0.8), r"at most 1 positional argument, got 2.*temperature=0\.8"),
        (lambda: ll.softargmax(X, 1.0, -1), "at most 2 positional arguments, got 3.*axis=-1"),
        (lambda: ll.top_k(X, 2, 0), "at most 2 positional arguments, got 3.*axis=0"),
        (lambda: ll.logsumexp(X, 1.0, 0), "at most 2 positional arguments, got 3.*axis=0"),
        (lambda: ll.token_logprobs(X, 1, 1.0, 0), "at most 3 positional arguments, got 4.*axis=0"),
        (lambda: ll.argtop_k(X, 2, 0), "at most 2 positional arguments, got 3.*axis=0"),
        (lambda: ll.logsumexp(X, None), "T must be a real number.*got None: leave it out"),
        (lambda: ll.token_logprobs(X, 1, None), "T must be a real number.*got None: leave it out"),
        (lambda: sampler.sample(X, 5), "at most 1 positional argument, got 2.*size=5"),
        (lambda: sampler.probs(X, 0), "at most 1 positional argument, got 2.*axis=0"),
        (lambda: Sampler(0.8), r"got 0\.8; options go by name, as in Sampler\(temperature=0\.8"),
        (lambda: Explorer(X, 0.8), r"text must be a str, got 0\.8; the sliders go by name"),
        (lambda: Explorer(X, None, 0.8), "at most 2 positional arguments, got 3"),
        (lambda: diverge(sampler, sampler, None, "a", 5), "at most 4 positional arguments, got 5.*seed=5"),
        (lambda: ll.softargmax(X, T=None), "T must be a real number.*got None: leave it out"),
        (lambda: ll.log_softargmax(X, None), "T must be a real number.*got None: leave it out"),
    ],
    ids=["sample", "softargmax", "top_k", "logsumexp", "token_logprobs", "argtop_k", "T of logsumexp",
         "T of token_logprobs", "Sampler.sample", "Sampler.probs", "Sampler", "Explorer", "Explorer, 3",
         "diverge", "T", "T of log_softargmax"],
)  # fmt: skip
def test_by_position(call, says):
    with pytest.raises(TypeError, match=says):
        call()


def test_a_temperature_of_none_is_off_where_it_may_be():
    assert ll.sample(X, temperature=None, rng=0) == ll.sample(X, rng=0)
    assert Sampler(temperature=None) == Sampler()


def torch_generator():
    """Torch is not installed; its generator is known by the name of its type."""
    return type("Generator", (), {"__module__": "torch._C"})()


GENERATORS = {
    "np.random": (lambda: np.random, "default_rng"),
    "RandomState": (lambda: np.random.RandomState(0), "default_rng"),
    "the global RandomState": (lambda: np.random.mtrand._rand, "default_rng"),
    "random": (lambda: random, "default_rng"),
    "random.Random": (lambda: random.Random(0), "default_rng"),
    "torch.Generator": (torch_generator, r"default_rng\(generator\.initial_seed\(\)\)"),
    "the class": (lambda: np.random.Generator, "called first"),
    "a class of bit generators": (lambda: np.random.PCG64, "called first"),
    "the function": (lambda: np.random.default_rng, "called first"),
    "a list": (lambda: [1, 2], "SeedSequence"),
    "an array": (lambda: np.array([1, 2]), "SeedSequence"),
    "an attribute": (lambda: types.SimpleNamespace(bit_generator=np.random.bit_generator), "got namespace"),
    "a capsule that is none": (lambda: types.SimpleNamespace(capsule=1, lock=None), "got namespace"),
    "a module of numpy": (lambda: np.random.bit_generator, "default_rng"),
    "a float": (lambda: 1.0, r"got 1\.0$"),
    "NumPy's float": (lambda: np.float64(3.0), r"got np\.float64\(3\.0\)$"),
    "a str": (lambda: "0", "got '0'"),
    "bool": (lambda: True, "got True"),
}


@pytest.mark.parametrize("function", DRAWS)
@pytest.mark.parametrize("kind", GENERATORS)
def test_generators(kind, function):
    make, says = GENERATORS[kind]
    with pytest.raises(TypeError, match=f"rng must be a Generator.*{says}"):
        FUNCTIONS[function](rng=make())


def test_generators_in_a_step():
    with pytest.raises(TypeError, match="default_rng"):
        Sampler(mirostat_v2_tau=3.0).step(X, rng=np.random)


class Wrapped:
    """A generator of somebody else's class, around a real bit generator."""

    def __init__(self, bits):
        self.bit_generator = bits


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
@pytest.mark.parametrize(
    "wrap", [lambda bits: bits, np.random.Generator, Wrapped], ids=["bits", "Generator", "own"]
)
def test_every_real_generator_is_taken(kind, wrap):
    u = np.random.Generator(kind(5)).random(3)
    drawn = ll.sample(np.zeros(1000), rng=wrap(kind(5)), size=3)
    np.testing.assert_array_equal(drawn, (u * 1000).astype(int))


@pytest.mark.parametrize("seed", [5, np.int8(5), np.uint64(5), np.array(5)])
def test_seeds(seed):
    assert ll.sample(X, rng=seed, size=9).tolist() == ll.sample(X, rng=5, size=9).tolist()


@pytest.mark.parametrize(
    "function", [*ARRAYS, "token_logprobs", *SELECTS, *DRAWS, "Sampler.probs", "Sampler.trace"]
)
@pytest.mark.parametrize(
    ("axis", "error", "says"),
    [
        ([0], TypeError, r"an integer, a tuple of integers or None, got \[0\]: several axes are a tuple"),
        (1.0, TypeError, r"an integer, a tuple of integers or None, got 1\.0"),
        ("0", TypeError, "got '0'"),
        (True, TypeError, "got True"),
        ((0, False), TypeError, r"got \(0, False\)"),
        (np.array([0, 1]), TypeError, r"got array\(\[0, 1\]\): several axes are a tuple"),
        ((0, 0.0), TypeError, r"got \(0, 0\.0\)"),
        ((), ValueError, r"at least one axis, got \(\)"),
        ((0, -1), ValueError, r"each axis once, got \(0, -1\)"),
        ((0, 1), np.exceptions.AxisError, "axis 1 is out of bounds"),
    ],
    ids=str,
)
def test_axes(function, axis, error, says):
    with pytest.raises(error, match=says):
        FUNCTIONS[function](axis=axis)


@pytest.mark.parametrize("number", [np.int8, np.uint64, np.array, int])
def test_numpy_scalars_are_numbers(number):
    assert ll.top_k(X, number(2), axis=number(0)).tolist() == [0.3, 0.4]
    assert ll.sample(X, size=number(2), top_k=number(1), rng=number(3)).tolist() == [3, 3]
    assert ll.sample(X, size=(number(1), number(2)), top_k=1, rng=0).shape == (1, 2)
    assert Sampler(top_k=number(2)) == Sampler(top_k=2)
    assert sampler.sample(X, rng=number(3), generated=number(1), history=[1, 2]) in (1, 3)
    assert sampler.trace(X).why(number(3)) == sampler.trace(X).why(3)


@pytest.mark.parametrize(
    "name", ["bfloat16", "float16", "float32", "float64", "longdouble", "int8", "uint16"]
)
def test_numpy_scalars_are_temperatures(name):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    T = getattr(ml_dtypes if name == "bfloat16" else np, name)(2)
    assert ll.softargmax(X, T).tolist() == ll.softargmax(X, 2.0).tolist()
    assert Sampler(temperature=T, top_k=2) == Sampler(temperature=2.0, top_k=2)
    assert ll.sample(X, temperature=T, rng=0) == ll.sample(X, temperature=2.0, rng=0)
    assert Explorer(X, temperature=T).temperature == 2.0


def test_parameters_say_their_whole_range():
    for call, says in [
        (lambda: ll.sample(X, top_k=-1), r"top_k must be an integer >= 0, got -1$"),
        (lambda: Sampler(top_k=-1), r"k must be an integer >= 0, got -1$"),
        (lambda: Explorer(X, top_k=-1), r"top_k must be an integer >= 0, got -1$"),
        (lambda: ll.sample(X, temperature=-1), r"temperature must be >= 0, got -1$"),
        (lambda: Sampler(mirostat_tau=0), r"mirostat_tau must be in \(0, 1000000\], got 0$"),
        (lambda: Sampler(mirostat_tau=1e7), r"mirostat_tau must be in \(0, 1000000\], got 10000000\.0$"),
    ]:
        with pytest.raises(ValueError, match=says):
            call()


def names_of_all():
    functions = [
        ll.softargmax,
        ll.top_k,
        ll.sample,
        Sampler.sample,
        Sampler.trace,
        Explorer.__init__,
        TopK,
        TopP,
    ]
    return {*known(), *ALIASES, *(name for each in functions for name in inspect.signature(each).parameters)}


def test_the_table_names_what_there_is():
    own = names_of_all()
    for name, habit in HABITS.items():
        assert habit.names or habit.said, name
        assert own.issuperset(habit.names), name
        assert name not in habit.names


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("T", "temperature"),
        ("temp", "temperature"),
        ("k", "top_k"),
        ("p", "top_p"),
        ("rng", "seed"),
        ("random_state", "seed"),
        ("generator", "seed"),
    ],
)
def test_models_read_the_same_table(name, own):
    with pytest.raises(TypeError, match=f"{name!r}; did you mean '{own}'"):
        Ollama("m", "127.0.0.1:9", **{name: 1})
    assert name not in ELSEWHERE


def test_a_hint_without_a_near_name_lists_what_there_is():
    assert hint("zzz", ["x", "T"]) == "; it takes x, T"


def test_errors_from_within_stay_as_they_are():
    class Odd:
        def __array__(self, dtype=None, copy=None):
            raise TypeError("from within")

    for call in (sampler.sample, sampler.trace, Explorer):
        with pytest.raises(TypeError, match="from within"):
            call(Odd())
    with pytest.raises(TypeError, match="missing 1 required"):
        sampler.sample()


@pytest.mark.parametrize("method", ["sample", "probs", "trace", "step"])
def test_signatures_are_those_of_the_methods(method):
    assert "history" in inspect.signature(getattr(sampler, method)).parameters
    assert "temperature" in inspect.signature(Explorer).parameters
    assert list(inspect.signature(TopK).parameters) == ["k", "ties", "min_keep"]
