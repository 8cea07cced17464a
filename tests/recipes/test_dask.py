"""The recipe of docs/dask.md: lazy, block by block, on two processes, more data than memory."""

import os

import dask
import dask.array as da
import distributed
import numpy as np
import pytest

import logitlab as ll

GIB = 2**30


def uniform_block(block_info, n):
    """Logits that are made where they are needed: the batch is never in memory as a whole."""
    rows = block_info[None]["chunk-shape"][0]
    return np.random.default_rng(block_info[None]["chunk-location"][0]).random((rows, n), np.float32) * 20


def batch(rows, n, rows_per_block):
    chunks = (dask.array.core.normalize_chunks(rows_per_block, (rows,))[0], (n,))
    return da.map_blocks(
        uniform_block, n=n, chunks=chunks, dtype=np.float32, meta=np.empty((0, 0), np.float32)
    )


def test_nothing_is_computed_before_it_is_asked_for():
    calls = []

    def counted(block, T):
        calls.append(block.shape)
        return ll.softargmax(block, T)

    logits = da.from_array(np.random.default_rng(0).normal(size=(12, 100)), chunks=(3, 100))
    lazy = logits.map_blocks(counted, 0.8, dtype=logits.dtype, meta=np.empty((0, 0)))
    assert calls == []
    row = lazy[4].compute()
    assert calls == [(3, 100)]
    np.testing.assert_array_equal(row, ll.softargmax(logits[4].compute(), 0.8))


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_blocks_give_what_the_whole_gives(scheduler):
    whole = np.random.default_rng(1).normal(0, 3, (64, 5000)).astype(np.float32)
    blocks = da.from_array(whole, chunks=(7, 1000)).rechunk({1: -1})
    p = blocks.map_blocks(ll.softargmax, 0.8, dtype=np.float32)
    best = blocks.map_blocks(ll.argtop_k, 50, dtype=np.intp, chunks=(blocks.chunks[0], (50,)))
    with dask.config.set(scheduler=scheduler):
        np.testing.assert_array_equal(p.compute(), ll.softargmax(whole, 0.8))
        np.testing.assert_array_equal(best.compute(), ll.argtop_k(whole, 50))


@pytest.fixture
def two_processes():
    """Two worker processes; one that takes more than 1 GiB is ended, and the test fails."""
    settings = {"distributed.worker.memory.spill": False, "distributed.worker.memory.target": False}
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, memory_limit=GIB, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def test_a_batch_of_3_gb_on_two_processes_of_1_gb(two_processes):
    """Every block holds whole rows, so each worker needs a few blocks at a time, whatever the batch."""
    logits = batch(24_000, 32_000, 500)
    assert logits.nbytes > 3e9
    p = logits.map_blocks(ll.softargmax, 0.8, dtype=np.float32)
    best = logits.map_blocks(ll.argtop_k, 1, dtype=np.intp, chunks=(logits.chunks[0], (1,)))
    sums, of_best, tokens = dask.compute(p.sum(axis=1, dtype=np.float64), p.max(axis=1), best)
    np.testing.assert_allclose(sums, 1, rtol=1e-6)
    some = logits[11_500:12_000].compute()
    np.testing.assert_array_equal(tokens[11_500:12_000, 0], some.argmax(axis=1))
    np.testing.assert_array_equal(of_best[11_500:12_000], ll.softargmax(some, 0.8).max(axis=1))
    assert len(set(two_processes.run(os.getpid).values())) == 2


def test_draws_do_not_depend_on_the_order_of_the_workers(two_processes):
    def draw(block, seed, block_id):
        return ll.sample(block, temperature=0.8, top_k=50, rng=np.random.default_rng([seed, block_id[0]]))

    logits = batch(64, 5000, 16)
    tokens = logits.map_blocks(draw, 7, dtype=np.intp, drop_axis=1, meta=np.empty(0, np.intp))
    here = [
        ll.sample(logits.blocks[i].compute(), temperature=0.8, top_k=50, rng=np.random.default_rng([7, i]))
        for i in range(4)
    ]
    np.testing.assert_array_equal(tokens.compute(), np.concatenate(here))
