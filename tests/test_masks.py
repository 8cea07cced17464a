"""A mask is an error wherever an array comes in: nothing that was masked takes part silently."""

import itertools
import re
from collections import deque

import numpy as np
import pytest

import logitlab as ll
from logitlab import Explorer, Sampler, compare, diverge, reference
from logitlab.masks import refusal
from logitlab.sampling import BanTokens, LogitBias, PerRow, TopP, Trace

ROW = [1.0, 2.0, 5.0]
BATCH = [ROW, ROW]


class Converted:
    """What NumPy asks for an array, as dask arrays and data frames are."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


class Own(np.ma.MaskedArray):
    """A masked array of somebody else's class."""


MASKS = {
    "one": lambda x: np.ma.array(x, mask=np.arange(np.size(x)).reshape(np.shape(x)) == 0),
    "all": lambda x: np.ma.array(x, mask=True),
    "none": lambda x: np.ma.array(x),
    "nothing masked": lambda x: np.ma.array(x, mask=False),
    "hard": lambda x: np.ma.array(x, mask=False, hard_mask=True),
    "another class": lambda x: np.ma.array(x, mask=False).view(Own),
    "converted": lambda x: Converted(np.ma.array(x, mask=False)),
    "list": lambda x: [np.ma.array(row) for row in x],
    "tuple": lambda x: tuple(np.ma.array(row) for row in x),
    "deque": lambda x: deque(np.ma.array(row) for row in x),
    "second": lambda x: [x[0], *(np.ma.array(row, mask=True) for row in x[1:])],
    "masked elements": lambda x: [*x[:-1], np.ma.masked],
}
SCALAR = ("one", "all", "none", "nothing masked", "another class", "converted")


class Model:
    """A model that knows one row."""

    def __init__(self, row):
        self.row = row

    def tokenize(self, text, *, chat=False):
        return [0]

    def detokenize(self, tokens):
        return "".join("abc"[token] for token in tokens)

    def next_logits(self, tokens, *, chat=False):
        return self.row


sampler = Sampler(top_k=2, repeat_penalty=1.5)
coins = Sampler(xtc_probability=0.5)
FLOATS = {
    "softargmax": lambda x: ll.softargmax(x),
    "softargmax, axis": lambda x: ll.softargmax(x, axis=None),
    "log_softargmax": lambda x: ll.log_softargmax(x),
    "logsumexp": lambda x: ll.logsumexp(x),
    "token_logprobs": lambda x: ll.token_logprobs(x, 1),
    "softargmax, axes": lambda x: ll.softargmax(x, axis=(-1,)),
    "top_k": lambda x: ll.top_k(x, 2),
    "argtop_k": lambda x: ll.argtop_k(x, 2),
    "sample": lambda x: ll.sample(x, rng=0),
    "sample, options": lambda x: ll.sample(x, rng=0, typical_p=0.9),
    "Sampler.sample": lambda x: sampler.sample(x, rng=0),
    "Sampler.probs": lambda x: sampler.probs(x),
    "Sampler.trace": lambda x: sampler.trace(x),
    "Sampler.step": lambda x: Sampler(mirostat_v2_tau=3.0).step(x, rng=0),
    "compare": lambda x: compare(x, top_k=1),
    "Explorer": lambda x: Explorer(x),
    "Explorer, a model": lambda x: Explorer(Model(x), "a"),
    "diverge": lambda x: diverge(Sampler(), Sampler(temperature=2.0), Model(x), "a", max_tokens=2),
    "T": lambda x: ll.softargmax(np.zeros((3, 4)), x),
    "T of logsumexp": lambda x: ll.logsumexp(np.zeros((3, 4)), x),
    "T of token_logprobs": lambda x: ll.token_logprobs(np.zeros((3, 4)), 1, x),
    "reference.logsumexp": lambda x: reference.logsumexp(x),
    "reference.token_logprob": lambda x: reference.token_logprob(x, 0),
    "T of log_softargmax": lambda x: ll.log_softargmax(np.zeros((3, 4)), T=x),
    "temperature": lambda x: ll.sample(np.zeros((3, 4)), temperature=x),
    "Sampler(temperature)": lambda x: Sampler(temperature=x),
    "Smoothing": lambda x: Sampler(smoothing_factor=x),
    "replace": lambda x: Sampler(temperature=1.0).replace(temperature=x),
    "state": lambda x: Sampler(mirostat_v2_tau=3.0).probs(BATCH, state=(x,)),
    "reference.sample": lambda x: reference.sample(x, 0.5),
    "reference.candidates": lambda x: reference.candidates(x),
}
SHARES = {
    "top_p": lambda x: ll.sample(np.zeros((3, 4)), top_p=x),
    "min_p": lambda x: ll.sample(np.zeros((3, 4)), min_p=x),
    "TopP": lambda x: TopP(x),
    "Sampler(min_p)": lambda x: Sampler(min_p=x),
    "coins": lambda x: coins.trace(ROW, coins=x),
}
IDS = {
    "tokens": lambda x: ll.token_logprobs(np.zeros((3, 4)), x),
    "top_k=": lambda x: ll.sample(np.zeros((3, 4)), top_k=x),
    "Sampler(top_k)": lambda x: Sampler(top_k=x),
    "history of sample": lambda x: ll.sample(ROW, repeat_penalty=1.5, history=x),
    "history": lambda x: sampler.sample(ROW, history=x),
    "history of probs": lambda x: sampler.probs(ROW, history=x),
    "history of trace": lambda x: sampler.trace(ROW, history=x),
    "history of step": lambda x: sampler.step(ROW, history=x),
    "history of compare": lambda x: compare(ROW, top_k=1, history=x),
    "generated": lambda x: sampler.sample(BATCH, history=[0], generated=x),
    "BanTokens": lambda x: BanTokens(x),
    "Sampler(ban_tokens)": lambda x: Sampler(ban_tokens=x),
    "PerRow": lambda x: PerRow(x),
    "PerRow of BanTokens": lambda x: BanTokens(PerRow([x])),
    "eos_token_id": lambda x: Sampler(min_new_tokens=2, eos_token_id=x),
    "LogitBias": lambda x: LogitBias(x),
    "prompt": lambda x: diverge(Sampler(), Sampler(), Model(ROW), x),
    "stop": lambda x: diverge(Sampler(), Sampler(), Model(ROW), "a", stop=x),
    "reference.dry": lambda x: reference.dry(reference.candidates(ROW), x, 1.0),
    "reference.ban_tokens": lambda x: reference.ban_tokens(reference.candidates(ROW), x, [[0]]),
}
NUMBERS = {
    "T": lambda x: ll.softargmax(ROW, x),
    "temperature": lambda x: ll.sample(ROW, temperature=x),
    "Sampler": lambda x: Sampler(temperature=x),
    "Explorer(temperature)": lambda x: Explorer(ROW, temperature=x),
    "top_p": lambda x: ll.sample(ROW, top_p=x),
}
COUNTS = {
    "k": lambda x: ll.top_k(ROW, x),
    "a token": lambda x: ll.token_logprobs(ROW, x),
    "size": lambda x: ll.sample(ROW, size=x),
    "size, a tuple": lambda x: ll.sample(ROW, size=(1, x)),
    "top_k": lambda x: ll.sample(ROW, top_k=x),
    "Sampler(top_k)": lambda x: Sampler(top_k=x),
    "Explorer(top_k)": lambda x: Explorer(ROW, top_k=x),
    "generated": lambda x: sampler.sample(ROW, history=[0], generated=x),
}


def refused(call, value):
    with pytest.raises((TypeError, ValueError), match="without a mask, got a masked array") as raised:
        call(value)
    return raised.value


# what takes an iterable, and not everything that NumPy makes an array of
ITERABLES = {"PerRow", "PerRow of BanTokens", "BanTokens", "Sampler(ban_tokens)", "LogitBias", "eos_token_id"}
ITERABLES |= {"prompt", "stop", *(name for name in (*FLOATS, *IDS) if name.startswith("reference"))}


def cases(entries):
    """Every entry with every kind of mask that it could take."""
    for entry, kind in itertools.product(entries, MASKS):
        if (entry in ITERABLES and kind == "converted") or (entry, kind) == ("state", "tuple"):
            continue  # no iterable; a tuple of states is a state
        yield entry, kind


@pytest.mark.filterwarnings("error")  # NumPy warns when it converts a masked element to NaN: too late
@pytest.mark.parametrize(("entry", "kind"), list(cases(FLOATS)))
def test_logits_temperatures_and_states(entry, kind):
    values = BATCH if kind in ("list", "tuple", "deque", "second") else ROW
    refused(FLOATS[entry], MASKS[kind](values))


@pytest.mark.parametrize(("entry", "kind"), list(cases(SHARES)))
def test_shares(entry, kind):
    values = [[0.5], [0.6]] if kind in ("list", "tuple", "deque", "second") else [0.5, 0.5, 0.5]
    refused(SHARES[entry], MASKS[kind](values))


@pytest.mark.parametrize(("entry", "kind"), list(cases(IDS)))
def test_token_ids_and_counts(entry, kind):
    values = [[0, 1], [1, 2]] if kind in ("list", "tuple", "deque", "second") else [0, 1, 2]
    refused(IDS[entry], MASKS[kind](values))


@pytest.mark.parametrize("kind", SCALAR)
@pytest.mark.parametrize(
    ("entry", "value"), [*((each, 0.5) for each in NUMBERS), *((each, 1) for each in COUNTS)]
)
def test_numbers(entry, value, kind):
    call = (NUMBERS if value == 0.5 else COUNTS)[entry]
    if kind == "converted" and entry in ("k", "size", "size, a tuple"):
        with pytest.raises((TypeError, ValueError), match="must be an integer"):
            call(MASKS[kind](value))
        return
    refused(call, MASKS[kind](value))


def test_out():
    out = np.ma.zeros(3)
    refused(lambda out: ll.softargmax(ROW, out=out), out)
    assert not out.any()


def test_a_bias_that_is_masked():
    for bias in (np.ma.masked, np.ma.array(0.5)):
        with pytest.raises(TypeError, match=r"logit_bias.*mask"):
            Sampler(logit_bias={0: bias})


def test_names():
    for call in (lambda x: Explorer(ROW, tokens=x), lambda x: sampler.trace(ROW, tokens=x),
                 lambda x: compare(ROW, top_k=1, tokens=x)):  # fmt: skip
        refused(call, np.ma.array(["a", "b", "c"]))


def test_both_sides_say_the_same():
    """The C functions and the Python code have a check each; this compares what they say."""
    said = str(refused(ll.softargmax, np.ma.array(ROW)))
    assert said == str(refused(Explorer, np.ma.array(ROW))) == refusal("logits")
    assert ".filled(-np.inf)" in said


@pytest.mark.parametrize("x", [ROW, np.array(ROW), BATCH, deque(ROW), range(3), (np.array(ROW), ROW)])
def test_what_has_no_mask_is_taken(x):
    np.testing.assert_array_equal(ll.softargmax(x), ll.softargmax(np.array(x)))
    assert isinstance(sampler.trace(x), Trace)


def test_a_frame_has_a_method_called_mask():
    pandas = pytest.importorskip("pandas")
    series = pandas.Series(ROW)
    assert re.search("mask", " ".join(dir(series)))
    np.testing.assert_array_equal(ll.softargmax(series), ll.softargmax(ROW))
    np.testing.assert_array_equal(Explorer(series).probs, ll.softargmax(ROW))
