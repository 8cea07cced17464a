"""answers(): what the single answers are, counted; a tree whose probabilities are those that are drawn from."""

import json
import math
import pickle
import sys
from collections import Counter
from typing import ClassVar

import numpy as np
import pytest
from wire.stub import Stub, ndjson, respond

from logitlab import Sampler, answers
from logitlab.llms import LLM, BuiltIn, Ollama, OllamaError
from logitlab.llms.answers.counted import Answers
from logitlab.llms.answers.interval import wilson
from logitlab.llms.base import Chunk
from logitlab.llms.options import rows
from logitlab.llms.smol.network import Network

PROMPT = "the Singapore"
MESSAGES = [
    {"role": "user", "content": "the"},
    {"role": "assistant", "content": "an"},
    {"role": "user", "content": "a"},
]
SETTINGS = [
    {"seed": 3, "num_predict": 2, "temperature": 0.4, "top_k": 5},
    {"seed": 2**32 - 4, "num_predict": 4, "top_p": 0.5, "stop": ["e"], "raw": True},
    {"seed": 0, "num_predict": 3, "repeat_penalty": 1.7, "top_k": 6, "temperature": 0.5},
    {"seed": 1, "num_predict": 4, "temperature": 0},
    {
        "seed": 5,
        "num_predict": 3,
        "xtc_probability": 0.5,
        "xtc_threshold": 0.05,
        "top_k": 8,
        "temperature": 0.6,
    },
    {"seed": 6, "num_predict": 4, "logit_bias": {2: 10.0}, "top_k": 4},
]


def every(branch):
    yield branch
    for each in branch.branches:
        yield from every(each)


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_they_are_the_single_answers_counted(llm, options):
    """The seeds are seed, seed + 1, ..., beginning anew after the largest."""
    drawn = answers(llm, PROMPT, 30, **options)
    seeds = [(options["seed"] + i) % (2**32 - 1) for i in range(30)]
    alone = [llm.complete(PROMPT, **options | {"seed": seed}).text for seed in seeds]
    assert (drawn.seeds, [response.text for response in drawn]) == (seeds, alone)
    counts = Counter(alone)
    assert drawn.counts == dict(counts.most_common())
    assert list(drawn.counts.values()) == sorted(counts.values(), reverse=True)
    shares = np.array(list(counts.values())) / 30
    assert drawn.entropy == pytest.approx(-np.sum(shares * np.log(shares)), abs=1e-12)
    assert drawn.entropy_bits == pytest.approx(drawn.entropy / math.log(2))
    for line in drawn.table():
        assert line["count"] == counts[line["text"]]
        assert line["share"] == line["count"] / 30
        assert (line["low"], line["high"]) == wilson(line["count"], 30)
        assert alone[seeds.index(line["seed"])] == line["text"]
        assert line["text"] not in alone[: seeds.index(line["seed"])]
    assert (drawn.n, len(drawn), drawn.asked, drawn.interrupted) == (30, 30, 30, False)


@pytest.mark.parametrize("options", SETTINGS, ids=str)
def test_the_tree_is_what_is_drawn_from(llm, options):
    """Along each branch: the distribution by hand, from the public functions."""
    drawn = answers(llm, PROMPT, 30, **options)
    receipt = drawn.responses[0].receipt
    prompt, sampler = receipt["prompt"], Sampler.from_json(json.dumps(receipt["sampler"]))
    paths = [(*r.raw["tokens"], *([-1] if r.raw["eval_count"] > len(r.raw["tokens"]) else [])) for r in drawn]
    seen = 0

    def look(branch, path):
        nonlocal seen
        assert branch.count == sum(each[: len(path)] == path for each in paths)
        if not branch.branches:
            return
        assert branch.source == "exact"
        assert len(path) < options["num_predict"]
        history = prompt + list(path)
        probs = sampler.probs(llm.next_logits(history), history=history, generated=len(path))
        ending = sum(probs[end] for end in llm.ends)
        left = [(ending, -1), *((float(probs[i]), i) for i in np.flatnonzero(probs) if i not in llm.ends)]
        left.sort(key=lambda each: -each[0])
        for each in branch.branches:
            at = next(i for i, (p, token) in enumerate(left) if p == each.prob and (token == -1) == each.ends)
            _, token = left.pop(at)
            assert each.ends or each.token == llm.detokenize([token])
            assert each.path == pytest.approx(branch.path * each.prob)
            look(each, (*path, token))
            seen += 1
        assert branch.rest == pytest.approx(sum(p for p, _ in left), abs=1e-6)
        going_on = sum(each[: len(path)] == path and len(each) > len(path) for each in paths)
        assert branch.rest_count == going_on - sum(each.count for each in branch.branches)

    look(drawn.tree, ())
    assert drawn.pieces == "tokens"
    assert seen >= (options["num_predict"] if options.get("temperature") == 0 else 5)
    assert any(each.ends for each in every(drawn.tree)) is ("logit_bias" in options)


def test_what_follows_a_stop_string_is_not_in_it(llm):
    options = {"seed": 0, "num_predict": 3, "top_k": 4, "raw": True}
    free = answers(llm, PROMPT, 10, **options).tree.branches[0]
    assert free.branches
    stopped = answers(llm, PROMPT, 10, stop=free.token, **options).tree.branches[0]
    assert (stopped.token, stopped.prob, stopped.branches) == (free.token, free.prob, ())


def test_the_prompt_is_read_once(llm, monkeypatch):
    """Token for token: the prompt, and what each answer adds after its first."""
    fed = []
    feed = Network._feed
    monkeypatch.setattr(
        Network,
        "_feed",
        lambda self, cache, tokens, last: (fed.extend(tokens), feed(self, cache, tokens, last)),
    )
    prompt = llm.tokenize(PROMPT + " once", chat=True)
    answers(llm, PROMPT + " once", 20, seed=0, num_predict=1)
    assert fed
    assert fed == prompt[-len(fed) :]  # an earlier prompt may have begun like this one
    fed.clear()
    drawn = answers(llm, PROMPT + " once", 20, seed=0, num_predict=3, top_k=1)
    assert len(drawn.counts) == 1
    assert len(fed) <= 20 * 2 + 3


def test_a_conversation(llm):
    drawn = answers(llm, MESSAGES, 5, seed=4, num_predict=4)
    assert [r.text for r in drawn] == [llm.chat(MESSAGES, seed=4 + i, num_predict=4).text for i in range(5)]
    assert drawn.tree.source == "exact"


def test_where_the_seeds_come_from(tiny_model):
    llm = BuiltIn(tiny_model.path, seed=7, num_predict=2)
    assert answers(llm, PROMPT, 3).seeds == [7, 8, 9]
    assert answers(llm, PROMPT, 3, seed=1).seeds == [1, 2, 3]
    first, second = (answers(llm, PROMPT, 2, seed=-1).seeds for _ in range(2))
    assert first != second
    assert answers(BuiltIn(tiny_model.path), PROMPT, 2, seed=None, num_predict=1).seeds[0] >= 0


@pytest.mark.parametrize(
    ("count", "n"), [(0, 1), (1, 1), (0, 20), (3, 7), (8, 10), (10, 10), (57, 200), (999, 10_000)]
)
def test_the_interval_is_where_the_score_test_rejects(count, n):
    """The bounds solve |count / n - p| = 1.96 sqrt(p (1 - p) / n): by bisection."""

    def beyond(p):
        return abs(count / n - p) > 1.959963984540054 * math.sqrt(p * (1 - p) / n)

    def edge(inside, outside):
        for _ in range(100):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if beyond(middle) else (middle, outside)
        return inside

    low, high = wilson(count, n)
    assert low == pytest.approx(edge(count / n, 0.0) if count else 0.0, abs=1e-9)
    assert high == pytest.approx(edge(count / n, 1.0) if count < n else 1.0, abs=1e-9)


def tokens_of(seed):
    return [["Red"], ["Blue", "!"], ["Blue", "."]][seed % 3]


RAW = {"Red": 0.25, "Blue": 0.5, "Green": 0.15}


def server(told=True, order="temperature"):
    """A server whose answers follow from the seed, with log-probabilities of the best tokens."""

    def answer(request):
        if request.path == "/api/show":
            return respond(
                json.dumps({"parameters": "", "details": {"format": "gguf"}, "model_info": {}}).encode()
            )
        if request.path == "/api/version":
            return respond(b'{"version": "0.33.0"}')
        if request.path in ("/api/ps", "/api/tags"):
            return respond(b'{"models": []}')
        tokens = tokens_of(request.json["options"]["seed"])
        last = {"model": "m", "done": True, "done_reason": "stop", "eval_count": len(tokens) + 1}
        return ndjson(*(piece(i, token, told) for i, token in enumerate(tokens)), last | {"response": ""})

    return answer


def piece(place, token, told):
    chances = RAW if place == 0 else {"!": 0.5, ".": 0.5}
    best = [{"token": each, "logprob": math.log(p), "bytes": []} for each, p in chances.items()]
    entry = {"token": token, "logprob": math.log(chances[token]), "bytes": [], "top_logprobs": best}
    said = {"model": "m", "done": False, "response": token}
    return said | ({"logprobs": [entry]} if told else {})


OFF = {"repeat_penalty": 1.0, "top_p": 1.0, "min_p": 0.0}


def test_a_servers_tree_is_computed_where_its_log_probabilities_settle_it():
    with Stub(server()) as stub:
        drawn = answers(Ollama("m", stub.url), "a", 6, seed=0, temperature=0.5, top_k=3, **OFF)
        asked = [request.json for request in stub.requests if request.path == "/api/generate"]
    assert [each["options"]["seed"] for each in asked] == [0, 1, 2, 3, 4, 5]
    assert all((each["logprobs"], each["top_logprobs"]) == (True, 20) for each in asked)
    assert drawn.counts == {"Red": 2, "Blue!": 2, "Blue.": 2}
    squares = {token: p * p for token, p in RAW.items()}  # the temperature 0.5
    assert drawn.tree.source == "log-probabilities"
    for token, square in squares.items():
        assert drawn.tree[token].prob == pytest.approx(square / sum(squares.values()))
    assert (drawn.tree["Blue"].count, drawn.tree["Green"].count) == (4, 0)
    red = drawn.tree["Red"]
    assert (red.source, red.branches[0].ends, red.branches[0].prob) == ("draws", True, 1.0)
    text = str(drawn)
    assert "computed from the server's log-probabilities" in text
    assert "estimated from the draws" in text
    assert pickle.loads(pickle.dumps(drawn)).tree == drawn.tree


@pytest.mark.parametrize(
    ("told", "options", "pieces"),
    [
        (True, {"temperature": 0.5, "top_k": 0}, "tokens"),
        (False, {}, "words"),
        (False, {"logprobs": False}, "words"),
    ],
)
def test_a_servers_tree_is_counted_elsewhere(told, options, pieces):
    with Stub(server(told)) as stub:
        drawn = answers(Ollama("m", stub.url), "a", 6, seed=0, **OFF | options)
        asked = next(request.json for request in stub.requests if request.path == "/api/generate")
    assert asked.get("logprobs", True) is options.get("logprobs", True)
    assert (drawn.tree.source, drawn.pieces) == ("draws", pieces)
    blue = "Blue" if told else "Blue!"
    assert (drawn.tree[blue].prob, drawn.tree[blue].count) == ((4 / 6, 4) if told else (2 / 6, 2))
    assert f"The first {pieces}: estimated from the draws" in str(drawn)


class Says(LLM):
    """Takes no seed; says what is next in a list, and raises what is an exception."""

    _takes: ClassVar = rows("temperature")

    def __init__(self, says):
        super().__init__()
        self.left = list(says)

    def _stream(self, request):
        said = self.left.pop(0)
        if isinstance(said, BaseException):
            raise said
        yield Chunk(said, {"done": True, "done_reason": "stop"}, additional_kwargs={"done_reason": "stop"})


def test_a_model_without_seeds_or_log_probabilities():
    drawn = answers(Says(["a b", "a c", "a b", ""]), "x", 4)
    assert (drawn.seeds, drawn.counts, drawn.pieces) == (None, {"a b": 2, "a c": 1, "": 1}, "words")
    assert drawn.tree["a"][" b"].prob == pytest.approx(2 / 3)
    assert (drawn.tree["a"].prob, drawn.tree.branches[1].ends) == (0.75, True)
    assert "seed" not in str(drawn)


def test_ctrl_c_keeps_what_has_come():
    drawn = answers(Says(["a", "b", KeyboardInterrupt(), "c"]), "x", 9)
    assert (drawn.n, drawn.asked, drawn.interrupted, drawn.counts) == (2, 9, True, {"a": 1, "b": 1})
    assert "2 answers of the 9 asked for" in str(drawn)
    assert "2 answers of the 9 asked for" in drawn._repr_html_()
    with pytest.raises(KeyboardInterrupt):
        answers(Says([KeyboardInterrupt()]), "x", 9)


def test_an_error_carries_what_has_come(llm):
    with pytest.raises(OSError, match="gone") as raised:
        answers(Says(["a", "b", OSError("gone")]), "x", 9)
    assert raised.value.partial.counts == {"a": 1, "b": 1}
    gone = respond(b'{"error": "the runner is gone"}', status="500 Internal Server Error")

    def answer(request):
        asked = request.path == "/api/generate"
        return gone if asked and request.json["options"]["seed"] >= 2 else server()(request)

    with Stub(answer) as stub:
        with pytest.raises(OllamaError) as raised:
            answers(Ollama("m", stub.url), "a", 6, seed=0)
        assert isinstance(raised.value.partial, Answers)
        assert raised.value.partial.counts == {"Red": 1, "Blue!": 1}


WRONG = [
    (lambda llm: answers(llm, PROMPT, 0), ValueError, "n must be >= 1 .*, got 0"),
    (lambda llm: answers(llm, PROMPT, 10**5000), ValueError, "n must be .*bits"),
    (lambda llm: answers(llm, PROMPT, True), TypeError, "n must be an integer >= 1, got True"),
    (lambda llm: answers(llm, PROMPT, 2.0), TypeError, "got 2.0"),
    (lambda llm: answers(llm, PROMPT, 2, temprature=1), TypeError, "temperature"),
    (lambda llm: answers(llm, PROMPT, 2, seed=1.5), ValueError, "seed"),
    (lambda llm: answers(llm, PROMPT, 2, seed=2**32), ValueError, "seed"),
    (lambda llm: answers(llm, PROMPT, 2, top_k=-3), ValueError, "top_k"),
    (lambda llm: answers(llm, 3, 2), TypeError, "messages"),
    (lambda llm: answers("gemma:7b", PROMPT, 2), TypeError, "gemma:7b"),
    (lambda llm: answers(BuiltIn, PROMPT, 2), TypeError, "llm must be a model"),
]


@pytest.mark.parametrize(("call", "error", "message"), WRONG, ids=[str(i) for i in range(len(WRONG))])
def test_what_is_wrong_is_said_before_anything_is_drawn(llm, monkeypatch, call, error, message):
    monkeypatch.setattr(Network, "read", lambda *_: pytest.fail("drawn"))
    with pytest.raises(error, match=message):
        call(llm)


def test_what_is_shown_is_escaped_and_drawn():
    """Also dollars, which matplotlib would take for formulas, and texts of only blanks."""
    bad = "<script>alert(1)</script>&<b onclick='x'>"
    drawn = answers(Says([bad, bad, "$\\frac{", "$x$ $y_", " ", "\n", "", "🙂 日本", "long " * 100]), "x", 9)
    page = drawn._repr_html_()
    for mark in ("<script", "<b ", "onclick='"):
        assert mark not in page
    assert page.count("&lt;script&gt;") == 2
    assert "22.2%" in page
    assert str(drawn).count("\n") < 40
    picture = drawn.plot()
    assert len(picture._repr_png_()) > 10_000
    shown = [label.get_text() for label in picture.axes[0].get_yticklabels()]
    assert shown[0].startswith("<script>")
    assert len(shown) == 8


def test_a_frame(llm):
    drawn = answers(llm, PROMPT, 5, seed=4, num_predict=1)
    assert drawn.frame().to_dict("records") == drawn.table()


def test_the_bar_is_for_those_who_look(capsys, monkeypatch):
    answers(Says(["a", "b"]), "x", 2)
    assert capsys.readouterr() == ("", "")
    answers(Says(["a", "b"]), "x", 2, progress=True)
    assert "answers: drawing" in capsys.readouterr().err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    answers(Says(["a", "b"]), "x", 2, progress=False)
    assert capsys.readouterr() == ("", "")
    answers(Says(["a", "b"]), "x", 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("100% of 2\n")


def test_in_a_notebook_the_bar_is_no_pink_box(capsys, monkeypatch):
    import IPython
    from IPython.core.displaypub import DisplayPublisher

    class Shell(IPython.core.interactiveshell.InteractiveShell):
        kernel = object()

    Shell.clear_instance()
    shell = Shell.instance()
    said = []
    monkeypatch.setattr(DisplayPublisher, "publish", lambda self, data, **more: said.append((data, more)))
    monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
    answers(Says(["a", "b", "c"]), "x", 3)
    Shell.clear_instance()
    assert capsys.readouterr() == ("", "")
    assert [more.get("update", False) for _, more in said] == [False, *[True] * (len(said) - 1)]
    assert said[-1][0]["text/plain"].endswith("100% of 3")


@pytest.mark.model
def test_the_real_model(smollm2):
    """Its likeliest first token has the probability of its sampler, and the count of its draws."""
    drawn = answers(smollm2, "Heads or tails?", 20, seed=0, num_predict=1)
    row = drawn.responses[0].receipt
    probs = Sampler.from_json(json.dumps(row["sampler"])).probs(smollm2.next_logits(row["prompt"]))
    assert max(each.prob for each in drawn.tree.branches) == probs.max()
    assert drawn.tree.branches[0].count == drawn.counts[drawn.tree.branches[0].token]
