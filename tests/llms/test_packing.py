"""Repacked weights are kept once in the cache, mapped, and made again when anything about them is wrong."""

import mmap
import os

import numpy as np
import pytest

from logitlab.llms.smol import packing
from logitlab.llms.smol.gguf_file import GGUFFile
from logitlab.llms.smol.network import Network

from . import tiny

TOKENS = [7, 8, 9]
VOCABULARY = len(tiny.vocabulary())


@pytest.fixture(autouse=True)
def _nothing_is_small(monkeypatch):
    monkeypatch.setattr(packing, "_SMALL", 0)


def open_network(model, folder):
    return Network(GGUFFile(model.path), VOCABULARY, folder)


def logits(network):
    with network.pool.lend(TOKENS, 16) as cache:
        return network.read(cache, TOKENS, lambda: False)


def is_mapped(network):
    return isinstance(network._weights.data.obj, mmap.mmap)


def the_file(folder):
    (path,) = folder.iterdir()
    return path


def test_the_second_time_nothing_is_packed(tiny_model, tmp_path, monkeypatch):
    first = open_network(tiny_model, tmp_path)
    assert is_mapped(first)
    monkeypatch.setattr(packing, "_pack", None)
    second = open_network(tiny_model, tmp_path)
    assert is_mapped(second)
    np.testing.assert_array_equal(logits(first), logits(second))
    assert the_file(tmp_path).suffix == ".weights"


@pytest.mark.parametrize("at", [0, 16, 20, 52, 60, 92, 128, 5000, -1])
def test_any_changed_byte_makes_it_anew(tiny_model, tmp_path, at):
    """Of the magic, the layout, the model, the length, the digest, the weights."""
    expected = logits(open_network(tiny_model, tmp_path))
    path = the_file(tmp_path)
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[at] ^= 1
    path.write_bytes(damaged)
    np.testing.assert_array_equal(logits(open_network(tiny_model, tmp_path)), expected)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("kept", [0, 50, 128, -1])
def test_a_file_cut_short_is_made_anew(tiny_model, tmp_path, kept):
    expected = logits(open_network(tiny_model, tmp_path))
    path = the_file(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:kept])
    np.testing.assert_array_equal(logits(open_network(tiny_model, tmp_path)), expected)
    assert path.read_bytes() == whole


def test_another_model_has_another_file(tiny_model, tmp_path):
    other = tiny.write(tmp_path / "other.gguf", seed=9)
    folder = tmp_path / "cache"
    a, b = logits(open_network(tiny_model, folder)), logits(open_network(other, folder))
    assert not np.array_equal(a, b)
    assert len(list(folder.iterdir())) == 2


def test_a_cache_that_cannot_be_written_costs_memory_only(tiny_model, tmp_path):
    expected = logits(open_network(tiny_model, tmp_path / "fine"))
    blocked = tmp_path / "file"
    blocked.write_text("a file where the folder would be")
    network = open_network(tiny_model, blocked)
    assert not is_mapped(network)
    np.testing.assert_array_equal(logits(network), expected)


def test_a_full_disk_leaves_nothing_behind(tiny_model, tmp_path, monkeypatch):
    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", no_space)
    assert not is_mapped(open_network(tiny_model, tmp_path))
    assert list(tmp_path.iterdir()) == []
