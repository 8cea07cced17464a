"""The widget's Python side, without a browser: what is accepted, what is live, what is asked and answered."""

import base64
import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest

import logitlab as ll
from logitlab import Explorer, Sampler
from logitlab.explorer.source import search
from logitlab.explorer.text import visible

DOCS = Path(__file__).parents[2] / "docs"
ANIMALS = ["cat", "dog", "emu", "fox"]
ROW = [2.0, 1.0, 0.5, -1.0]
BUDGET = 64_000  # bytes that a saved explorer may take beside 4/3 of its row


def unpacked(explorer):
    """The row and the texts that travel to the page, read in another way than the page does."""
    data, dtype = zlib.decompress(explorer._row), np.dtype("<f8" if explorer._double else "<f4")
    n = int(np.frombuffer(data, "<u4", 1)[0])
    planes = np.frombuffer(data, np.uint8, n * dtype.itemsize, 4).reshape(dtype.itemsize, n)
    values = np.frombuffer(b"".join(planes[:, i].tobytes() for i in range(n)), dtype)
    return values, json.loads(data[4 + n * dtype.itemsize :])


@pytest.mark.parametrize(
    ("dtype", "kept"),
    [("float16", "f4"), ("float32", "f4"), ("float64", "f8"), ("int64", "f8"), (">f4", "f4"), (">f8", "f8")],
)
def test_the_row_keeps_its_values(dtype, kept):
    x = np.array([2, 1, 0, -1], dtype)
    explorer = Explorer(x)
    assert explorer.logits.dtype == np.dtype(kept)
    np.testing.assert_array_equal(explorer.logits, x.astype(kept))
    row, _ = unpacked(explorer)
    assert row.tobytes() == x.astype("<" + kept).tobytes()


def test_a_batch_of_one_row_is_a_row():
    assert len(Explorer(np.zeros((1, 1, 5))).logits) == 5


@pytest.mark.parametrize(
    ("what", "options", "error", "says"),
    [
        (np.zeros((2, 3)), {}, ValueError, "one row"),
        ([], {}, ValueError, "at least one"),
        (["a"], {}, TypeError, "real numbers"),
        ([1.0, np.nan], {}, ValueError, "NaN"),
        ([-np.inf], {}, ValueError, "-inf"),
        (ROW, {"tokens": ["a"]}, ValueError, "name each of the 4"),
        (ROW, {"text": "hello"}, TypeError, "belongs to a model"),
        (ROW, {"temperature": -1}, ValueError, "temperature must be >= 0, got -1"),
        (ROW, {"temperature": np.nan}, ValueError, "temperature must be >= 0, got nan"),
        (ROW, {"temperature": 1e7}, ValueError, "temperature must be 0 or in [1e-06, 1e+06], got 10000000.0"),
        (ROW, {"top_k": -1}, ValueError, "top_k"),
        (ROW, {"top_p": 1.5}, ValueError, "top_p"),
        (ROW, {"min_p": np.nan}, ValueError, "min_p must be in"),
        (ROW, {"engine": "gpt"}, ValueError, "engine"),
        (ROW, {"seed": 2**53}, ValueError, "seed"),
    ],
)
def test_wrong_arguments_say_what_is_needed(what, options, error, says):
    with pytest.raises(error, match=re.escape(says)):
        Explorer(what, **options)


def test_a_masked_row_is_fine():
    assert Explorer([1.0, -np.inf, np.inf]).probs.tolist() == [0.0, 0.0, 1.0]


def test_state_is_live():
    explorer = Explorer(ROW, tokens=ANIMALS)
    assert explorer.sampler == Sampler()
    explorer.temperature, explorer.top_k, explorer.engine = 0.5, 2, "vllm"
    assert explorer.sampler == Sampler(temperature=0.5, top_k=2, engine="vllm")
    np.testing.assert_array_equal(explorer.probs, explorer.sampler.probs(np.array(ROW)))
    assert explorer.get_state()["top_k"] == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", -0.1), ("top_k", -1), ("top_p", 2), ("selected", 4), ("draws", 100_001)],
)
def test_a_wrong_value_is_refused_and_nothing_changes(name, value):
    explorer = Explorer(ROW)
    before = getattr(explorer, name)
    with pytest.raises(Exception, match=name):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before


def test_the_logits_cannot_be_written():
    with pytest.raises(ValueError, match="read-only"):
        Explorer(ROW).logits[0] = 1


class Model:
    """A model of five tokens whose logits say how many tokens came before."""

    model = "tiny"
    words = ("<s>", " a", " b", " c", "\n")

    def tokenize(self, text, *, chat=False):
        return [0] * len(text)

    def detokenize(self, tokens):
        return "".join(self.words[token] for token in tokens)

    def next_logits(self, text, *, chat=False):
        return np.roll(np.arange(5, dtype=np.float32), len(text))


def test_a_model_continues_the_text():
    explorer = Explorer(Model(), "xy")
    first = explorer.logits.copy()
    assert unpacked(explorer)[1][0] == Model.words[int(first.argmax())]
    explorer._answer(explorer, {"kind": "continue", "token": 2}, [])
    assert explorer.text == "xy b"
    np.testing.assert_array_equal(explorer.logits, np.roll(first, 1))
    assert explorer._source["prompt"] == "xy b"
    assert "[*llm.tokenize('xy'), 2]" in explorer._source["lines"][-1]


def test_what_goes_wrong_is_shown_in_the_widget():
    explorer = Explorer(Model(), "x")
    explorer._answer(explorer, {"kind": "continue", "token": 99}, [])
    assert explorer._error == "ValueError: a token id is an integer in [0, 5), got 99"
    explorer._answer(explorer, {"kind": "find", "text": "B"}, [])
    assert explorer._error == ""
    assert explorer._found == [[2, " b"]]


def test_a_model_needs_a_text():
    with pytest.raises(TypeError, match="needs the text"):
        Explorer(Model())


def test_search_is_by_part_and_whatever_the_case():
    texts = [(0, "Straße"), (1, "STRASSE "), (2, "gasse")]
    assert search(texts, "strasse", 5) == [(0, "Straße"), (1, "STRASSE ")]
    assert search(texts, "s", 1) == [(2, "gasse")]


def saved(explorer):
    """The bytes of its state as a notebook spells it: JSON, a line for each value, bytes as base64."""
    state = explorer.get_state()
    buffers = [
        {"data": base64.b64encode(value).decode(), "encoding": "base64", "path": [name]}
        for name, value in state.items()
        if isinstance(value, bytes)
    ]
    plain = {name: value for name, value in state.items() if not isinstance(value, bytes)}
    text = json.dumps({"state": plain, "buffers": buffers}, indent=1, ensure_ascii=False)
    return len(text.encode()) + 7 * text.count("\n")  # it stands seven levels deep


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [4, 100, 10_000, 49_152])
def test_what_is_saved_in_the_notebook(n, dtype):
    """At most 64 kB, for the page and a thousand texts, beside 4/3 of the row; here nothing of a row repeats."""
    row = np.random.default_rng(0).normal(size=n).astype(dtype)
    explorer = Explorer(row, tokens=[f" tok{i}" for i in range(n)])
    assert saved(explorer) <= BUDGET + 4 / 3 * row.nbytes


def test_the_documentation_has_the_budget():
    assert f"That costs {BUDGET // 1000} kB" in (DOCS / "explorer.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("n", "asked", "kept"),
    [(10, None, True), (100_001, None, False), (100_001, True, True), (10, False, False)],
)
def test_long_rows_are_saved_when_asked(n, asked, kept):
    explorer = Explorer(np.zeros(n, np.float32), save=asked)
    assert bool(explorer.get_state()["_row"]) is kept


def test_a_row_that_is_not_saved_is_sent_when_the_page_asks(monkeypatch):
    explorer = Explorer(ROW, save=False)
    sent = []
    monkeypatch.setattr(explorer, "send", lambda content, buffers=None: sent.append((content, buffers)))
    explorer._answer(explorer, {"kind": "row"}, [])
    assert sent.pop(0) == ({"kind": "here"}, None)
    [(content, [packed])] = sent
    assert content == {"kind": "row"}
    assert packed == Explorer(ROW)._row


def test_texts_travel_for_the_best_thousand():
    n = 5000
    x = np.random.default_rng(1).permutation(n).astype(np.float32)
    explorer = Explorer(x, tokens=[str(i) for i in range(n)])
    assert unpacked(explorer)[1] == [str(i) for i in np.argsort(-x, kind="stable")[:1000]]


def test_tokens_that_are_bytes_and_no_text():
    """Half a character, as `bytes.decode` with surrogateescape gives it."""
    explorer = Explorer([1.0, 2.0], tokens=["a", "\udcc3"])
    assert unpacked(explorer)[1] == ["\udcc3", "a"]


def test_the_static_table():
    bundle = Explorer([3.0, 1.0, -9.0], tokens=["<b>", "\n", "x"], shown=2)._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    html = data["text/html"]
    for never in ("<script", "<b>"):
        assert never not in html
    for part in ("&lt;b&gt;", "⏎", "1 other token"):
        assert part in html
    assert data["text/plain"] == "<Explorer of 3 tokens: Sampler([])>"
    assert "application/vnd.jupyter.widget-view+json" in data


def test_the_figure_shows_what_the_screen_shows():
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    explorer = Explorer(ROW, tokens=["a$b$", *ANIMALS[1:]], temperature=0.5, shown=3)
    explorer.draws, explorer.seed = 100, 3
    figure = explorer.figure()
    figure.canvas.draw()
    [axes] = figure.axes
    widths = [bar.get_width() for bar in axes.patches]
    assert widths == pytest.approx([*explorer.probs[:3], explorer.probs[3]])
    assert [label.get_text() for label in axes.get_yticklabels()][-1] == "1 other token"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (" a", "␣a"),
        ("\n\t\r", "⏎⇥␍"),
        ("", "(empty)"),
        ("\x00\x7f", "␀␡"),
        ("\u200b\u202e", "⟨U+200B⟩⟨U+202E⟩"),
        ("é🦤", "é🦤"),
    ],
)
def test_everything_in_a_token_is_seen(text, seen):
    assert visible(text) == seen


def test_public_name():
    assert ll.Explorer is Explorer
