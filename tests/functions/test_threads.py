"""Eight threads on shared arrays give the serial results; the input is never written; other threads run meanwhile."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import logitlab as ll

SAMPLER = ll.Sampler(repeat_penalty=1.2, top_k=np.arange(1, 5), temperature=0.8)


def calls(x, workers=None):
    trace = SAMPLER.trace(x, history=[1, 2], workers=workers)
    return [
        ll.softargmax(x, 0.8, workers=workers),
        ll.log_softargmax(x, 0.8, workers=workers),
        ll.softargmax(x.T, axis=0, workers=workers),
        ll.logsumexp(x, 0.8, workers=workers),
        ll.token_logprobs(x, 50, workers=workers),
        ll.top_k(x, 50, workers=workers),
        ll.argtop_k(x, 50, workers=workers),
        *ll.top_k(x, 20, return_indices=True, workers=workers),
        ll.sample(x, rng=1, size=20, workers=workers),
        ll.sample(x, rng=1, top_p=0.9, temperature=0.8, workers=workers),
        SAMPLER.sample(x, rng=1, history=[1, 2], workers=workers),
        SAMPLER.probs(x, history=[1, 2], workers=workers),
        trace.margin,
        trace.removed_by,
    ]


def test_eight_threads():
    rows = np.random.default_rng(0).standard_normal((4, 20_000)).astype(np.float32)
    rows.flags.writeable = False
    expected = [a.tobytes() for a in calls(rows)]
    barrier = threading.Barrier(8)

    def work(_):
        barrier.wait()
        return all([a.tobytes() for a in calls(rows)] == expected for _ in range(10))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_threads_that_have_workers_of_their_own():
    """Callers share the pool while it grows, and while the setting changes."""
    rows = np.random.default_rng(0).standard_normal((4, 20_000)).astype(np.float32)
    expected = [a.tobytes() for a in calls(rows, workers=1)]
    barrier = threading.Barrier(4)

    def work(workers):
        barrier.wait()
        for _ in range(5):
            with ll.set_workers(workers):
                if [a.tobytes() for a in calls(rows, None if workers == 3 else workers)] != expected:
                    return False
        return True

    with ll.set_workers(1), ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, (2, 3, 4, 3)))


def test_one_generator_shared_by_threads_loses_no_double():
    """The bit generator's lock is held while its doubles are taken: together they are the serial stream."""
    generator = np.random.default_rng(7)
    flat = np.zeros(2**20)
    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(lambda _: ll.sample(flat, size=500, rng=generator), range(8)))
    serial = ll.sample(flat, size=4000, rng=7)
    assert sorted(tuple(p) for p in parts) == sorted(tuple(p) for p in serial.reshape(8, 500))


def test_the_gil_is_released():
    """While a long call runs in one thread, another counts."""
    x = np.zeros(20_000_000, np.float32)
    counted, stop = [0], threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1

    thread = threading.Thread(target=count)
    thread.start()
    try:
        before = counted[0]
        ll.softargmax(x, out=x)
        assert counted[0] - before > 100
    finally:
        stop.set()
        thread.join()
