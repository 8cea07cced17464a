"""No error prints more than 2000 characters, whatever came: huge arguments at every parameter of everything public."""

import inspect
import itertools

import numpy as np
import pytest

import logitlab as ll
from logitlab import Explorer, Sampler, compare, connect, diverge, reference
from logitlab.llms import BuiltIn, Ollama
from logitlab.messages import shown
from logitlab.sampling import ENGINES, PerRow, steps
from logitlab.sampling.steps.base import Step, registry

MOST = 2000
N = 600


class Loud:
    def __repr__(self):
        return "loud " * N


class Broken:
    def __repr__(self):
        raise RuntimeError("no repr " * N)


class Nested(dict):
    """A dict in a dict in a dict, of somebody else's class."""

    def __init__(self, depth=2):
        super().__init__()
        inner = {str(i) * 300: "x" * 300 for i in range(12)}
        for _ in range(depth):
            inner = dict.fromkeys(range(12), inner)
        self.update(inner)


HUGE = {
    "str": "word " * N,
    "bytes": b"word " * N,
    "number": 10**20_000,
    "negative number": -(10**20_000),
    "list of words": ["word " * 50] * (N // 10),
    "list of numbers": list(range(-1, N)),
    "list, last wrong": [*range(N), "word"],
    "tuple": ("word",) * N,
    "nested list": [[["word " * 20] * 20] * 20] * 20,
    "dict": {i: "word " * 50 for i in range(-1, N)},
    "dict of words": {f"word {i}": f"word {i} " * 50 for i in range(N)},
    "nested dict": Nested(),
    "set": {f"word {i}" for i in range(N)},
    "array": np.full(N, np.nan),
    "array of words": np.full(N, "word " * 20),
    "array of objects": np.full(N, "word " * 50, object),
    "array of fields": np.zeros(9, [(f"field {i}", float) for i in range(150)]),
    "many dimensions": np.full((1,) * 60, -1.0),
    "loud": Loud(),
    "loud list": [Loud()] * 9,
    "broken": Broken(),
    "type": type("Word" * N, (), {}),
    "sampler": Sampler(temperature=np.arange(1.0, N), logit_bias=dict.fromkeys(range(N), 1.0)),
    "generator": (word for word in ["word " * N]),
}
X = np.array([0.2, 0.3, 0.1, 0.4])
sampler = Sampler(top_k=2, repeat_penalty=1.1, xtc_probability=0.5)


class Model:
    def tokenize(self, text, *, chat=False):
        return [0]

    def detokenize(self, tokens):
        return "".join("abcd"[token] for token in tokens)

    def next_logits(self, tokens, *, chat=False):
        return X


CALLS = {
    "softargmax": (ll.softargmax, {"x": X}),
    "log_softargmax": (ll.log_softargmax, {"x": X}),
    "logsumexp": (ll.logsumexp, {"x": X}),
    "token_logprobs": (ll.token_logprobs, {"logits": X, "tokens": 1}),
    "top_k": (ll.top_k, {"logits": X, "k": 1}),
    "argtop_k": (ll.argtop_k, {"logits": X, "k": 1}),
    "sample": (ll.sample, {"logits": X, "rng": 0}),
    "sample, options": (ll.sample, {"logits": X, "rng": 0, "typical_p": 0.9, "history": [1], "generated": 1}),
    "Sampler": (Sampler, {"engine": "ollama", "steps": None}),
    "Sampler.defaults": (Sampler.defaults, {"engine": "ollama"}),
    "Sampler.from_json": (Sampler.from_json, {"text": "{}"}),
    "Sampler.sample": (sampler.sample, {"logits": X}),
    "Sampler.probs": (sampler.probs, {"logits": X}),
    "Sampler.trace": (sampler.trace, {"logits": X}),
    "Sampler.step": (Sampler(mirostat_tau=3.0).step, {"logits": X}),
    "Trace.why": (sampler.trace(X).why, {"token": 1}),
    "Trace.__getitem__": (sampler.trace([X, X]).__getitem__, {"row": 1}),
    "compare": (compare, {"logits": X, "top_k": 1}),
    "diverge": (diverge, {"a": Sampler(), "b": Sampler(), "model": Model(), "prompt": "a", "max_tokens": 2}),
    "Explorer": (Explorer, {"what": X}),
    "Explorer.text_of": (Explorer(X).text_of, {"token": 1}),
    "Explorer.follow": (Explorer(X).follow, {"token": 1}),
    "answers": (ll.answers, {"llm": Ollama("m", "127.0.0.1:9"), "prompt": "a", "n": 1}),
    "replay": (ll.replay, {"receipt": {"format": 1}}),
    "connect": (connect, {"model": "m", "host": "127.0.0.1:9", "fallback": None}),
    "Ollama": (Ollama, {"model": "m", "host": "127.0.0.1:9"}),
    "BuiltIn": (BuiltIn, {"path": "not-here.gguf"}),
    "Ollama.complete": (Ollama("m", "127.0.0.1:9").complete, {"prompt": "a"}),
    "Ollama.chat": (Ollama("m", "127.0.0.1:9").chat, {"messages": [{"role": "user", "content": "a"}]}),
    "Ollama.embed": (Ollama("m", "127.0.0.1:9").embed, {"texts": "a"}),
    "PerRow": (PerRow, {"values": [1]}),
    "reference.sample": (reference.sample, {"row": [0.0, 1.0], "uniform": 0.5}),
    "reference.logsumexp": (reference.logsumexp, {"row": [0.0, 1.0]}),
    "reference.token_logprob": (reference.token_logprob, {"row": [0.0, 1.0], "token": 0}),
    "reference.candidates": (reference.candidates, {"row": [0.0, 1.0]}),
    "Step.from_dict": (Step.from_dict, {"plain": {"step": "top_k", "k": 1}}),
    **{kind: (step, {next(iter(inspect.signature(step).parameters)): 1}) for kind, step in registry.items()},
}
OPTIONS = ["temperature", "top_k", "stop", "seed", "logit_bias", "raw", "format", "think", "keep_alive", "images",
           "tools", "timeout", "headers", "suffix", "context", "nonsense", "num_predict", "ban_tokens"]  # fmt: skip


def parameters(function, given):
    """The names that can be given, the options of the ones that take any."""
    names = dict.fromkeys(given)
    for each in inspect.signature(function).parameters.values():
        if each.kind is inspect.Parameter.VAR_KEYWORD:
            names |= dict.fromkeys(OPTIONS)
        elif (
            each.kind is not inspect.Parameter.VAR_POSITIONAL
            and each.kind is not inspect.Parameter.POSITIONAL_ONLY
        ):
            names[each.name] = None
    return list(names)


def longest(call):
    """The longest message of the errors of a call; 0 where there is none."""
    try:
        call()
    except Exception as error:
        return max(lengths(error))
    return 0


def lengths(error):
    while error is not None:
        yield len(str(error)) + sum(map(len, getattr(error, "__notes__", ())))
        error = error.__cause__


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CALLS)
def test_messages(name):
    function, given = CALLS[name]
    for parameter, kind in itertools.product(parameters(function, given), HUGE):
        if name.startswith("reference") and kind == "array of fields":
            continue  # the rules in plain Python compute with what comes, and the message is NumPy's
        assert longest(lambda: function(**given | {parameter: HUGE[kind]})) <= MOST, (parameter, kind)  # noqa: B023


# what is a Python function without options, so that Python itself answers
PLAIN = {
    name for name, (function, _) in CALLS.items() if name.startswith(("Trace", "reference", "Explorer."))
}
PLAIN |= {"PerRow", "Step.from_dict", "Sampler.from_json"}


@pytest.mark.parametrize("name", [name for name in CALLS if name not in PLAIN])
def test_the_name_of_an_option(name):
    function, given = CALLS[name]
    assert longest(lambda: function(**given | {"word" * N: 1})) <= MOST


@pytest.mark.parametrize("name", [*Explorer.class_trait_names()])
@pytest.mark.parametrize("kind", ["str", "list of words", "dict", "array", "loud", "number", "type"])
def test_what_is_assigned(name, kind):
    if name.startswith("_") or name in ("comm", "keys", "log", "layout", "tabbable", "tooltip"):
        return  # ipywidgets' own
    explorer = Explorer(X)
    assert longest(lambda: setattr(explorer, name, HUGE[kind])) <= MOST


@pytest.mark.parametrize("engine", [HUGE["str"], HUGE["list of words"], *ENGINES])
def test_a_step_that_an_engine_does_not_have(engine):
    with pytest.raises((TypeError, ValueError)) as raised:
        compare(X, [engine, HUGE["str"]], top_k=np.arange(N))
    assert max(lengths(raised.value)) <= MOST


def test_a_sampler_in_a_message():
    many = Sampler([steps.Temperature(np.arange(1.0, N)), steps.XTC(0.5), steps.Mirostat(3.0)])
    calls = [lambda: many.sample(X), lambda: many.probs(X), lambda: many.trace(X)]
    calls += [lambda: diverge(many, Sampler(), Model(), "a"), lambda: compare(X, {"a": many, "b": many})]
    for call in calls:
        with pytest.raises((TypeError, ValueError)) as raised:
            call()
        assert max(lengths(raised.value)) <= MOST


@pytest.mark.parametrize("kind", HUGE)
def test_what_is_shown_says_what_it_is(kind):
    text = shown(HUGE[kind])
    assert len(text) <= 800
    if hasattr(HUGE[kind], "__len__") and kind != "many dimensions":
        assert f"of length {len(HUGE[kind])}" in text or str(np.shape(HUGE[kind])) in text or len(text) <= 300


@pytest.mark.parametrize(
    "value",
    [1, -1.5, "hot", None, True, [1, 2], (1,), {"a": 1}, np.float32(0.5), np.array([1, 2]), b"a", 1j, 10**40],
)
def test_what_is_small_is_shown_as_it_is(value):
    assert shown(value) == repr(value)


def test_a_list_names_the_wrong_text():
    with pytest.raises(TypeError, match=r"nan \(float\) as texts\[5000\]"):
        Ollama("m", "127.0.0.1:9").embed([*itertools.repeat("some words", 5000), float("nan")])
