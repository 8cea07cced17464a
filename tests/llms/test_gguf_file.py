"""A file that cannot be run is refused with what was needed and what came."""

import contextlib
import tracemalloc

import gguf
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logitlab._kernels import Session
from logitlab.llms import BuiltIn
from logitlab.llms.smol.gguf_file import GGUFError, GGUFFile

from . import tiny


def test_a_file_that_is_not_gguf(tmp_path):
    path = tmp_path / "model.gguf"
    path.write_bytes(b"<html>not found</html>")
    with pytest.raises(GGUFError, match=r"model\.gguf is not a GGUF file: .* got b'<htm'"):
        BuiltIn(path)


def test_an_empty_file(tmp_path):
    path = tmp_path / "model.gguf"
    path.touch()
    with pytest.raises(GGUFError, match=r"is not a GGUF file: .* got b''"):
        BuiltIn(path)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"the path must name a GGUF file; there is none at .*gone"):
        BuiltIn(tmp_path / "gone.gguf")
    with pytest.raises(FileNotFoundError, match="there is none at"):
        BuiltIn(tmp_path)


@pytest.mark.parametrize("kept", [4, 10, 24, 100, 1000, 5000, 9000, -20000, -1000, -1])
def test_a_file_that_was_cut_short(tiny_model, tmp_path, kept):
    """In its header, its metadata, its list of tensors, its numbers."""
    whole = tiny_model.path.read_bytes()
    path = tmp_path / "cut.gguf"
    path.write_bytes(whole[:kept])
    size = path.stat().st_size
    with pytest.raises(GGUFError, match=rf"cut\.gguf is damaged or cut short at {size} bytes"):
        BuiltIn(path)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"tokenizer.ggml.model": "llama"}, "tokenizer.ggml.model must be one of gpt2, got 'llama'"),
        ({"tokenizer.ggml.pre": "qwen2"}, "tokenizer.ggml.pre must be one of smollm, got 'qwen2'"),
        ({"llama.embedding_length": 32}, r"'output_norm.weight' must have the shape \(32,\), got \(64,\)"),
        ({"llama.attention.head_count": 5}, "5 heads and 2 key heads on a width of 64 do not divide"),
        ({"llama.block_count": 3}, "has no tensor 'blk.2.attn_norm.weight'"),
        ({"tokenizer.ggml.merges": ["t h", "x y"]}, "the merges do not fit the vocabulary"),
        ({"tokenizer.ggml.token_type": [1, 2]}, "tokens need as many types"),
    ],
    ids=str,
)
def test_a_model_of_another_kind(tmp_path, metadata, message):
    model = tiny.write(tmp_path / "other.gguf", metadata=metadata)
    with pytest.raises(GGUFError, match=message):
        BuiltIn(model.path)


def test_another_architecture(tmp_path, tiny_model):
    path = tmp_path / "other.gguf"
    path.write_bytes(tiny_model.path.read_bytes().replace(b"llama", b"gemma", 1))
    with pytest.raises(GGUFError, match=r"general\.architecture must be one of llama, got 'gemma'"):
        BuiltIn(path)


def test_a_tensor_that_is_missing(tmp_path):
    model = tiny.write(tmp_path / "other.gguf", drop="blk.1.ffn_up.weight")
    with pytest.raises(GGUFError, match=r"has no tensor 'blk\.1\.ffn_up\.weight'"):
        BuiltIn(model.path)


def test_metadata_and_tensors_are_what_ggmls_own_reader_reads(tiny_model):
    ours, theirs = GGUFFile(tiny_model.path), gguf.GGUFReader(tiny_model.path)
    for key, field in theirs.fields.items():
        if not key.startswith("GGUF."):
            assert ours.get(key) == field.contents(), key
    for tensor in theirs.tensors:
        kind, raw = ours.raw(tensor.name, *(int(n) for n in reversed(tensor.shape)))
        assert kind == tensor.tensor_type
        np.testing.assert_array_equal(raw.ravel(), tensor.data.view(np.uint8).ravel())


def test_a_type_that_cannot_be_run(tmp_path):
    model = tiny.write(tmp_path / "half.gguf", kinds=(gguf.GGMLQuantizationType.F16,) * 2)
    with pytest.raises(
        GGUFError, match=r"'token_embd.weight' has type 1 .* F32, Q8_0 and Q4_1 .* ollama create"
    ):
        BuiltIn(model.path)


def test_a_scale_that_is_not_finite(tmp_path, tiny_model):
    whole = bytearray(tiny_model.path.read_bytes())
    data = tiny_model.tensors["blk.0.attn_q.weight"][1].tobytes()
    at = whole.index(data)
    whole[at : at + 2] = b"\x00\x7c"
    path = tmp_path / "infinite.gguf"
    path.write_bytes(whole)
    with pytest.raises(GGUFError, match=r"a scale of tensor 'blk\.0\.attn_q\.weight' is not finite"):
        BuiltIn(path)


@settings(max_examples=300)
@given(st.data())
def test_a_damaged_file_is_an_error_or_a_model(tiny_model, tmp_path_factory, data):
    """Any bytes of its header and metadata, changed: never a crash, never another kind of error."""
    whole = bytearray(tiny_model.path.read_bytes())
    header = len(whole) - sum(tensor.nbytes for _, tensor in tiny_model.tensors.values())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, header - 1) | st.integers(4, 64))
        whole[at] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "damaged.gguf"
    path.write_bytes(whole)
    try:
        llm = BuiltIn(path)
        llm.next_logits([1, 2])
    except ValueError:
        pass


def everything(path):
    """What a model takes of its file, but for the numbers themselves, which stay where they are."""
    file = GGUFFile(path)
    for name, tensor in file._tensors.items():
        file.raw(name, *tensor.shape)


def peak_of(path):
    """Bytes that reading the file takes at most; a damaged one is a GGUFError."""
    tracemalloc.start()
    try:
        with contextlib.suppress(GGUFError):
            everything(path)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_every_flipped_bit_of_the_header_is_an_error_or_a_model(tiny_model, tmp_path):
    """The counts, the first lengths and many others: no file takes much more memory than the undamaged one."""
    whole, path = tiny_model.path.read_bytes(), tmp_path / "flipped.gguf"
    usual = peak_of(tiny_model.path)
    assert usual < 40 * len(whole)
    bits = [*range(8 * 48), *np.random.default_rng(0).integers(8 * 48, 8 * 3000, size=300).tolist()]
    for bit in bits:
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        assert peak_of(path) < usual + 8 * len(whole), bit


NUMBERS = (0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1, 2**40, 2**62, 2**63 - 1, 2**63, 2**64 - 1)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_number_in_the_file_makes_the_reader_take_what_the_file_has_not(
    tiny_model, tmp_path_factory, data
):
    """Numbers at the edges of their types, written over any place of the header, and a file that ends anywhere."""
    whole = bytearray(tiny_model.path.read_bytes())
    header = len(whole) - sum(tensor.nbytes for _, tensor in tiny_model.tensors.values())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(4, header - 8))
        whole[at : at + 8] = data.draw(st.sampled_from(NUMBERS)).to_bytes(8, "little")
    path = tmp_path_factory.mktemp("damaged") / "damaged.gguf"
    path.write_bytes(whole[: data.draw(st.just(len(whole)) | st.integers(5, len(whole)))])
    assert peak_of(path) < 40 * len(whole) + 2**16
    path.unlink()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_session_takes_only_shapes_and_places_that_its_weights_hold(data):
    """What the packed weights' places are in C: any numbers are a session that runs, or a ValueError."""
    number = st.sampled_from((0, 1, 2, 3, 16, 32, 64, 96, -1, 2**20, 2**20 + 1, 2**31, 2**62, -(2**62)))
    near = st.integers(-1, 2) | number
    shape = data.draw(st.tuples(*[st.sampled_from((32, 64, 96)) | near] * 1, *[near] * 2, *[number] * 4))
    layers = shape[4] if 0 < shape[4] < 4 else 1
    entry = st.tuples(
        st.integers(-1, 3), st.integers(-64, 4096).map(lambda n: n * 64) | near, near.map(lambda n: n * 64)
    )
    tensors = data.draw(st.tuples(*[entry] * (2 + 9 * layers)))
    weights = np.random.default_rng(len(tensors)).integers(0, 256, 2**17, np.uint8).data
    try:
        session = Session(weights, (*shape, 1e-5, 1e4), tensors)
    except (ValueError, MemoryError, OverflowError):
        return
    logits = np.empty(shape[5], np.float32)
    session.forward([0], 0, logits, 2)
