"""workers=: the same bits, errors and doubles for every number of threads, and what becomes of the threads."""

import os
import signal
import subprocess
import sys
import threading

import ml_dtypes
import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided

import logitlab as ll
from logitlab import Sampler

NUMBERS = (2, 3, 7, -1, np.int8(2), 10**30)


def batch(dtype, shape=(211, 257), seed=0):
    """Many blocks of rows, with every kind of row among them."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(shape) * 4
    x = (np.abs(x) if np.dtype(dtype).kind == "u" else x).astype(dtype)
    if np.dtype(dtype).kind in "fV":
        x[rng.random(shape) < 0.05] = -np.inf
        x[..., 0] = 0
        x[5], x[60, 3], x[100, 7] = x[5, 0], np.inf, -0.0
    return x


def layouts(x):
    """The same rows in memory in other ways, with the axis that they lie along."""
    yield x, -1
    yield np.asfortranarray(x), -1
    yield np.ascontiguousarray(x.T), 0
    yield np.broadcast_to(x, (2, *x.shape)), -1
    if x.dtype.kind != "V":
        yield x.astype(x.dtype.newbyteorder()), -1
    padded = np.zeros((x.shape[0], x.nbytes // x.shape[0] + 1), np.uint8)
    padded[:, 1:] = x.view(np.uint8)
    yield padded[:, 1:].view(x.dtype), -1


def as_bytes(results):
    return [np.asarray(each).tobytes() for each in results]


def rows_of_functions(x, axis, workers):
    temperatures = np.linspace(0, 2, 211)
    yield ll.softargmax(x, 0.7, axis=axis, workers=workers)
    yield ll.softargmax(x, temperatures, axis=axis, workers=workers)
    yield ll.log_softargmax(x, [[0.5], [np.inf]], axis=axis, workers=workers)
    yield ll.logsumexp(x, temperatures, axis=axis, workers=workers)
    yield ll.token_logprobs(x, np.arange(211), 0.7, axis=axis, workers=workers)
    yield ll.softargmax(np.zeros((0, 5)), workers=workers)


def rows_of_choices(x, axis, workers):
    yield ll.top_k(x, 5, axis=axis, workers=workers)
    yield ll.argtop_k(x, 200, axis=axis, workers=workers)
    yield from ll.top_k(x, 20, axis=axis, order="descending", return_indices=True, workers=workers)


def rows_of_draws(x, axis, workers):
    rng = np.random.default_rng(3)
    many = np.arange(211) % 9
    yield ll.sample(x, axis=axis, rng=rng, workers=workers)
    yield ll.sample(x, axis=axis, rng=rng, size=(2, 3), top_k=many, temperature=0.9, workers=workers)
    yield ll.sample(x, axis=axis, rng=rng, top_p=0.9, min_p=0.01, size=2, workers=workers)
    yield rng.random(3)  # the stream goes on at the same place


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16, np.float32, np.float64], ids=str)
def test_functions_give_the_same_bits(dtype):
    drawn, other = batch(dtype), batch(dtype)
    other[70, 5] = np.nan
    for x, functions in ((other, rows_of_functions), (other, rows_of_choices), (drawn, rows_of_draws)):
        for laid, axis in layouts(x):
            one = as_bytes(functions(laid, axis, 1))
            for workers in NUMBERS:
                assert as_bytes(functions(laid, axis, workers)) == one, (functions.__name__, axis, workers)


@pytest.mark.parametrize("dtype", [np.int8, np.uint32, np.int64, bool], ids=str)
def test_integers_give_the_same_bits(dtype):
    for x, axis in layouts(batch(dtype)):
        one = as_bytes(rows_of_choices(x, axis, 1))
        assert all(as_bytes(rows_of_choices(x, axis, workers)) == one for workers in NUMBERS)


def whole_calls_of(workers):
    """Every method of a sampler, with a history, lists and a parameter for each row, coins and a state."""
    x = batch(np.float32)
    history = [list(range(row % 7, row)) for row in range(len(x))]
    sampler = Sampler(
        repeat_penalty=1.3,
        top_k=np.arange(len(x)) + 1,
        dry_multiplier=0.5,
        xtc_probability=0.5,
        temperature=0.8,
        logit_bias=[{row: -3.0} for row in range(len(x))],
    )
    rng = np.random.default_rng(8)
    yield sampler.sample(x, history=history, rng=rng, workers=workers)
    yield sampler.sample(x, size=3, history=history, generated=2, rng=rng, workers=workers)
    yield sampler.probs(x, history=history, workers=workers)
    yield sampler.probs(x.T, axis=0, history=history, workers=workers)
    trace = sampler.trace(x, history=history, workers=workers)
    yield from (trace.removed_by, trace.margin, trace.before, trace.after, trace._records)
    stateful, state = Sampler(mirostat_v2_tau=3.0), None
    for _ in range(3):
        token, state = stateful.step(x, state, rng, workers=workers)
        yield token
        yield state[0]
    yield stateful.probs(x, state=state, workers=workers)
    yield ll.sample(x, typical_p=0.9, rng=rng, history=history, workers=workers)
    yield rng.random(3)


def test_samplers_give_the_same_bits():
    one = as_bytes(whole_calls_of(1))
    for workers in NUMBERS:
        assert as_bytes(whole_calls_of(workers)) == one, workers


def test_many_draws_of_short_rows_are_divided_and_the_same():
    x = np.random.default_rng(0).standard_normal((40, 10))
    one = ll.sample(x, size=5000, rng=1, workers=1)
    assert all(
        ll.sample(x, size=5000, rng=1, workers=workers).tobytes() == one.tobytes() for workers in (2, 5)
    )


def test_out_in_place_and_overlapping():
    source = batch(np.float64, (300, 300))

    def results(workers):
        in_place = source.copy()
        yield ll.softargmax(in_place, 0.5, out=in_place, workers=workers)
        shifted = np.concatenate([source.ravel(), np.zeros(700)])
        x, out = (shifted[start : start + source.size].reshape(source.shape) for start in (0, 700))
        yield ll.log_softargmax(x, out=out, workers=workers)
        reversed_ = source.copy()
        yield ll.softargmax(reversed_, out=reversed_[::-1], workers=workers)
        across = source.copy()
        yield ll.softargmax(across, axis=0, out=across.T, workers=workers)
        scattered = np.full((600, 600), 7.0)
        ll.softargmax(source, out=scattered[::2, ::2], workers=workers)
        yield scattered

    one = as_bytes(results(1))
    assert all(as_bytes(results(workers)) == one for workers in (2, 3, 7))


@pytest.mark.parametrize("step", [0, 100, 200])
def test_rows_of_out_that_lie_on_each_other_are_written_in_order(step):
    x = batch(np.float32, (2000, 200))

    def written(workers):
        memory = np.zeros(2000 * 200, np.float32)
        out = as_strided(memory, x.shape, (4 * step, 4))
        ll.softargmax(x, np.arange(1, 2001), out=out, workers=workers)
        return memory.tobytes()

    one = written(1)
    assert all(written(workers) == one for workers in (2, 7) * 5)


@pytest.mark.parametrize(
    ("first", "others"), [(0, [210]), (57, [58, 190]), (209, [210]), (57, range(58, 211))], ids=str
)
def test_errors_name_the_first_row_and_leave_the_stream_past_the_doubles(first, others):
    x = batch(np.float32)
    x[[first, *others], 9] = np.nan
    sampler = Sampler(top_k=3)
    for workers in (1, *NUMBERS):
        for call in (ll.sample, sampler.sample):
            rng, past = np.random.default_rng(1), np.random.default_rng(1)
            with pytest.raises(ValueError, match=rf"row {first} of the batch"):
                call(x, rng=rng, workers=workers)
            past.random(len(x))
            assert rng.bit_generator.state == past.bit_generator.state
        for call in (sampler.probs, sampler.trace):
            with pytest.raises(ValueError, match=rf"row {first} of the batch"):
                call(x, workers=workers)


@pytest.mark.parametrize(
    ("banned", "empty", "said"), [(40, 150, "step 1, .*row 40 of"), (150, 40, "row 40 .* NaN")]
)
def test_of_different_errors_that_of_the_first_row_is_raised(banned, empty, said):
    x = batch(np.float32)
    x[empty] = x[banned] = -np.inf
    x[banned, 3] = 0
    sampler = Sampler(ban_tokens=[3], temperature=0.5)
    for workers in (1, *NUMBERS):
        with pytest.raises(ValueError, match=said):
            sampler.probs(x, workers=workers)


BAD = {
    0: ValueError,
    -1000: ValueError,
    -(10**30): ValueError,
    1.5: TypeError,
    True: TypeError,
    "2": TypeError,
}
ROW = [1.0, 2.0]
CALLS = {
    "softargmax": lambda **given: ll.softargmax(ROW, **given),
    "log_softargmax": lambda **given: ll.log_softargmax(ROW, **given),
    "logsumexp": lambda **given: ll.logsumexp(ROW, **given),
    "token_logprobs": lambda **given: ll.token_logprobs(ROW, 1, **given),
    "top_k": lambda **given: ll.top_k(ROW, 1, **given),
    "argtop_k": lambda **given: ll.argtop_k(ROW, 1, **given),
    "sample": lambda **given: ll.sample(ROW, **given),
    "sample of a Sampler": lambda **given: ll.sample(ROW, typical_p=0.5, **given),
    "Sampler.sample": lambda **given: Sampler(top_k=1).sample(ROW, **given),
    "Sampler.probs": lambda **given: Sampler(top_k=1).probs(ROW, **given),
    "Sampler.trace": lambda **given: Sampler(top_k=1).trace(ROW, **given),
    "Sampler.step": lambda **given: Sampler(mirostat_v2_tau=1).step(ROW, **given),
}
SETTERS = CALLS | {"set_workers": lambda workers: ll.set_workers(workers)}


@pytest.mark.parametrize("call", SETTERS.values(), ids=SETTERS)
def test_wrong_numbers_say_what_is_needed(call):
    cores = len(os.sched_getaffinity(0))
    for value, error in BAD.items():
        with pytest.raises(error, match=rf"^workers must be an integer >= 1, .* to -{cores} .*got {value!r}"):
            call(workers=value)
    with pytest.raises(TypeError, match=r"workers must be .* without a mask"):
        call(workers=np.ma.array(2, mask=True))
    with pytest.raises(TypeError, match=r"workers must be an integer.*array\(\[2, 2\]\)"):
        call(workers=np.array([2, 2]))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_none_is_the_setting_and_habits_are_answered(call):
    call(workers=None)
    for habit in ("n_jobs", "threads", "num_threads", "n_threads", "max_workers"):
        with pytest.raises(TypeError, match=r"it is called workers= here; a number of threads, or -1"):
            call(**{habit: 2})


def in_a_block(workers):
    with ll.set_workers(workers) as nothing:
        assert nothing is None
        raise KeyError


def test_a_setting_lasts_for_a_block():
    with ll.set_workers(1):
        for workers in (3, -1):
            with pytest.raises(KeyError):
                in_a_block(workers)
        assert repr(ll.set_workers(2)) == "<workers=2, before it 1>"
        assert repr(ll.set_workers(1)) == "<workers=1, before it 2>"
        with pytest.raises(ValueError, match="workers must be"):
            ll.set_workers(0)
        assert repr(ll.set_workers(4)) == "<workers=4, before it 1>"


def run(program, **environment):
    """What a program prints, in a process of its own."""
    command = [sys.executable, "-c", HELPERS + program]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


HELPERS = """
import atexit, os, sys

def helpers():
    "The threads of the pool, by their name."
    names = []
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/comm") as file:
            names.append(file.read().strip())
    return names.count("logitlab")

atexit.register(lambda: print("at exit", helpers(), flush=True))  # after those that are registered later
import numpy as np
import logitlab as ll

x = np.random.default_rng(0).standard_normal((300, 1000))
expected = ll.softargmax(x).tobytes()
"""


def needs_proc():
    if not os.path.isdir("/proc/self/task"):
        pytest.skip("not on this machine: /proc, which lists threads")


def test_threads_start_when_they_are_wanted_and_end_before_the_process():
    needs_proc()
    program = """
print(helpers())
ll.softargmax(x[:1], workers=8)
ll.softargmax(x[:, :2], workers=8)
print(helpers())
for workers in (2, 3, 5, 3):
    assert ll.softargmax(x, workers=workers).tobytes() == expected
    print(helpers())
"""
    assert run(program) == "0 0 1 2 4 4 at exit 0"


def test_the_environment_is_the_first_setting():
    needs_proc()
    program = "ll.softargmax(x); print(helpers(), ll.set_workers(1))\n"
    assert run(program, LOGITLAB_WORKERS="3") == "2 <workers=1, before it 3> at exit 0"
    assert run(program, LOGITLAB_WORKERS="").startswith("0 ")
    cores = len(os.sched_getaffinity(0))
    assert run(program, LOGITLAB_WORKERS="-1").startswith(f"{cores - 1} ")
    for wrong in ("0", "two", "1.5", "-1000"):
        done = subprocess.run(
            [sys.executable, "-c", "import logitlab"],
            env=os.environ | {"LOGITLAB_WORKERS": wrong},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "ImportError: LOGITLAB_WORKERS must be an integer >= 1" in done.stderr, wrong
        assert wrong in done.stderr.splitlines()[-1]


def test_a_forked_child_has_a_pool_of_its_own():
    needs_proc()
    program = """
import threading
stop = threading.Event()

def busy():
    while not stop.is_set():
        ll.softargmax(x, workers=3)

threads = [threading.Thread(target=busy) for _ in range(2)]
for thread in threads:
    thread.start()
ends = []
for _ in range(20):  # while the pool is at work
    child = os.fork()
    if not child:
        fine = helpers() == 0
        fine = fine and all(ll.softargmax(x, workers=n).tobytes() == expected for n in (2, 3)) and helpers() == 2
        os._exit(0 if fine else 1)
    ends.append(os.waitpid(child, 0)[1])
stop.set()
for thread in threads:
    thread.join()
assert not any(ends), ends
assert ll.softargmax(x, workers=3).tobytes() == expected
print(helpers())
"""
    assert run(program) == "2 at exit 0"


def in_a_process(x):
    return ll.softargmax(x, workers=3).tobytes()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")  # 3.15 says so
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_of_multiprocessing(method):
    from multiprocessing import get_context

    x = batch(np.float32)
    expected = ll.softargmax(x, workers=2).tobytes()
    with get_context(method).Pool(2) as pool:
        assert pool.map(in_a_process, [x] * 4) == [expected] * 4


def call_again_and_again(x):
    for _ in range(100_000):
        ll.softargmax(x, workers=3)


def test_ctrl_c_is_not_lost_and_the_pool_goes_on():
    x = np.random.default_rng(0).standard_normal((400, 1000))
    expected = ll.softargmax(x, workers=1).tobytes()
    for seconds in (0.05, 0.1, 0.15):
        threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            call_again_and_again(x)
        assert ll.softargmax(x, workers=3).tobytes() == expected


def test_helpers_take_no_signals():
    needs_proc()
    ll.softargmax(np.zeros((400, 1000)), workers=3)
    masks = []
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/status") as file:
            status = dict(line.split(":", 1) for line in file)
        if status["Name"].strip() == "logitlab":
            masks.append(int(status["SigBlk"], 16))
    assert len(masks) >= 2
    assert all(mask >> (signal.SIGINT - 1) & 1 and not mask >> (signal.SIGSEGV - 1) & 1 for mask in masks)
