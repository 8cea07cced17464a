"""The built-in model follows what a server would: system, num_predict=-1, top_logprobs; stops cut logprobs too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logitlab.llms import BuiltIn

TURNS = [{"role": "user", "content": "the"}]
FEW = {"num_predict": 6, "seed": 1}


def ways(llm, system, **options):
    """complete and chat, whole and streamed, with a system message by the constructor or the call."""
    own = BuiltIn(llm.path, system=system)
    yield llm.complete("the", system=system, **options)
    yield own.complete("the", **options)
    yield llm.chat(TURNS, system=system, **options)
    yield own.chat(TURNS, **options)
    yield list(own.stream_complete("the", **options))[-1]
    yield list(own.stream_chat(TURNS, **options))[-1]


def test_system_is_the_first_message(llm):
    asked = llm.chat([{"role": "system", "content": "Be brief."}, *TURNS], **FEW)
    for response in ways(llm, "Be brief.", **FEW):
        assert response.raw["tokens"] == asked.raw["tokens"]
        assert response.raw["prompt_eval_count"] == asked.raw["prompt_eval_count"]
    for response in ways(llm, "", **FEW):  # as on a server, "" is no system message
        assert response.raw["prompt_eval_count"] == llm.complete("the", **FEW).raw["prompt_eval_count"]


def test_the_tokens_of_a_question_have_the_system_message_too(llm):
    own = BuiltIn(llm.path, system="Be brief.")
    assert len(own.tokenize("the", chat=True)) == own.complete("the", **FEW).raw["prompt_eval_count"]
    assert own.tokenize("the") == llm.tokenize("the")


def test_two_system_messages_and_a_raw_prompt_are_refused(llm):
    with pytest.raises(ValueError, match="system message of its own"):
        llm.chat([{"role": "system", "content": "a"}, *TURNS], system="b")
    with pytest.raises(ValueError, match="raw=True"):
        llm.complete("the", raw=True, system="b")


@pytest.mark.parametrize("no_limit", [-1, -2])
def test_without_a_limit_an_answer_fills_the_context(llm, no_limit):
    ends = sorted(llm.ends)
    response = llm.complete("the", raw=True, seed=1, num_predict=no_limit, num_ctx=50, ban_tokens=ends)
    assert response.raw["done_reason"] == "length"
    assert response.raw["prompt_eval_count"] + response.raw["eval_count"] == 50
    assert response.options["num_predict"] == no_limit


@pytest.mark.parametrize("penalty", [None, 1.3])
@pytest.mark.parametrize("last_n", [0, 1, 64, -1])
def test_how_far_back_penalties_look(llm, penalty, last_n):
    options = {"repeat_last_n": last_n} | ({} if penalty is None else {"repeat_penalty": penalty})
    response = llm.complete("the the the", raw=True, seed=1, num_predict=20, **options)
    assert response.options["repeat_last_n"] == last_n
    plain = llm.complete("the the the", raw=True, seed=1, num_predict=20)
    if penalty is None or last_n == 0:
        assert response.text == plain.text


@pytest.mark.parametrize("n", [0, 1, 5, 20])
def test_the_best_tokens_of_the_whole_vocabulary(llm, n):
    response = llm.complete("the", raw=True, num_predict=5, seed=1, top_logprobs=n)
    if n == 0:
        return None if response.logprobs is None else pytest.fail("nobody asked for logprobs")
    tokens = llm.tokenize("the")
    for entry in response.logprobs:
        logits = llm.next_logits(tokens).astype(np.float64)
        best = np.argsort(-logits, kind="stable")[:n]
        assert [other.id for other in entry.top_logprobs] == best.tolist()
        expected = logits[best] - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
        np.testing.assert_allclose([other.logprob for other in entry.top_logprobs], expected, atol=1e-4)
        tokens.append(entry.id)
    with pytest.raises(ValueError, match="logprobs=True"):
        llm.complete("the", top_logprobs=3, logprobs=False)


def covered(text, tokens, pieces):
    """The tokens that a text consists of: those that begin before its end, in characters of the whole answer."""
    kept, whole = [], b""
    for token, piece in zip(tokens, pieces, strict=True):
        if len(_certain(whole)) < len(text):
            kept.append(token)
        whole += piece
    return kept


def _certain(data):
    """What is decoded of bytes that may end within a character."""
    from codecs import getincrementaldecoder

    return getincrementaldecoder("utf-8")(errors="replace").decode(data)


@settings(max_examples=25)
@given(st.data(), st.integers(0, 20), st.integers(1, 3))
def test_stop_strings_cut_log_probabilities_as_the_text(tiny_model, data, seed, count):
    """Stop strings of one or several tokens, within tokens, overlapping; whole, and at every step of a stream."""
    llm = BuiltIn(tiny_model.path)
    options = {"raw": True, "seed": seed, "num_predict": 20, "temperature": 1.0}
    text = llm.complete("the", **options).text
    stops = [text[a : a + n] for a, n in data.draw(
        st.lists(st.tuples(st.integers(0, max(len(text) - 1, 0)), st.integers(1, 6)), min_size=count, max_size=count)
    )]  # fmt: skip
    stops = [stop for stop in stops if stop] or ["the"]
    steps = list(llm.stream_complete("the", **options, stop=stops, logprobs=True))
    tokens = steps[-1].raw["tokens"]
    pieces = [llm._model.tokenizer.piece(token) for token in tokens]
    for step in steps[:-1]:
        assert [entry.id for entry in step.logprobs] == covered(step.text, tokens, pieces)
    last = steps[-1]
    whole = llm.complete("the", **options, stop=stops, logprobs=True)
    assert whole.logprobs == last.logprobs
    if last.raw["done_reason"] == "stop" and any(stop in text for stop in stops):
        assert [entry.id for entry in last.logprobs] == covered(last.text, tokens, pieces)
    else:
        assert [entry.id for entry in last.logprobs] == tokens


def test_half_a_character_is_said_with_its_place(llm):
    for call in (llm.complete, llm.stream_complete, llm.astream_complete):
        with pytest.raises(ValueError, match=r"prompt.*U\+DCE9, at position 3"):
            call("caf\udce9")
    with pytest.raises(ValueError, match=r"messages\[0\].*U\+DCE9"):
        llm.chat([{"role": "user", "content": "caf\udce9"}])


def test_what_it_draws_from_is_told_in_another_way(llm):
    response = llm.complete("the", raw=True, num_predict=2, top_logprobs=5)
    with pytest.raises(ValueError, match="trace=True"):
        response.sampling_distribution()
