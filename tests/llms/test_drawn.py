"""A watched answer says what each token was drawn from; show() draws it, and no token can do anything."""

import asyncio
import copy
import math
import pickle
from html.parser import HTMLParser

import numpy as np
import pytest
from wire.stub import Stub, recorded

from logitlab import log_softargmax, softargmax
from logitlab.llms import CompletionResponse, LogProb, Ollama
from logitlab.llms.shown import PANELS, Shown, percent
from logitlab.sampling import Sampler

PROMPT = "the Singapore"
SETTINGS = [
    {"seed": 1},
    {"temperature": 0},
    {"seed": 2, "temperature": 1.7, "top_k": 0, "top_p": 1.0},
    {"seed": 3, "repeat_penalty": 1.5, "top_k": 7, "min_p": 0.02},
    {"seed": 4, "xtc_probability": 0.5, "xtc_threshold": 0.05, "temperature": 0.5, "top_k": 9},
    {"seed": 5, "stop": ["e"], "temperature": 1.2, "raw": True},
]


async def drained(stream):
    return [response async for response in stream]


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_each_number_by_hand(llm, options):
    """From the public functions: next_logits, softargmax, and the probs of the sampler in the receipt."""
    response = llm.complete(PROMPT, num_predict=12, trace=True, **options)
    prompt, tokens = response.receipt["prompt"], response.raw["tokens"]
    sampler = Sampler([step for step in _steps(response)])
    assert response.drawn
    assert [drawn.id for drawn in response.drawn] == tokens[: len(response.drawn)]
    for i, drawn in enumerate(response.drawn):
        history, token = prompt + tokens[:i], tokens[i]
        logits = llm.next_logits(history)
        model, probs = softargmax(logits), sampler.probs(logits, history=history, generated=i)
        order = np.argsort(-logits, kind="stable")
        assert (drawn.token, bytes(drawn.bytes)) == (
            llm.detokenize([token]),
            llm._model.tokenizer.piece(token),
        )
        assert drawn.prob == pytest.approx(float(model[token]), rel=1e-5)
        assert drawn.rank == 1 + order.tolist().index(token)
        assert drawn.entropy == pytest.approx(-float(np.sum(model * log_softargmax(logits))), rel=1e-4)
        assert drawn.drawn_prob == float(probs[token])
        assert drawn.drawn_prob > 0
        assert [other.id for other in drawn.alternatives] == order[:10].tolist()
        for other in drawn.alternatives:
            assert other.prob == pytest.approx(float(model[other.id]), rel=1e-5)
            assert other.drawn_prob == float(probs[other.id])
            assert other.token == llm.detokenize([other.id])
        if "xtc_probability" not in options:
            assert drawn.candidates == np.count_nonzero(probs)
            left = probs[probs > 0].astype(float)
            assert drawn.drawn_entropy == pytest.approx(-float(np.sum(left * np.log(left))), abs=1e-4)


def _steps(response):
    import json

    return Sampler.from_json(json.dumps(response.receipt["sampler"])).steps


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_each_chunk_has_its_tokens(llm, options):
    """Streams of both kinds, in this thread and in another; together they are the whole answer's."""
    whole = llm.complete(PROMPT, num_predict=12, trace=True, **options)
    chats = {name: value for name, value in options.items() if name != "raw"}
    messages = [{"role": "user", "content": PROMPT}]
    streams = [
        (whole, list(llm.stream_complete(PROMPT, num_predict=12, trace=True, **options))),
        (whole, asyncio.run(drained(llm.astream_complete(PROMPT, num_predict=12, trace=True, **options)))),
        (None, list(llm.stream_chat(messages, num_predict=12, trace=True, **chats))),
        (None, asyncio.run(drained(llm.astream_chat(messages, num_predict=12, trace=True, **chats)))),
    ]
    for expected, stream in streams:
        told = []
        for response in stream:
            told += response.delta_drawn
            assert response.drawn == told
        if expected is not None:
            assert told == expected.drawn
    assert (
        streams[2][1][-1].drawn
        == streams[3][1][-1].drawn
        == llm.chat(messages, num_predict=12, trace=True, **chats).drawn
        or "seed" not in options
    )


def test_watching_changes_nothing_and_survives_copies(llm):
    plain = llm.complete(PROMPT, seed=1, num_predict=12)
    watched = llm.complete(PROMPT, seed=1, num_predict=12, trace=True)
    assert (plain.text, plain.receipt) == (watched.text, watched.receipt)
    for twin in (copy.copy(watched), copy.deepcopy(watched), pickle.loads(pickle.dumps(watched))):
        assert twin.drawn == watched.drawn
        assert twin.show()._repr_html_() == watched.show()._repr_html_()


def test_an_interrupted_answer_keeps_what_was_seen(llm, interrupted_after_100_and_101):
    with pytest.raises(KeyboardInterrupt) as raised:
        llm.complete(PROMPT, trace=True)
    assert [drawn.id for drawn in raised.value.partial.drawn] == [100, 101]


def test_log_probabilities_are_enough(llm):
    """Of the built-in model and of a server: the probability, the rank among those told, the alternatives."""
    watched = llm.complete(PROMPT, seed=1, num_predict=12, trace=True).drawn
    told = llm.complete(PROMPT, seed=1, num_predict=12, logprobs=True, top_logprobs=10).drawn
    for known, drawn in zip(watched, told, strict=True):
        assert (drawn.token, drawn.id, drawn.bytes) == (known.token, known.id, known.bytes)
        assert drawn.prob == pytest.approx(known.prob, rel=1e-5)
        assert drawn.rank == (known.rank if known.rank <= 10 else None)
        assert (drawn.entropy, drawn.drawn_prob, drawn.candidates) == (None, None, None)
        assert [other.id for other in drawn.alternatives] == [other.id for other in known.alternatives]
    with Stub(lambda request: recorded("023-gen-logprobs-top20")) as stub:
        response = Ollama("m", stub.url).complete("a", logprobs=True, top_logprobs=20)
    assert len(response.drawn) == len(response.logprobs) > 1
    for entry, drawn in zip(response.logprobs, response.drawn, strict=True):
        assert drawn.prob == pytest.approx(math.exp(entry.logprob))
        assert len(drawn.alternatives) == 20
        assert drawn.rank == 1 + sum(other.logprob > entry.logprob for other in entry.top_logprobs)
    assert Page(response.show()).said == response.text


def test_what_was_not_watched_says_how_to(llm):
    for response in (llm.complete(PROMPT, num_predict=2), CompletionResponse("a")):
        with pytest.raises(ValueError, match=r"trace=True.*logprobs=True, top_logprobs=10"):
            response.drawn  # noqa: B018
        with pytest.raises(ValueError, match=r"trace=True.*logprobs=True, top_logprobs=10"):
            response.show()
    assert llm.complete(PROMPT, num_predict=2).delta_drawn == []


class Page(HTMLParser):
    """What show() draws: the text, the tokens' attributes, and which tags there are."""

    VOID = frozenset({"br"})

    def __init__(self, shown):
        super().__init__()
        self.tags, self.tokens, self.said, self._inside = set(), [], "", []
        self.feed(shown._repr_html_())
        self.close()
        assert self._inside == []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.add(tag)
        self._inside.append(
            attributes.get("class", tag) if attributes.get("aria-hidden") != "true" else "ll-hidden"
        )
        if attributes.get("class") == "ll-t":
            self.tokens.append(attributes)
        assert set(attributes) <= {
            "class",
            "style",
            "role",
            "tabindex",
            "title",
            "aria-label",
            "aria-hidden",
            "scope",
        }

    def handle_endtag(self, tag):
        self._inside.pop()

    def handle_data(self, data):
        if "ll-said" in self._inside and not {"ll-p", "ll-hidden"} & set(self._inside):
            self.said += data.replace("\N{DOTTED CIRCLE}", "")


@pytest.mark.parametrize(
    "options",
    [*SETTINGS, {"seed": 11, "temperature": 3.0, "top_k": 0, "top_p": 1.0, "num_predict": 60}],
    ids=str,
)
def test_the_tokens_are_the_text(llm, options):
    """Whole characters where several tokens make one, nothing that a stop string cut off, a token to reach for each."""
    response = llm.complete(PROMPT, **{"num_predict": 12, **options}, trace=True)
    page = Page(response.show())
    assert page.said == response.text
    assert len(page.tokens) == len(response.drawn)
    assert all(token["tabindex"] == "0" and token["aria-label"] == token["title"] for token in page.tokens)
    assert page.tags == {"div", "style", "p", "span", "details", "summary", "table", "tr", "th", "td", "code"}


def test_tokens_are_untrusted(llm):
    bad = [
        "</style><script>alert(1)</script>",
        "' onfocus='alert(1)",
        '" onclick="x',
        "<img src=//x>",
        "&lt;",
        "\n\n",
        "\u202e",
    ]
    best = [LogProb(text, -1.0 - i) for i, text in enumerate(bad)]
    entries = [LogProb(text, -1.0 - i, top_logprobs=best) for i, text in enumerate(bad)]
    shown = CompletionResponse("".join(bad), logprobs=entries).show()
    page = Page(shown)
    assert page.said == "".join(bad)
    assert not {"script", "img"} & page.tags
    assert "http" not in shown._repr_html_()
    assert len(str(shown).splitlines()) == len(bad) + 1


def test_the_colour_is_the_probability():
    probs = [1.0, 0.9, 0.5, 0.1, 0.01, 0.001, 1e-12]
    entries = [LogProb("a", math.log(p)) for p in probs]
    page = Page(CompletionResponse("a" * 7, logprobs=entries).show())
    alphas = [float(token["style"].rpartition(",")[2].rstrip(")")) for token in page.tokens]
    assert alphas == sorted(alphas)
    assert (alphas[0], alphas[-1], alphas[1] > 0) == (0.0, 0.65, True)


def test_a_long_answer_has_lists_for_its_first_tokens():
    entries = [LogProb("a", -1.0, top_logprobs=[LogProb("a", -1.0), LogProb("b", -2.0)])] * (PANELS + 7)
    page = CompletionResponse("a" * len(entries), logprobs=entries).show()._repr_html_()
    assert page.count("class='ll-p'") == PANELS
    assert f"after the first {PANELS} have no list" in page
    assert Shown("", [])._repr_html_()


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0%"), (1.0, "100%"), (0.99949, "99.9%"), (0.9996, ">99.9%"), (0.0100001, "1.0%"), (0.00994, "0.99%"),
     (0.0001, "0.01%"), (0.00009, "<0.01%")],
)  # fmt: skip
def test_a_percentage_is_never_rounded_to_none_or_all(share, said):
    assert percent(share) == said
