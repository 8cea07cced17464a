"""`BuiltIn` draws every token with `logitlab.sample` and reports every effective option."""

import asyncio
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from numpy.random import PCG64, Generator

import logitlab
from logitlab.llms import BuiltIn, ChatMessage
from logitlab.llms.smol.network import Network

from . import tiny

DEFAULTS = {
    "temperature": 0.8, "top_k": 40, "top_p": 0.9, "min_p": 0.0, "num_predict": 256, "num_ctx": 2048,
    "stop": [], "raw": False, "logprobs": False,
}  # fmt: skip
RAW = {"raw": True, "num_predict": 20}


def by_hand(llm, prompt, seed, count, **options):
    """The same answer as a reader would write it: a loop over next_logits and sample."""
    rng, tokens, drawn = Generator(PCG64(seed)), llm.tokenize(prompt), []
    for _ in range(count):
        token = int(logitlab.sample(llm.next_logits(tokens + drawn), rng=rng, **options))
        if token in (0, 2, 4):
            break
        drawn.append(token)
    return drawn


def draw(monkeypatch, tokens):
    """Let these be drawn."""
    left = iter(tokens)
    monkeypatch.setattr("logitlab.llms.smol.generate.draw", lambda *_: next(left))


SETTINGS = [
    {},
    {"temperature": 0.0},
    {"temperature": 1.5, "top_k": 0, "top_p": 1.0},
    {"temperature": 1.0, "top_k": 5, "top_p": 0.5},
    {"temperature": 0.7, "top_k": 100, "top_p": 0.95, "min_p": 0.1},
]


@pytest.mark.parametrize("options", SETTINGS, ids=str)
@pytest.mark.parametrize("seed", [0, 1, 4294967294])
def test_an_answer_is_a_loop_over_sample(llm, options, seed):
    given = {name: DEFAULTS[name] for name in ("temperature", "top_k", "top_p", "min_p")} | options
    response = llm.complete("the Singapore", seed=seed, **RAW, **options)
    drawn = by_hand(llm, "the Singapore", seed, 20, **given)
    assert response.raw["tokens"] == drawn
    shown = [token for token in drawn if token not in range(5)]
    assert response.text == llm.detokenize(shown)


def test_the_same_seed_gives_the_same_text(llm):
    first = llm.complete("the", seed=7, **RAW).text
    llm.complete("other", seed=3, **RAW)
    assert llm.complete("the", seed=7, **RAW).text == first
    assert len({llm.complete("the", seed=seed, **RAW).text for seed in range(10)}) == 10


def test_every_option_in_force_is_told(llm):
    options = llm.complete("the", num_predict=1, num_ctx=100).options
    seed = options.pop("seed")
    assert options == DEFAULTS | {"num_predict": 1, "num_ctx": 100}
    assert 0 <= seed < 2**32 - 1


def test_a_seed_that_was_drawn_gives_the_answer_again(llm):
    for unset in ({}, {"seed": None}, {"seed": -1}):
        first = llm.complete("the", **RAW, **unset)
        second = llm.complete("the", **RAW, **unset)
        assert first.options["seed"] != second.options["seed"]
        assert llm.complete("the", **RAW, seed=first.options["seed"]).text == first.text


def test_a_calls_options_go_before_the_constructors(tiny_model):
    llm = BuiltIn(tiny_model.path, temperature=0.0, num_predict=3, stop="the")
    options = llm.complete("the", num_predict=2).options
    assert (options["temperature"], options["num_predict"], options["stop"]) == (0.0, 2, ["the"])


def test_a_stream_is_the_whole_answer_in_pieces(llm):
    whole = llm.complete("the", seed=1, **RAW)
    responses = list(llm.stream_complete("the", seed=1, **RAW))
    assert "".join(r.delta for r in responses) == responses[-1].text == whole.text
    assert responses[-1].raw["tokens"] == whole.raw["tokens"]
    assert [r.raw["done"] for r in responses] == [False] * (len(responses) - 1) + [True]
    assert len(responses) > 10


def test_the_account_of_an_answer(llm):
    response = llm.complete("the and", seed=1, **RAW)
    raw = response.raw
    assert raw["model"] == "tiny"
    assert raw["response"] == response.text
    assert raw["done_reason"] == "length"
    assert raw["eval_count"] == len(raw["tokens"]) == 20
    assert raw["prompt_eval_count"] == len(llm.tokenize("the and"))
    assert raw["total_duration"] > 0
    assert response.additional_kwargs == {k: raw[k] for k in raw if k not in ("model", "response", "done")}


def test_an_answer_ends_at_an_end_token(llm, monkeypatch):
    """Each of the three end tokens; it is counted but is no text."""
    letters = llm.tokenize("a and b")
    for end in (0, 2, 4):
        draw(monkeypatch, [*letters, end, *letters])
        response = llm.complete("the", **RAW)
        assert (response.text, response.raw["done_reason"]) == ("a and b", "stop")
        assert response.raw["tokens"] == letters
        assert response.raw["eval_count"] == len(letters) + 1


def test_control_tokens_are_not_text(llm, monkeypatch):
    draw(monkeypatch, [1, *llm.tokenize("a"), 3, *llm.tokenize("b"), 0])
    assert llm.complete("the", **RAW).text == "ab"


@pytest.mark.parametrize("at", [3, 7, 10])
@pytest.mark.parametrize("length", [1, 2, 5])
def test_stop_strings(llm, at, length):
    text = llm.complete("the", seed=3, **RAW).text
    stop = text[at : at + length]
    response = llm.complete("the", seed=3, stop=stop, **RAW)
    assert response.text == text[: text.index(stop)]
    assert response.raw["done_reason"] == "stop"
    responses = list(llm.stream_complete("the", seed=3, stop=["never", stop], **RAW))
    assert "".join(r.delta for r in responses) == response.text


def test_characters_are_never_split(llm, monkeypatch):
    draw(monkeypatch, [*llm.tokenize("é東😀"), *llm.tokenize("東")[:2]])
    count = len(llm.tokenize("é東😀")) + 2
    deltas = [r.delta for r in llm.stream_complete("the", raw=True, num_predict=count)]
    assert deltas == ["é", "東", "😀", "\ufffd"]


def test_logprobs_are_those_of_the_raw_logits(llm):
    response = llm.complete("the", seed=1, logprobs=True, temperature=2.0, **RAW)
    tokens = response.raw["tokens"]
    assert [entry.id for entry in response.logprobs] == tokens
    before = llm.tokenize("the")
    for i, entry in enumerate(response.logprobs):
        logits = llm.next_logits(before + tokens[:i]).astype(np.float64)
        expected = logits[tokens[i]] - np.log(np.exp(logits - logits.max()).sum()) - logits.max()
        assert entry.logprob == pytest.approx(expected, abs=1e-4)
        assert bytes(entry.bytes).decode(errors="replace") == entry.token
    assert llm.complete("the", **RAW).logprobs is None


def test_the_chat_template(llm):
    asked = "<|im_start|>user\nthe<|im_end|>\n<|im_start|>assistant\n"
    assert llm.complete("the", seed=1, num_predict=20).text == llm.complete(asked, seed=1, **RAW).text
    assert llm.chat([ChatMessage("user", "the")], seed=1, num_predict=20).text == (
        llm.complete(asked, seed=1, **RAW).text
    )
    assert llm.tokenize("the", chat=True) == llm.tokenize(asked)
    np.testing.assert_array_equal(llm.next_logits("the", chat=True), llm.next_logits(asked))
    turns = [ChatMessage("system", "a"), ChatMessage("user", "b"), ChatMessage("assistant", "c")]
    asked = (
        "<|im_start|>system\na<|im_end|>\n<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\nc<|im_end|>\n"
        "<|im_start|>assistant\n"
    )
    assert llm.chat(turns, seed=1, num_predict=20).text == llm.complete(asked, seed=1, **RAW).text


def test_a_chat_response_is_the_next_message(llm):
    response = llm.chat([ChatMessage("user", "the")], seed=1, num_predict=5)
    assert response.message == ChatMessage("assistant", response.text)
    assert response.raw["message"] == {"role": "assistant", "content": response.text}


def test_next_logits(llm):
    logits = llm.next_logits("the")
    assert (logits.dtype, logits.shape) == (np.float32, (len(tiny.vocabulary()),))
    np.testing.assert_array_equal(llm.next_logits(np.array(llm.tokenize("the"))), logits)
    logits[:] = 0  # the caller's own
    assert llm.next_logits("the").any()


def test_text_and_tokens(llm):
    text = "the Singapore's <|im_end|> 12 😀"
    assert llm.detokenize(llm.tokenize(text)) == text


def test_what_it_says_of_itself(llm, tiny_model):
    assert str(llm) == "tiny in this process"
    assert repr(llm) == f"BuiltIn({str(tiny_model.path)!r})"
    assert llm.model == "tiny"


# Bad input.


def test_a_prompt_longer_than_the_context(llm):
    with pytest.raises(ValueError, match="the prompt has 150 tokens and the context holds 100"):
        llm.complete("a" * 150, raw=True, num_ctx=100)
    with pytest.raises(ValueError, match="the prompt has 160 tokens and the context holds 160"):
        llm.complete("a" * 160, raw=True)
    with pytest.raises(ValueError, match="1 to 160 tokens, the length of the context, got 161"):
        llm.next_logits("a" * 161)
    assert llm.next_logits("a" * 160).any()


def test_an_answer_ends_where_the_context_does(llm):
    response = llm.complete("a" * 95, raw=True, num_ctx=100, seed=1)
    assert response.raw["eval_count"] == 5
    assert response.raw["done_reason"] == "length"


def test_a_context_longer_than_the_models(llm, tiny_model):
    with pytest.raises(ValueError, match="num_ctx must be <= 160 for tiny, got 161"):
        llm.complete("a", num_ctx=161)
    with pytest.raises(ValueError, match="num_ctx must be <= 160 for tiny, got 161"):
        BuiltIn(tiny_model.path, num_ctx=161)


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"num_predict": 0}, ValueError, "num_predict=0"),
        ({"num_predict": -3}, ValueError, "num_predict must be an integer >= -2, got -3"),
        ({"temprature": 1}, TypeError, "BuiltIn has no option 'temprature'; did you mean 'temperature'?"),
        ({"num_gpu": 1}, TypeError, "BuiltIn has no option 'num_gpu'"),
        ({"top_k": 1.5}, ValueError, "top_k must be an integer >= 0, got 1.5"),
    ],
    ids=str,
)
def test_options_that_are_refused(llm, tiny_model, given, error, message):
    for call in (llm.complete, llm.stream_complete):
        with pytest.raises(error) as caught:
            call("a", **given)
        assert str(caught.value).startswith(message)
    with pytest.raises(error):
        BuiltIn(tiny_model.path, **given)


def test_nothing_to_go_on_from(llm):
    with pytest.raises(ValueError, match="the prompt has no tokens"):
        llm.complete("", raw=True)
    with pytest.raises(ValueError, match=r"must have 1 to \d+ tokens, .* got 0"):
        llm.next_logits("")
    with pytest.raises(ValueError, match="chat needs at least one message"):
        llm.chat([])
    assert llm.complete("", num_predict=3).raw["eval_count"] <= 3  # an empty question is one


def test_chat_refuses_what_its_template_has_not(llm):
    with pytest.raises(ValueError, match="role must be one of system, user, assistant, got 'tool'"):
        llm.chat([ChatMessage("tool", "a")])
    with pytest.raises(ValueError, match="raw=True is for complete"):
        llm.chat([ChatMessage("user", "a")], raw=True)
    with pytest.raises(TypeError, match="chat=True needs a text"):
        llm.next_logits([5, 6], chat=True)


# Several readers of one model.


def test_streams_read_in_turns_do_not_disturb_each_other(llm):
    expected = [llm.complete("the", seed=seed, **RAW).text for seed in range(4)]
    streams = [llm.stream_complete("the", seed=seed, **RAW) for seed in range(4)]
    texts = [""] * 4
    alive = set(range(4))
    while alive:
        for i in sorted(alive):
            response = next(streams[i], None)
            if response is None:
                alive.remove(i)
            else:
                texts[i] = response.text
        llm.next_logits("something else")
    assert texts == expected


def test_an_unfinished_stream_holds_nothing_up(llm):
    stream = llm.stream_complete("the", seed=0, **RAW)
    next(stream)
    done = threading.Thread(target=llm.complete, args=["the"], kwargs=RAW)
    done.start()
    done.join(60)
    assert not done.is_alive()
    stream.close()


def test_threads(llm):
    expected = [llm.complete("the", seed=seed, **RAW).text for seed in range(8)]
    texts = {}

    def ask(seed):
        texts[seed] = llm.complete("the", seed=seed, **RAW).text

    threads = [threading.Thread(target=ask, args=[seed]) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [texts[seed] for seed in range(8)] == expected


@pytest.mark.parametrize("at", [0, 1, 5])
def test_ctrl_c_keeps_the_text_so_far_and_leaves_the_model_whole(llm, monkeypatch, at):
    """It comes right after a pass, when keys and values are written and the tokens do not count yet."""
    whole = llm.complete("the", seed=3, **RAW)
    passes, feed = [], Network._feed

    def interrupted(self, cache, tokens, last):
        passes.append(tokens)
        if len(passes) == at + 1:
            cache.session.forward(tokens, len(cache.tokens), None)
            raise KeyboardInterrupt
        return feed(self, cache, tokens, last)

    with monkeypatch.context() as patch:
        patch.setattr(Network, "_feed", interrupted)
        llm._model.network.pool._idle.clear()
        with pytest.raises(KeyboardInterrupt) as caught:
            llm.complete("the", seed=3, **RAW)
    partial = caught.value.partial
    assert whole.text.startswith(partial.text)
    assert bool(partial.text) == (at > 0)
    assert partial.options["seed"] == 3
    assert llm.complete("the", seed=3, **RAW).text == whole.text


def test_async_twins(llm):
    """A cancelled answer ends, and the model answers on."""
    whole = llm.complete("the", seed=3, **RAW)

    async def main():
        assert (await llm.acomplete("the", seed=3, **RAW)).text == whole.text
        texts = [r.text async for r in llm.astream_complete("the", seed=3, **RAW)]
        assert texts[-1] == whole.text
        answer = asyncio.create_task(llm.acomplete("the", seed=3, raw=True, num_predict=150))
        await asyncio.sleep(0.01)
        answer.cancel()
        with pytest.raises(asyncio.CancelledError):
            await answer
        together = await asyncio.gather(*(llm.acomplete("the", seed=3, **RAW) for _ in range(5)))
        assert {r.text for r in together} == {whole.text}

    asyncio.run(main())


def test_two_builtins_of_one_file_share_its_weights(tiny_model):
    first, second = BuiltIn(tiny_model.path), BuiltIn(tiny_model.path)
    assert first._model is second._model


# The model itself.


@pytest.mark.model
def test_smollm2_speaks_english(smollm2):
    assert len(smollm2.next_logits("The capital of France is")) == 49152
    best = int(smollm2.next_logits("The capital of France is").argmax())
    assert smollm2.detokenize([best]) == " Paris"
    text = smollm2.complete("What is Singapore?", temperature=0, num_predict=12).text
    assert text.startswith("Singapore is a")


@pytest.mark.model
def test_smollm2s_answer_is_a_loop_over_sample(smollm2):
    options = {"temperature": 1.0, "top_k": 50, "top_p": 0.9, "min_p": 0.0}
    response = smollm2.complete("What is Singapore?", seed=5, num_predict=12, **options)
    prompt = "<|im_start|>user\nWhat is Singapore?<|im_end|>\n<|im_start|>assistant\n"
    assert response.raw["tokens"] == by_hand(smollm2, prompt, 5, 12, **options)
    other = smollm2.complete("What is Singapore?", seed=6, num_predict=12, **options)
    assert other.text != response.text
    again = smollm2.complete("What is Singapore?", seed=5, num_predict=12, **options)
    assert again.text == response.text


@pytest.mark.model
def test_another_process_gives_the_same_text(smollm2):
    """Also one on the plainest kernels."""
    code = "import sys; from logitlab.llms import BuiltIn; "
    code += "print(BuiltIn(sys.argv[1]).complete('What is Singapore?', seed=3, num_predict=12))"
    environment = os.environ | {"LOGITLAB_TARGET": "generic"}
    command = [sys.executable, "-c", code, str(smollm2.path)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    assert said == smollm2.complete("What is Singapore?", seed=3, num_predict=12).text + "\n"


@pytest.mark.model
def test_smollm2_tells_english_from_its_words_in_disorder(smollm2):
    """By the mean log-probability of a token: all positions are right, not only the last."""
    text = "The sun rises in the east and sets in the west every single day"

    def likelihood(text):
        tokens = smollm2.tokenize(text)
        rows = [
            logitlab.log_softargmax(smollm2.next_logits(tokens[:i]))[tokens[i]] for i in range(1, len(tokens))
        ]
        return float(np.mean(rows))

    assert likelihood(text) > likelihood(" ".join(sorted(text.split()))) + 1


@pytest.mark.parametrize("name", ["images", "tool_calls", "tool_name", "thinking", "name"])
def test_what_a_message_carries_beside_its_text_is_refused(llm, name):
    value = {"images": [b"GIF89a"], "tool_calls": [{"function": {"name": "f"}}]}.get(name, "x")
    for call in (llm.chat, llm.stream_chat):
        with pytest.raises(TypeError, match=f"cannot take a message's {name}"):
            list(call([{"role": "user", "content": "hi", name: value}]))


def test_a_call_makes_one_sampler(llm, monkeypatch):
    made = []
    plain = BuiltIn._sampler
    monkeypatch.setattr(BuiltIn, "_sampler", lambda self, given: made.append(given) or plain(self, given))
    llm.complete("a", num_predict=3, seed=1)
    assert len(made) == 1


def test_logits_draw_no_seed(llm, monkeypatch):
    monkeypatch.setattr("secrets.randbelow", lambda n: pytest.fail("a seed was drawn"))
    llm.next_logits("a")


def test_the_history_is_the_tokens_however_it_grows():
    from logitlab.llms.smol.cache import Cache

    cache = Cache(None, 1000)
    for tokens, keep in (([5, 6, 7], 3), (range(100), 50), ([1] * 40, 2), ([9], 0)):
        for token in tokens:
            cache.tokens.append(token)
            assert cache.history.tolist() == cache.tokens
        cache.cut([*cache.tokens[:keep], -1])
        assert cache.history.tolist() == cache.tokens
