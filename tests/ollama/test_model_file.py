"""A model's file can name the sampler's steps, XTC and mirostat: the runner of a server obeys, and so do we.

The stub is a server whose /api/show has `general.sampling.*` keys, and whose answers are drawn as a runner draws that
obeys them: by an oracle that knows the whole vocabulary.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire.chains import NEUTRAL, oracle, told
from wire.stub import Request, Stub, ndjson

from logitlab.llms import LogProb, Ollama

TOKENS = 3


def as_json(entry: LogProb) -> dict[str, Any]:
    top = [{"token": other.token, "logprob": other.logprob, "bytes": []} for other in entry.top_logprobs]
    return {"token": entry.token, "logprob": entry.logprob, "bytes": [], "top_logprobs": top}


def serving(about: dict[str, Any] | None, drawn: list[LogProb], version: str = "0.33.0") -> Stub:
    def answer(request: Request) -> bytes:
        if request.path == "/api/version":
            return ndjson({"version": version})
        if request.path == "/api/show":
            return ndjson({"details": {"format": "gguf"}, "model_info": about, "parameters": None})
        texts = [entry.token for entry in drawn]
        lines: list[dict[str, Any]] = [
            {"response": text, "message": {"content": text}, "done": False, "logprobs": [as_json(entry)]}
            for text, entry in zip(texts, drawn, strict=True)
        ]
        return ndjson(*lines, {"done": True, "done_reason": "length", "eval_count": len(drawn)})

    return Stub(answer)


ASK: dict[str, Callable[..., Any]] = {
    "complete": lambda llm, **o: llm.complete("hi", top_logprobs=20, **o),
    "stream": lambda llm, **o: list(llm.stream_complete("hi", top_logprobs=20, **o))[-1],
    "acomplete": lambda llm, **o: asyncio.run(llm.acomplete("hi", top_logprobs=20, **o)),
    "chat": lambda llm, **o: llm.chat([{"role": "user", "content": "hi"}], top_logprobs=20, **o),
}
WRITTEN = {
    "temperature": ["temperature", "temp"],
    "top_k": ["top_k", "top-k"],
    "top_p": ["top_p", "top-p", "nucleus"],
    "min_p": ["min_p", "min-p"],
    "xtc": ["xtc"],
    "penalties": ["penalties"],
    "typical_p": ["typ_p", "typ-p", "typical"],
    "dry": ["dry"],
    "top_n_sigma": ["top_n_sigma"],
}
AT_REST = ("penalties", "typical_p", "dry", "top_n_sigma")


@pytest.mark.parametrize("way", ASK)
@settings(max_examples=12, deadline=None)
@given(st.data())
def test_the_order_is_followed(way: str, data: st.DataObject) -> None:
    """Any steps in any order and any spelling, from the call and from the object."""
    kinds = data.draw(st.lists(st.sampled_from(sorted(WRITTEN)), min_size=1, unique=True))
    sequence = ";".join(data.draw(st.sampled_from(WRITTEN[kind])) for kind in kinds)
    options = {
        "temperature": data.draw(st.sampled_from([0.5, 1.5, 2.0])),
        "top_k": data.draw(st.sampled_from([5, 20])),
        "top_p": data.draw(st.sampled_from([0.5, 0.8, 1.0])),
        "min_p": data.draw(st.sampled_from([0.0, 0.1, 0.3])),
    }
    of_file = {"xtc_probability": data.draw(st.sampled_from([0.0, 0.5])), "xtc_threshold": 0.1}
    about = {f"general.sampling.{name}": value for name, value in (of_file | {"sequence": sequence}).items()}
    about["general.sampling.top_k"] = 1  # overruled: Ollama always sends it
    rng = np.random.default_rng(data.draw(st.integers(0, 10_000)))
    logits = rng.normal(0, 2, 200)
    steps = [kind for kind in kinds if kind not in AT_REST]
    truth = oracle(dict(enumerate(logits)), steps, NEUTRAL | options | of_file)
    drawn = [told(logits, int(rng.choice(list(truth), p=list(truth.values()))), 20) for _ in range(TOKENS)]
    own = {name: options.pop(name) for name in data.draw(st.sets(st.sampled_from(sorted(options))))}
    with serving(about, drawn) as stub:
        results = ASK[way](Ollama("m", stub.url, **own), **options).sampling_distribution()
    assert len(results) == TOKENS
    for result in results:
        assert "other options were effective" not in result.why
        of = [truth.get(int(token.strip(" ;")), 0.0) for token in result.tokens]
        for low, prob, high in zip(result.low, of, result.high, strict=True):
            assert low - 1e-4 <= prob <= high + 1e-4
        if result.exact:
            assert np.allclose(result.probs, of, atol=1e-4)
        elif "top_k" in steps and steps.index("top_k") == 0 and "within" not in result.why:
            raise AssertionError(result.why)  # at most 20 candidates, all of them told


@pytest.mark.parametrize(
    ("about", "facts"),
    [
        ({"sequence": "top_k;infill;temperature"}, ["sequence", "infill"]),
        ({"sequence": "top_k;something-new"}, ["sequence", "something-new"]),
        ({"mirostat": 1}, ["mirostat 1", "not followed"]),
        ({"mirostat": 2, "mirostat_tau": 3.0, "sequence": "top_k"}, ["mirostat 2"]),
    ],
    ids=str,
)
def test_what_is_not_followed_is_said(about: dict[str, Any], facts: list[str]) -> None:
    logits = np.random.default_rng(1).normal(0, 2, 200)
    keys = {f"general.sampling.{name}": value for name, value in about.items()}
    with serving(keys, [told(logits, int(logits.argmax()), 20)]) as stub:
        (result,) = Ollama("m", stub.url).complete("hi", top_logprobs=20, top_k=5).sampling_distribution()
    assert not result.exact
    for fact in facts:
        assert fact in result.why
    assert not result.low.any()
    assert (result.high == 1).all()


@pytest.mark.parametrize(
    "about", [None, {}, {"general.sampling.mirostat": 0, "general.sampling.sequence": None}], ids=str
)
def test_a_file_without_a_say(about: dict[str, Any] | None) -> None:
    logits = np.random.default_rng(1).normal(0, 2, 200)
    with serving(about, [told(logits, int(logits.argmax()), 20)]) as stub:
        (result,) = Ollama("m", stub.url).complete("hi", top_logprobs=20, top_k=5).sampling_distribution()
    truth = oracle(
        dict(enumerate(logits)),
        ["top_k", "top_p", "temperature"],
        NEUTRAL | {"top_k": 5, "top_p": 0.9, "temperature": 0.8},
    )
    assert result.exact
    assert np.allclose(
        result.probs, [truth.get(int(token.strip(" ;")), 0.0) for token in result.tokens], atol=1e-5
    )


def test_the_text_of_a_raw_prompt_is_known() -> None:
    """Penalties are followed where no token told can stand in the prompt; a template's text is not known."""
    logits = np.random.default_rng(1).normal(0, 2, 200)
    best = int(logits.argmax())
    with serving(None, [told(logits, best, 20)]) as stub:
        llm = Ollama("m", stub.url, top_logprobs=20, top_k=20, presence_penalty=1.0, temperature=1, top_p=1)
        (raw,) = llm.complete("Once upon", raw=True).sampling_distribution()
        (templated,) = llm.complete("Once upon").sampling_distribution()
        (with_it,) = llm.complete(f"a {best}; b", raw=True).sampling_distribution()
        (known,) = llm.complete("Once upon").sampling_distribution(prompt_tokens=[f" {best};"])
        (chat,) = llm.chat([{"role": "user", "content": "Once"}]).sampling_distribution()
    assert raw.exact
    assert known.exact
    for unsure in (templated, with_it, chat):
        assert not unsure.exact
        assert "prompt_tokens" in unsure.why
    truth = oracle(
        dict(enumerate(logits)),
        ["penalties", "top_k"],
        NEUTRAL | {"top_k": 20, "presence_penalty": 1.0},
        [best],
    )
    of = [truth.get(int(token.strip(" ;")), 0.0) for token in known.tokens]
    assert np.allclose(known.probs, of, atol=1e-5)


@pytest.mark.parametrize("version", ["0.0.0", "0.12.11"])
@pytest.mark.parametrize("where", ["call", "object"])
def test_a_server_whose_repeat_penalty_is_not_known(version: str, where: str) -> None:
    """One that was built by hand calls itself 0.0.0; what settles it is said, and does."""
    logits = np.random.default_rng(1).normal(0, 2, 200)
    with serving(None, [told(logits, int(logits.argmax()), 20)], version) as stub:
        (unsure,) = Ollama("m", stub.url).complete("hi", top_logprobs=20, top_k=5).sampling_distribution()
        own, call = ({"repeat_penalty": 1}, {}) if where == "object" else ({}, {"repeat_penalty": 1})
        (sure,) = (
            Ollama("m", stub.url, **own)
            .complete("hi", top_logprobs=20, top_k=5, **call)
            .sampling_distribution()
        )
    assert not unsure.exact
    for fact in ("1.1 before August 2026", "repeat_penalty=1", "sign"):
        assert fact in unsure.why
    assert sure.exact
