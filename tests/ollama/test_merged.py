"""Several tokens in one entry of "logprobs" are recognised, and never taken for other options than the effective ones.

A server that has to hold text back, for a stop string that may be beginning or a character that is not whole, tells one
entry for several tokens: their joined text, with the log-probability and the best tokens of the last one. `answering`
makes such answers out of single tokens, as that server does; what was drawn, token by token, is the oracle.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wire.stub import Request, Stub, ndjson

from logitlab.llms import LogProb, Ollama
from logitlab.llms.distribution import distributions

VOCABULARY = [" is", " a", " small", " island", "<", "h", "1", ">", " in", " the", "\ufffd", " sea", "."]
VOCABULARY += [f" w{i}" for i in range(40)]


def row_of(i: int, best: int = 20) -> list[tuple[str, float]]:
    """The best tokens of the i-th row, with their log-probabilities."""
    logits = np.random.default_rng(i).normal(0, 1.5, len(VOCABULARY))
    logprobs = logits - np.log(np.exp(logits).sum())
    order = np.argsort(-logprobs)
    return [(VOCABULARY[j], float(np.float32(logprobs[j]))) for j in order[:best]]


def telling(token: str) -> int:
    """The first row that has this token among its best."""
    return next(i for i in range(1000) if token in dict(row_of(i)))


def entry_of(tokens: list[str], at: int, best: int = 20) -> dict[str, Any]:
    """One entry for these tokens, the last of which is drawn from row `at`."""
    rows = dict(row_of(at, len(VOCABULARY)))
    top = [{"token": token, "logprob": value, "bytes": []} for token, value in row_of(at, best)]
    return {"token": "".join(tokens), "logprob": rows[tokens[-1]], "bytes": [], "top_logprobs": top}


def answering(entries: list[dict[str, Any]], **told: Any) -> Callable[[Request], bytes]:
    """A server that says one chunk for each entry, and `told` at the end."""

    def answer(request: Request) -> bytes:
        if request.path == "/api/version":
            return ndjson({"version": "0.33.0"})
        if request.path == "/api/show":
            return ndjson({"details": {"format": "gguf"}})
        chat = request.path == "/api/chat"
        lines: list[dict[str, Any]] = [
            (
                {"message": {"role": "assistant", "content": each["token"]}}
                if chat
                else {"response": each["token"]}
            )
            | {"done": False, "logprobs": [each]}
            for each in entries
        ]
        return ndjson(*lines, {"response": "", "done": True} | told)

    return answer


async def last_of(stream: Any) -> Any:
    return [response async for response in stream][-1]


ASK: dict[str, Callable[..., Any]] = {
    "complete": lambda llm, **o: llm.complete("hi", top_logprobs=20, **o),
    "stream": lambda llm, **o: list(llm.stream_complete("hi", top_logprobs=20, **o))[-1],
    "acomplete": lambda llm, **o: asyncio.run(llm.acomplete("hi", top_logprobs=20, **o)),
    "astream": lambda llm, **o: asyncio.run(last_of(llm.astream_complete("hi", top_logprobs=20, **o))),
    "chat": lambda llm, **o: llm.chat([{"role": "user", "content": "hi"}], top_logprobs=20, **o),
}


@pytest.mark.parametrize("way", ASK)
@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.integers(1, 3), min_size=1, max_size=6), st.integers(0, 10**6), st.sampled_from([3, 10, 20])
)
def test_entries_of_several_tokens(way: str, sizes: list[int], seed: int, top_k: int) -> None:
    """However the tokens are merged: the last one is known, the distribution is its own, and nobody is accused."""
    rng = np.random.default_rng(seed)
    entries, drawn = [], []
    at = 0
    for size in sizes:
        tokens = []
        for _ in range(size):
            tokens.append(row_of(at, top_k)[int(rng.integers(top_k))][0])
            at += 1
        entries.append(entry_of(tokens, at - 1))
        drawn.append((tokens[-1], at - 1))
    with Stub(answering(entries, eval_count=at, done_reason="length")) as stub:
        response = ASK[way](Ollama("m", stub.url), top_k=top_k, top_p=1.0, temperature=1.0)
        results = response.sampling_distribution()
    assert [entry.merged for entry in response.logprobs] == [size > 1 for size in sizes]
    assert [entry.drawn.token for entry in response.logprobs] == [token for token, _ in drawn]
    for result, (token, row) in zip(results, drawn, strict=True):
        assert result.token == token
        assert result.exact, result.why
        raw = np.exp([value for _, value in row_of(row, top_k)])
        assert np.allclose(result.probs[:top_k], raw / raw.sum(), atol=1e-6)


def test_a_token_that_a_stop_string_cut() -> None:
    """stop="small island": the text ends with the space of " small", told with the numbers of " island"."""
    entry = entry_of([" small", " island"], telling(" island")) | {"token": " "}
    with Stub(answering([entry_of([" a"], telling(" a")), entry], eval_count=3, done_reason="stop")) as stub:
        response = Ollama("m", stub.url).complete("hi", top_logprobs=20, top_k=20, stop="small island")
        results = response.sampling_distribution()
    (whole, cut) = response.logprobs or []
    assert (cut.merged, cut.drawn and cut.drawn.token) == (True, " island")
    assert (whole.merged, whole.token) == (False, " a")
    assert [result.token for result in results] == [" a", " island"]
    assert not [result for result in results if "others were" in result.why]


@pytest.mark.parametrize("done_reason", ["stop", "length"])
@pytest.mark.parametrize("extra", [0, 1, 2])
def test_the_counts_tell_where_the_numbers_do_not(done_reason: str, extra: int) -> None:
    """A last token that is none of the best: one token if the counts agree, else perhaps several."""
    outside = row_of(3, len(VOCABULARY))[30][0]
    entries = [entry_of([row_of(2)[0][0]], 2), entry_of([outside], 3)]
    ended = done_reason == "stop"
    with Stub(answering(entries, eval_count=2 + ended + extra, done_reason=done_reason)) as stub:
        response = Ollama("m", stub.url).complete("hi", top_logprobs=20, top_k=20, top_p=1.0)
        (_, result) = response.sampling_distribution()
    assert [entry.merged for entry in response.logprobs or []] == [False, None]
    assert not result.exact
    if extra:
        assert f"2 entries for {2 + ended + extra} tokens" in result.why
    else:
        assert "other options were effective" in result.why  # top_k 20 of 20 told cannot have let it through


def test_half_a_character() -> None:
    """A character of several tokens comes whole, with the numbers of its last piece."""
    entry = entry_of(["\ufffd", "\ufffd"], telling("\ufffd")) | {"token": "京", "bytes": list("京".encode())}
    with Stub(answering([entry], eval_count=2, done_reason="length")) as stub:
        response = Ollama("m", stub.url).complete("hi", top_logprobs=20, top_k=0, top_p=1.0, temperature=1.0)
        (result,) = response.sampling_distribution()
    (told,) = response.logprobs or []
    assert (told.merged, result.token) == (True, "\ufffd")
    assert "others were" not in result.why


@pytest.mark.parametrize("way", ASK)
@pytest.mark.parametrize("done_reason", ["stop", "length"])
def test_an_answer_without_a_token(way: str, done_reason: str) -> None:
    """It ended at once, or within a character: there is nothing to have been drawn from."""
    with Stub(answering([], eval_count=1, done_reason=done_reason)) as stub:
        response = ASK[way](Ollama("m", stub.url), temperature=0)
        assert response.sampling_distribution() == []
        assert response.logprobs == []


def test_what_was_not_asked_for() -> None:
    with Stub(answering([entry_of([" a"], 1)], eval_count=1)) as stub:
        response = Ollama("m", stub.url).complete("hi")
        with pytest.raises(ValueError, match="top_logprobs=20"):
            response.sampling_distribution()


def test_penalties_look_back_at_merged_entries() -> None:
    """The tokens before the last one are not known one by one: how often a token stands there is not certain."""
    neutral = {"temperature": 1.0, "top_k": 5, "top_p": 1.0, "min_p": 0.0, "typical_p": 1.0}
    neutral |= {"repeat_last_n": 64, "repeat_penalty": 1.0, "frequency_penalty": 0.0, "presence_penalty": 1.0}
    top = [LogProb(token, value) for token, value in row_of(4)]
    (first, second), rest = top[:2], {"top_logprobs": top}
    joined = LogProb(first.token + second.token, second.logprob, **rest)
    apart = [LogProb(first.token, first.logprob, **rest), LogProb(second.token, second.logprob, **rest)]
    last = LogProb(first.token, first.logprob, **rest)
    sure = distributions([*apart, last], neutral, prompt_tokens=[])[-1]
    unsure = distributions([joined, last], neutral, prompt_tokens=[])[-1]
    assert sure.exact
    assert not unsure.exact
    assert repr(first.token) in unsure.why
