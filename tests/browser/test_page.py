"""What is on the screen: every label against numbers that Python computed in its own way."""

import base64
import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect
from wire.stub import Stub, body_of, recorded

from logitlab import Explorer, Sampler
from logitlab.explorer.chance import counts_of
from logitlab.explorer.pack import packed_row
from logitlab.llms import Ollama

from .conftest import serve


def texts(b, selector):
    b.drawn()
    return [
        text.replace("\u202f", "").replace("\u00a0", " ")
        for text in b.view.locator(selector).all_inner_texts()
    ]


def percents(b):
    """The numbers beside the bars, the tail's last."""
    found = texts(b, ".ll-tokens .ll-percent")
    return [0.0 if "none" in text else float(re.search(r"[\d.e−-]+(?= %)", text)[0]) / 100 for text in found]


def test_bars_say_their_probability(bare, animals):
    b = bare(animals(temperature=0.5))
    expected = np.exp(np.array([2.0, 1.0, 0.5, -1.0]) / 0.5)
    expected /= expected.sum()
    assert percents(b)[:4] == pytest.approx(expected, abs=5.1e-4)
    assert b.view.locator(".ll-tail").is_hidden()  # four tokens, four rows


def test_the_length_of_a_bar_is_its_probability(bare, animals):
    b = bare(animals(temperature=2.0))
    lengths = b.view.locator(".ll-tokens tbody").evaluate(
        """body => {
        const width = (row, part) => row.querySelector(part).getBoundingClientRect().width;
        const rows = [...body.rows].filter((row) => !row.hidden);
        return rows.map((row) => width(row, ".ll-fill") / width(row, ".ll-bar")); }"""
    )
    scale = float(re.search(r"to ([\d.]+) %", texts(b, "thead .ll-p")[0])[1]) / 100
    expected = Sampler(temperature=2.0).probs([2.0, 1.0, 0.5, -1.0])
    assert np.array(lengths) * scale == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 3.0])
def test_the_tail_is_one_bar(bare, vocabulary, temperature):
    explorer = vocabulary(temperature=temperature)
    b = bare(explorer)
    expect(b.view.locator(".ll-tailname")).to_have_text("49\u202f140 other tokens")
    best = np.sort(explorer.probs.astype(float))[::-1][:12].sum()
    assert percents(b)[-1] == pytest.approx(1 - best, abs=5.1e-4)


def test_the_tail_says_how_many_are_left(bare, vocabulary):
    b = bare(vocabulary(temperature=1.0, top_k=40))
    expect(b.view.locator(".ll-tailname")).to_have_text("28 of 49\u202f140 other tokens left")
    expect(b.view.locator(".ll-stats")).to_contain_text("40 of 49\u202f152 tokens left")


def test_the_argmax_does_not_move(bare, vocabulary):
    b = bare(vocabulary(temperature=0.1))
    for temperature in (0.1, 1.0, 10.0):
        b.set(temperature=temperature)
        expect(b.view.locator(".ll-argmax")).to_have_count(1)
        expect(b.view.locator(".ll-tokens tbody tr").first).to_contain_text("t7◆ argmax")


def test_entropy_and_choices(bare, animals):
    b = bare(animals(temperature=1.5))
    p = Sampler(temperature=1.5).probs(np.array([2.0, 1.0, 0.5, -1.0]))
    nats = -(p * np.log(p)).sum()
    text = texts(b, ".ll-stats")[0]
    assert float(re.search(r"entropy ([\d.]+) bits", text)[1]) == pytest.approx(nats / np.log(2), rel=5e-3)
    assert float(re.search(r"([\d.]+) effective", text)[1]) == pytest.approx(np.exp(nats), abs=0.051)


def test_columns_stand_in_the_engines_order(bare, vocabulary):
    b = bare(vocabulary(temperature=0.8, top_k=40, top_p=0.9))
    names = ["temperature", "min_p", "top_k", "top_p"]  # the controls whose steps every engine has

    def columns():
        heads = [text.split("\n")[0] for text in texts(b, ".ll-tokens thead .ll-step")]
        return [name for name in heads if name in names]

    assert columns() == ["top_k", "top_p", "min_p", "temperature"]
    b.view.get_by_label("engine", exact=True).select_option("vllm")
    b.settled()
    assert columns() == names
    assert b.get("engine") == "vllm"


def test_each_step_says_what_it_kept(bare, vocabulary):
    explorer = vocabulary(temperature=0.8, top_k=40, top_p=0.9)
    b = bare(explorer)
    trace = explorer.sampler.trace(explorer.logits)
    names = [text.split("\n")[0] for text in texts(b, ".ll-tokens thead .ll-step")]
    heads = dict(zip(names, texts(b, ".ll-tokens thead .ll-step small"), strict=True))
    for head, step in ((heads["top_k"], 1), (heads["top_p"], 2)):
        assert f"{int(trace.count[step])} left" in head
        assert float(re.search(r"keeps ([\d.]+) %", head)[1]) == pytest.approx(
            100 * float(trace.kept[step]), abs=0.051
        )
    assert heads["min_p"] == "off"


def test_a_removed_token_says_which_step_removed_it(bare, animals):
    b = bare(animals(temperature=0.5, top_k=3, min_p=0.3))
    cells = [row.split("\t") for row in texts(b, ".ll-tokens tbody tr")]
    steps = [text.split("\n")[0] for text in texts(b, ".ll-tokens thead .ll-step")]
    assert "removed" in cells[3][2 + steps.index("top_k")]  # fox
    assert "removed" in cells[2][2 + steps.index("min_p")]  # emu
    assert b.view.locator(".ll-gone").count() == 2


def test_the_arithmetic_of_the_token_under_the_pointer(bare, animals):
    b = bare(animals(temperature=0.5, top_k=3))
    b.view.get_by_role("button", name="dog").hover()
    panel = b.view.locator(".ll-arithmetic")
    expect(panel).to_contain_text("The arithmetic of dog")
    expect(panel).to_contain_text("rank 2 ≤ 3: kept")
    expect(panel).to_contain_text("logit / T = 1 / 0.5 = 2")
    expect(panel).to_contain_text("exp((z − best) / T) = exp(−2) = 0.1353")
    expect(panel).to_contain_text("= 11.4 %")
    b.view.get_by_role("button", name="fox").focus()
    b.page.mouse.move(2, 2)
    expect(panel).to_contain_text("rank 4 > 3: removed")


def test_a_click_selects(bare, animals):
    b = bare(animals())
    b.view.get_by_role("button", name="emu").click()
    assert b.get("selected") == 2
    expect(b.view.get_by_role("button", name="emu")).to_have_attribute("aria-pressed", "true")
    b.view.get_by_role("button", name="emu").click()
    assert b.get("selected") is None


@pytest.mark.parametrize("n", [1, 100, 10_000])
def test_draws_are_pythons(bare, vocabulary, n):
    explorer = vocabulary(temperature=1.0, top_k=40, seed=5)
    b = bare(explorer)
    b.view.get_by_role("button", name=re.compile(rf"^Draw {n:,}$".replace(",", r"\s"))).click()
    assert b.get("draws") == n
    expect(b.view.locator(".ll-sums")).to_be_visible()
    tokens = explorer.sampler.sample(explorer.logits, size=n, rng=5)
    drawn = [int(text.split(" ")[0]) for text in texts(b, ".ll-tokens tbody .ll-d")]
    best = np.argsort(-explorer.logits, kind="stable")[:12]
    assert drawn == [*[int((tokens == token).sum()) for token in best], int((~np.isin(tokens, best)).sum())]
    expect(b.view.locator(".ll-draws")).to_contain_text(f"u = {np.random.default_rng(5).random(n)[-1]:.6f}")
    expect(b.view.locator(".ll-draws .ll-says bdi")).to_have_text(f"␣t{tokens[-1]}")


def test_draws_against_theory(bare, animals):
    """The interval is the binomial's; what is outside says so."""
    b = bare(animals(temperature=1.0, seed=1))
    b.view.get_by_role("button", name="Draw 100", exact=True).click()
    p = Sampler().probs(np.array([2.0, 1.0, 0.5, -1.0]))
    for text, share in zip(texts(b, ".ll-tokens tbody .ll-d"), p, strict=False):
        count, low, high = map(int, re.match(r"(\d+) \((\d+)–(\d+)\)", text).groups())
        assert (low, high) == counts_of(100, share)[:2]
        assert ("outside" in text) is not (low <= count <= high)


def test_u_falls_on_the_token_that_was_drawn(bare, animals):
    b = bare(animals(temperature=1.0))
    b.view.get_by_role("button", name="Draw 1", exact=True).click()
    for _ in range(6):
        b.drawn()
        inside = b.view.locator(".ll-sums").evaluate(
            """bar => { const u = bar.querySelector(".ll-u").getBoundingClientRect(); const x = u.left + u.width / 2;
            const holds = ({ left, right }) => x >= left && x < right;
            const part = [...bar.querySelectorAll(".ll-part")].find((p) => holds(p.getBoundingClientRect()));
            return part.textContent; }"""
        )
        first = b.view.locator(".ll-says bdi").last.inner_text()
        assert inside in (first, "")
        b.view.get_by_role("button", name="Next seed").click()


def test_engines_that_disagree(bare, vocabulary):
    explorer = vocabulary(temperature=0.5, top_k=40, top_p=0.9)
    b = bare(explorer)
    b.settled()
    kept = {}
    for row in b.view.locator(".ll-engines tbody tr").all():
        cells = row.locator("th, td").all_inner_texts()
        kept[cells[0]] = int(cells[2])
        options = {"temperature": 0.5, "top_k": 40, "top_p": 0.9}
        assert kept[cells[0]] == int((Sampler(engine=cells[0], **options).probs(explorer.logits) > 0).sum())
    assert kept["ollama"] != kept["vllm"]
    expect(b.view.locator(".ll-engines")).to_contain_text("engines keep other tokens than the engine in use")


@pytest.mark.parametrize(
    ("options", "kept", "line"),
    [
        (
            {"top_k": 2},
            {"ollama": 2, "llama.cpp": 2, "ollama-mlx": 2, "transformers": 4, "vllm": 4, "mlx-lm": 2},
            "rank 4 > 2, but as large as the last of them: kept",
        ),
        (
            {"top_p": 0.5},
            {"ollama": 2, "llama.cpp": 2, "ollama-mlx": 2, "transformers": 2, "vllm": 2, "mlx-lm": 4},
            "at least 50.0 %, but as large as the last of them: kept",
        ),
        (
            {"top_p": 0.0},
            {"ollama": 1, "llama.cpp": 1, "ollama-mlx": 5, "transformers": 1, "vllm": None, "mlx-lm": 5},
            None,
        ),
    ],
    ids=str,
)
def test_ties_in_each_engine(bare, options, kept, line):
    """Of an engine that refuses the value there is no number."""
    engine = max(kept, key=lambda name: (kept[name] == 4, name != "vllm", name))
    row, names = np.array([2, 1, 1, 1, 0], np.float32), ["ant", "bee", "cat", "dog", "emu"]
    b = bare(Explorer(row, tokens=names, engine=engine, temperature=1.0, **options))
    b.settled()
    rows = [
        row.locator("th, .ll-n").all_inner_texts() for row in b.view.locator(".ll-engines tbody tr").all()
    ]
    assert {name: None if n == "–" else int(n) for name, n in rows} == kept
    if line:
        b.view.locator(".ll-tokens").get_by_role("button", name="dog").hover()
        expect(b.view.locator(".ll-arithmetic")).to_contain_text(line)


def test_engines_that_agree_say_why(bare, vocabulary):
    b = bare(vocabulary(temperature=0.5, top_k=40))
    expect(b.view.locator(".ll-engines")).to_contain_text("All 6 engines keep the same tokens.")
    assert set(texts(b, ".ll-engines tbody td.ll-n")) == {"40"}


def test_the_plane_by_keyboard_and_pointer(bare, vocabulary):
    explorer = vocabulary(temperature=1.0, top_k=40)
    b = bare(explorer)
    point = b.slider("temperature and top_k")
    point.focus()
    b.page.keyboard.press("ArrowRight")
    assert (b.get("temperature"), b.get("top_k")) == (1.1, 40)
    b.page.keyboard.press("ArrowUp")
    assert b.get("top_k") > 40
    b.page.keyboard.press("Home")
    assert b.get("temperature") == 0.1
    box = b.view.locator(".ll-field").bounding_box()
    b.page.mouse.move(box["x"] + 20, box["y"] + 20)
    b.page.mouse.down()
    b.page.mouse.move(box["x"] + box["width"] + 40, box["y"] + box["height"] + 40, steps=5)
    b.page.mouse.up()
    assert (b.get("temperature"), b.get("top_k")) == (5, 1)
    assert b.page.evaluate("model.saved.at(-1).top_k") == 1


def test_the_plane_says_the_kept_mass(bare, vocabulary):
    explorer = vocabulary(temperature=1.4, top_k=40)
    b = bare(explorer)
    p = np.sort(Sampler(temperature=1.4).probs(explorer.logits.astype(float)))[::-1]
    expect(b.view.locator(".ll-plane .ll-says")).to_contain_text(
        re.compile(f"the 40 best hold {100 * p[:40].sum():.1f}\\s%")
    )
    q = p[:40] / p[:40].sum()
    expect(b.view.locator(".ll-plane .ll-says")).to_contain_text(
        re.compile(f"worth {np.exp(-(q * np.log(q)).sum()):.1f} choices")
    )


def test_predict_first(bare, animals):
    b = bare(animals(temperature=1.0))
    b.view.get_by_role("button", name="Predict first").click()
    before = percents(b)[0]
    b.slider("temperature").focus()
    b.page.keyboard.press("ArrowRight")
    b.page.keyboard.press("ArrowRight")
    expect(b.view.locator(".ll-stats")).to_contain_text("hidden")
    assert set(texts(b, ".ll-tokens tbody tr:not([hidden]) .ll-percent")) == {"?"}
    visible = b.view.locator(".ll-fill").evaluate_all("f => f.map((x) => getComputedStyle(x).visibility)")
    assert set(visible) == {"hidden"}
    assert (
        "%"
        not in b.view.locator(".ll-arithmetic").inner_text()
        + b.view.locator(".ll-plane .ll-says").inner_text()
    )
    b.view.get_by_role("button", name="larger", exact=True).click()
    expect(b.view.locator(".ll-answer")).to_contain_text("Not so: cat went from")
    assert percents(b)[0] < before
    expect(b.view.locator(".ll-answer")).to_contain_text("smaller")
    b.page.keyboard.press("Tab")
    b.set(temperature=0.3)
    expect(b.view.locator(".ll-question")).to_be_empty()  # a change from Python is not a guess to make


def test_predict_first_when_right(bare, animals):
    b = bare(animals(temperature=1.0))
    b.view.get_by_role("button", name="Predict first").click()
    b.slider("temperature").press("ArrowLeft")
    b.view.get_by_role("button", name="larger", exact=True).click()
    expect(b.view.locator(".ll-answer")).to_contain_text("Right: cat went from")


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</script><b>",
    " two  spaces ",
    "\n\t\r",
    "\u202eevil",
    "",
    "a\u200bb\x00\x1b",
    "é🦤",
]


def test_tokens_are_text(bare):
    """Nothing that a token says is markup, and nothing in it is unseen."""
    x = np.linspace(2, 0, len(HOSTILE))
    b = bare(Explorer(x, tokens=HOSTILE, temperature=1.0))
    names = texts(b, ".ll-tokens tbody .ll-token")
    assert names == [
        "<img␣src=x␣onerror=alert(1)>",
        "</script><b>",
        "␣two␣␣spaces␣",
        "⏎⇥␍",
        "⟨U+202E⟩evil",
        "(empty)",
        "a⟨U+200B⟩b␀␛",
        "é🦤",
    ]
    assert b.view.locator("img, script, b").count() == 0


def test_the_arrow_continues_the_text(bare, animals):
    b = bare(animals(), changes={"_source": animals()._source | {"follow": True}})
    b.view.get_by_role("button", name="continue the text with dog").click()
    assert b.page.evaluate("model.sent.at(-1)") == {"kind": "continue", "token": 1}


def test_the_screen_says_what_a_server_did_not_tell(bare):
    """The real client on a real server's answer: 20 log-probabilities of a model with 49 152 tokens."""
    told = json.loads(body_of(recorded("023-gen-logprobs-top20")))["logprobs"][0]["top_logprobs"]
    rest = 1 - sum(np.exp(entry["logprob"]) for entry in told)
    names = {"/api/generate": "023-gen-logprobs-top20", "/api/show": "006-show-smol"}
    with Stub(lambda request: recorded(names[request.path])) as stub:
        b = bare(Explorer(Ollama("smollm2", stub.url), "The capital of France is"))
    sentence = f"top 20 of 49\u202f152 known; the rest share {100 * rest:.1f} %"
    expect(b.view.locator(".ll-note")).to_contain_text(f"20 tokens · smollm2 · {sentence}")
    expect(b.view.get_by_role("button", name="continue the text")).to_have_count(0)


def test_finding_a_token(bare, vocabulary):
    b = bare(vocabulary())
    b.view.get_by_label("find a token").fill("t700")
    b.view.locator(".ll-results button").first.click()
    assert b.get("selected") == 700
    asked = b.page.evaluate("model.sent.filter(({ kind }) => kind === 'find')")
    assert asked == [{"kind": "find", "text": "t700"}]
    b.set(_found=[[48_000, " far away"]])
    b.view.get_by_label("find a token").fill("far")
    b.view.get_by_role("button", name="␣far␣away").click()
    expect(b.view.locator(".ll-tokens tbody .ll-rank")).to_have_count(1)


def test_a_page_where_nothing_can_be_drawn(bare, animals):
    b = bare(animals())
    row = packed_row(np.array([np.nan, 1, 2, 3], np.float32), [])
    b.page.evaluate("setRow", base64.b64encode(row).decode())
    expect(b.view.get_by_role("alert")).to_contain_text("Nothing can be drawn")


@pytest.fixture(scope="module")
def text_page(browser):
    page = browser.new_page()
    serve(page)
    yield page
    page.close()


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0, "0 %"),
        (1, "100 %"),
        (0.5, "50.0 %"),
        (0.0312, "3.1 %"),
        (0.0625, "6.3 %"),
        (0.00999, "1.0 %"),
        (1e-4, "0.010 %"),
        (3.21e-9, "< 0.001 %"),
        (0.9999999, "> 99.9 %"),
        (0.99949, "99.9 %"),
        (0.9995, "> 99.9 %"),
    ],
)
def test_percents(text_page, p, text):
    """Labels were wrong by a factor of 100 below 1 % in an older explainer; the Python side writes the same."""
    from logitlab.explorer.text import percent

    said = text_page.evaluate("p => text.percent(p)", p)
    assert said == percent(p)
    assert said.replace("\u00a0", " ") == text
