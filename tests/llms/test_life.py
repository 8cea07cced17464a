"""The built-in model is copied as its path and options, sent to processes, and frees its weights when it is closed."""

import asyncio
import copy
import gc
import json
import multiprocessing
import pickle
import weakref
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from logitlab import Sampler
from logitlab.llms import LLM, BuiltIn
from logitlab.llms.base import Chunk
from logitlab.llms.options import rows

RAW = {"raw": True, "num_predict": 4, "seed": 3}


def pickled(value):
    return pickle.loads(pickle.dumps(value))


COPIES = {"copy": copy.copy, "deepcopy": copy.deepcopy, "pickle": pickled}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("state", ["new", "used", "closed"])
@pytest.mark.parametrize("sampler", [None, Sampler(temperature=2.0, logit_bias={5: 3.0})])
def test_a_copy_answers_as_the_model_does(tiny_model, way, state, sampler):
    llm = BuiltIn(tiny_model.path, sampler=sampler, top_k=7, stop=["x"])
    said = BuiltIn(tiny_model.path, sampler=sampler, top_k=7, stop=["x"]).complete("the", **RAW)
    if state != "new":
        llm.complete("the", **RAW)
    if state == "closed":
        llm.close()
    other = COPIES[way](llm)
    assert other.complete("the", **RAW).text == said.text
    assert other.complete("the", **RAW).options == said.options
    assert (repr(other), str(other), other.defaults) == (repr(llm), str(llm), llm.defaults)


def test_a_pickle_is_a_path_and_options(tiny_model):
    """Not the weights: it is small, whatever the model."""
    assert len(pickle.dumps(BuiltIn(tiny_model.path))) < 1000


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("method", ["complete", "stream_complete", "chat", "stream_chat"])
def test_a_response_is_copied_whole(llm, way, method):
    asked = [{"role": "user", "content": "the"}] if "chat" in method else "the"
    made = getattr(llm, method)(asked, num_predict=4, seed=3, logprobs=True, trace=True)
    response = list(made)[0] if "stream" in method else made  # noqa: RUF015 (the whole stream has gone on)
    other = COPIES[way](response)
    for name in ("text", "delta", "raw", "logprobs", "options"):
        assert getattr(other, name) == getattr(response, name)
    traces = other.additional_kwargs["traces"]
    assert [str(trace) for trace in traces] == [str(trace) for trace in response.additional_kwargs["traces"]]


def test_an_error_keeps_its_answer():
    class Fails(LLM):
        _takes = rows("temperature", "seed")

        def _stream(self, request):
            yield Chunk("so far")
            raise ConnectionError("gone")

    with pytest.raises(ConnectionError) as caught:
        Fails(temperature=0.5).complete("hi")
    for way in COPIES.values():
        other = way(caught.value)
        assert (str(other), other.partial.text, other.partial.options) == (
            "gone",
            "so far",
            {"temperature": 0.5},
        )


def test_options_are_plain(tiny_model):
    sampler = Sampler(temperature=np.float32(0.5), logit_bias={np.int64(5): 3.0})
    llm = BuiltIn(tiny_model.path, sampler=sampler, xtc_probability=np.float64(0.25))
    options = json.loads(json.dumps(llm.complete("the", typical_p=np.float32(0.5), **RAW).options))
    names = ("temperature", "typical_p", "xtc_probability", "seed")
    assert [options[name] for name in names] == [0.5, 0.5, 0.25, 3]


def test_a_pool_of_processes(tiny_model):
    llm = BuiltIn(tiny_model.path, temperature=0.5)
    here = llm.complete("the", **RAW)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        there = pool.submit(llm.complete, "the", **RAW).result(120)
    assert (there.text, there.options, there.raw["tokens"]) == (here.text, here.options, here.raw["tokens"])


def test_closing(tiny_model):
    with BuiltIn(tiny_model.path) as llm:
        response = llm.complete("the", **RAW)
        stream = llm.stream_complete("the", **RAW)
        first = next(stream)
    assert (
        "".join([first.delta, *(each.delta for each in stream)]) == response.text
    )  # a stream under way goes on
    llm.close()
    for call in (
        lambda: llm.complete("the"),
        lambda: llm.stream_chat([{"role": "user", "content": "the"}]),
        lambda: asyncio.run(llm.acomplete("the")),
        lambda: llm.next_logits("the"),
        lambda: llm.tokenize("the"),
        lambda: llm.detokenize([1]),
    ):
        with pytest.raises(ValueError, match="this model was closed"):
            call()
    assert "in this process" in str(llm)
    assert llm.model
    assert response.options["top_k"] == 40


def test_closing_frees_the_weights(tiny_model, tmp_path):
    (tmp_path / "own.gguf").write_bytes(tiny_model.path.read_bytes())  # that no other test holds
    llm, other = BuiltIn(tmp_path / "own.gguf"), BuiltIn(tmp_path / "own.gguf")
    held = weakref.ref(llm._model)
    llm.close()
    gc.collect()
    assert held() is not None
    other.close()
    gc.collect()
    assert held() is None


def test_closing_in_a_loop(tiny_model):
    async def main():
        async with BuiltIn(tiny_model.path) as llm:
            await llm.acomplete("the", **RAW)
        return llm

    with pytest.raises(ValueError, match="closed"):
        asyncio.run(main()).complete("the")
