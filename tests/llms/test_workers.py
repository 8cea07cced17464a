"""The built-in model's workers: the same bits for any number, in one call, token by token, and side by side."""

import itertools
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from gguf import GGMLQuantizationType as Type

import logitlab as ll
from logitlab.llms import BuiltIn
from logitlab.llms.smol.gguf_file import GGUFFile
from logitlab.llms.smol.network import BLOCK, Network

from . import tiny

VOCABULARY = len(tiny.vocabulary())
KINDS = [(Type.Q4_1, Type.Q8_0), (Type.Q8_0, Type.Q4_1), (Type.F32, Type.F32)]
NUMBERS = (1, 2, 3, 7, -1)
TOKENS = np.random.default_rng(0).integers(VOCABULARY, size=2 * BLOCK + 5).tolist()


@pytest.fixture(scope="module", params=KINDS, ids=lambda kinds: "-".join(kind.name for kind in kinds))
def path(request, tmp_path_factory):
    return tiny.write(tmp_path_factory.mktemp("workers") / "tiny.gguf", seed=3, kinds=request.param).path


def logits_of(network, tokens, workers, parts=()):
    """The logits after each part of the tokens, fed in a fresh cache; one part is the whole."""
    rows = []
    cache = network._cache(tiny.CONTEXT)
    cache.workers = workers
    for end in (*itertools.accumulate(parts), len(tokens)):
        rows.append(network.read(cache, tokens[:end], lambda: False))
    return rows[-1].tobytes()


def test_same_bits_for_any_number_and_any_cut_of_the_prompt(path):
    """One call, token by token, blocks of all sizes, and a reused prefix."""
    network = Network(GGUFFile(path), VOCABULARY, path.parent)
    expected = logits_of(network, TOKENS, 1)
    cuts = [(), (1,) * 40, (5, BLOCK, 7), (BLOCK,)]
    for workers, parts in itertools.product(NUMBERS, cuts):
        assert logits_of(network, TOKENS, workers, parts) == expected, (workers, parts)
    for workers in NUMBERS:
        with network.pool.lend(TOKENS[:50], tiny.CONTEXT, workers) as cache:
            network.read(cache, TOKENS[:50], lambda: False)
        with network.pool.lend(TOKENS, tiny.CONTEXT, workers) as cache:
            assert len(cache.tokens) >= 50 or workers == 1
            assert network.read(cache, TOKENS, lambda: False).tobytes() == expected


def test_answers_and_logits_of_models_with_workers(path):
    one = BuiltIn(path, workers=1)
    expected = one.complete("the sing", seed=3, num_predict=20, raw=True).text
    logits = one.next_logits("the sing")
    for workers in (*NUMBERS, None, np.int64(2)):
        llm = BuiltIn(path, workers=workers)
        assert llm.complete("the sing", seed=3, num_predict=20, raw=True).text == expected
        np.testing.assert_array_equal(llm.next_logits("the sing"), logits)
        assert llm.workers == workers


def test_the_setting_holds_for_a_model_that_does_not_say(path, monkeypatch):
    """The number reaches the pass: its last argument, as the session gets it."""
    seen = []

    class Session:
        def __init__(self, session):
            self.session = session

        def forward(self, *arguments):
            seen.append(arguments[3])
            self.session.forward(*arguments)

    llm = BuiltIn(path, workers=-1)
    make = llm._model.network.pool._make
    llm._model.network.pool._idle.clear()

    def wrapped(capacity):
        cache = make(capacity)
        cache.session = Session(cache.session)
        return cache

    monkeypatch.setattr(llm._model.network.pool, "_make", wrapped)
    llm.next_logits(TOKENS[:3])
    assert seen == [-1]
    llm.complete("the", raw=True, num_predict=1, seed=1)
    assert set(seen) == {-1}
    BuiltIn(path).next_logits(TOKENS[5:7])
    assert seen[-1] is None
    llm._model.network.pool._idle.clear()


def test_two_models_in_two_threads(path):
    models = [BuiltIn(path, workers=workers) for workers in (1, 2, 3, 2)]
    expected = models[0].complete("in the", seed=5, num_predict=30, raw=True).text

    def ask(llm):
        return {llm.complete("in the", seed=5, num_predict=30, raw=True).text for _ in range(3)}

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, models)) == [{expected}] * 4


@pytest.mark.parametrize(
    ("workers", "error"),
    [(0, ValueError), (-1000, ValueError), (1.5, TypeError), (True, TypeError), ("2", TypeError)],
)
def test_wrong_numbers_say_what_is_needed(path, workers, error):
    with pytest.raises(error, match=rf"^workers must be an integer >= 1, .*got {workers!r}"):
        BuiltIn(path, workers=workers)


@pytest.mark.parametrize(
    "habit", ["num_thread", "n_threads", "threads", "n_jobs", "num_threads", "max_workers"]
)
def test_habits_are_answered(path, habit):
    with pytest.raises(TypeError, match=r"BuiltIn\(workers=2\)"):
        BuiltIn(path, **{habit: 2})
    with pytest.raises(TypeError, match=r"BuiltIn\(workers=2\)"):
        BuiltIn(path).complete("a", **{habit: 2})
    with pytest.raises(TypeError, match=r"BuiltIn\(workers=2\)"):
        BuiltIn(path).complete("a", workers=2)


def ask_again_and_again(llm):
    for _ in range(10_000):
        llm.complete("the sing", num_predict=100, raw=True)


def test_ctrl_c_ends_an_answer_and_the_model_goes_on(path):
    llm = BuiltIn(path, workers=2)
    expected = llm.complete("the sing", seed=3, num_predict=20, raw=True).text
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        ask_again_and_again(llm)
    assert llm.complete("the sing", seed=3, num_predict=20, raw=True).text == expected


def test_a_session_in_use_refuses_another_call_whatever_its_workers(path):
    """The pass is not torn: a second call on one session is an error, not a race."""
    cache = BuiltIn(path)._model.network._cache(tiny.CONTEXT)
    errors = []

    def feed():
        for _ in range(300):
            try:
                cache.session.forward(TOKENS[:BLOCK], 0, None, 2)
            except RuntimeError as error:
                errors.append(str(error))

    with ll.set_workers(1), ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda _: feed(), range(3)))
    assert set(errors) <= {"a session runs one call at a time"}
