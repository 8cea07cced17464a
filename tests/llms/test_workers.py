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
from logitlab.llms import BuiltIn, ChatMessage
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


def interrupted_at(monkeypatch, at):
    """Sends Ctrl-C from another thread while the pass of the `at`-th drawn token runs; lists the tokens fed so far."""
    fed, begun, sent = [], threading.Event(), threading.Event()

    def send():
        begun.wait(60)
        os.kill(os.getpid(), signal.SIGINT)
        sent.set()

    step = Network.step

    def watched(self, cache, token):
        fed.append(token)
        if len(fed) != at:
            return step(self, cache, token)
        begun.set()
        logits = step(self, cache, token)
        sent.wait(60)  # whatever the machine does, it is sent before the next token
        return logits

    monkeypatch.setattr(Network, "step", watched)
    threading.Thread(target=send, daemon=True).start()
    return fed


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_ends_an_answer_within_one_token_and_keeps_what_has_come(path, monkeypatch, workers):
    """No token is fed after it, no thread goes on behind it, the answer so far is `.partial`, the model is whole."""
    llm = BuiltIn(path, workers=workers)
    options = {"seed": 3, "num_predict": 40, "trace": True}
    prompts = {
        "complete": ("the sing", {"raw": True}),
        "chat": ([ChatMessage("user", "the sing")], {}),
    }
    for (call, (asked, more)), streams, at in itertools.product(prompts.items(), (False, True), (1, 7)):

        def ask(call=call, asked=asked, more=more):
            return getattr(llm, call)(asked, **options, **more)

        def stream(call=call, asked=asked, more=more):
            return list(getattr(llm, f"stream_{call}")(asked, **options, **more))

        whole = ask()
        tokens = [drawn.id for drawn in whole.drawn]
        assert len(tokens) > at + 1
        with monkeypatch.context() as patch:
            fed = interrupted_at(patch, at)
            with pytest.raises(KeyboardInterrupt) as caught:
                (stream if streams else ask)()
        partial = caught.value.partial
        came = [drawn.id for drawn in partial.drawn]
        assert came == tokens[: len(came)]
        assert at <= len(came) + 1 <= at + 1
        assert whole.text.startswith(partial.text)
        assert ask().text == whole.text
        assert fed == tokens[:at]


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
