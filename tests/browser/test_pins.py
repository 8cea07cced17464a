"""Before and after: a pin's outlines stand where its bars stood, numbers are Sampler's; so does a prediction."""

import re

import numpy as np
import pytest
from explorer.test_engines import OFF, random_settings
from playwright.sync_api import expect

from logitlab import Explorer, Sampler
from logitlab.explorer.text import percent
from logitlab.sampling import ENGINES

from .conftest import violations

BARS = """() => [...document.querySelectorAll(".ll-tokens tbody tr:not([hidden])")].map((row) => {
    const track = row.querySelector(".ll-bar").getBoundingClientRect().left;
    const box = (part) => { const b = row.querySelector(part).getBoundingClientRect();
        return [b.left - track, b.right - track]; };
    return { track, fill: box(".ll-fill"), ghosts: [box(".ll-ghost-0"), box(".ll-ghost-1")] }; })"""
COLUMNS = """async (states) => { const found = [];
    const frame = () => new Promise(requestAnimationFrame);
    const texts = (selector) => [...document.querySelectorAll(selector)].map((node) => node.textContent);
    for (const state of states) {
        for (const [name, value] of Object.entries(state)) model.set(name, value);
        await frame(); await frame();
        const rows = [...document.querySelectorAll(".ll-tokens tbody tr")];
        found.push({ heads: texts(".ll-tokens thead .ll-ref > span:first-child"), chips: texts(".ll-take"),
            rows: rows.map((row) => [...row.querySelectorAll(".ll-ref")].map((cell) => cell.textContent)) });
    }
    return found; }"""


def points(difference):
    size, sign = 100 * abs(difference), "−" if difference < 0 else "+"
    if size == 0:
        return "0"
    return f"{sign}\u202f<\u202f0.001" if size < 0.001 else f"{sign}{size:.{3 if size < 0.1 else 1}f}"


def sampler_of(pin):
    return Sampler(engine=pin["engine"], **{name: pin[name] for name in OFF if pin[name] != OFF[name]})


def near(text, other):
    """Equal, or in the last digit: what the tail shares is summed in another order here."""
    numbers = [float(re.sub(r"[^\d.]", "", each) or 0) for each in (text, other)]
    return text == other or abs(numbers[0] - numbers[1]) <= 0.11


def pinned(**settings):
    return OFF | {"engine": "ollama"} | settings


def edges(bar):
    """Of a bar's outline: its line is a pixel wide."""
    return [bar[0], max(bar[0] + 1, bar[1])]


def press(b, name):
    b.view.get_by_role("button", name=name, exact=True).click()
    b.drawn()


@pytest.mark.parametrize("width", [320, 1280])
def test_outlines_stand_exactly_where_the_bars_stood(bare, vocabulary, width):
    """By keys: P, six moves, P, six more; each outline is where its picture's bars were, and pinning moves no bar."""
    b = bare(vocabulary(temperature=1.0), viewport={"width": width, "height": 900})
    slider = b.slider("temperature")
    stood = []
    for _ in range(2):
        stood.append(b.page.evaluate(BARS))
        slider.press("p")
        b.drawn()
        for now, then in zip(b.page.evaluate(BARS), stood[-1], strict=True):
            assert [now["track"], *now["fill"]] == pytest.approx([then["track"], *then["fill"]], abs=0.04)
        for _ in range(6):
            slider.press("ArrowLeft")
        b.drawn()
    assert b.get("pins") == [pinned(temperature=1), pinned(temperature=0.7)]
    found = b.page.evaluate(BARS)
    assert len(found) == 13
    for i, row in enumerate(found):
        for j in (0, 1):
            assert row["ghosts"][j] == pytest.approx(edges(stood[j][i]["fill"]), abs=0.04), (i, j)
    assert found[0]["fill"][1] > stood[1][0]["fill"][1] + 2  # and the bars have gone on
    slider.press("p")  # two are the most
    assert len(b.get("pins")) == 2
    expect(b.view.locator(".ll-pin")).to_be_disabled()
    expect(b.view.locator(".ll-pin")).to_have_attribute("title", re.compile("Two pins are the most"))


def test_columns_of_random_pins_are_samplers(bare):
    """60 pairs of settings, of any engines: A, B and their difference, or what changed since A; and the labels."""
    x = np.random.default_rng(2).normal(0, 2.5, 300).astype(np.float32)
    b = bare(Explorer(x, tokens=[f" t{i}" for i in range(300)]))
    pins = [s | {"engine": list(ENGINES)[i % 6]} for i, s in enumerate(random_settings(120, 3))]
    states = [
        {"pins": [pins[2 * i], pins[2 * i + 1]][: 1 + i % 2], "temperature": 0.5, "top_k": 9}
        for i in range(60)
    ]
    found = b.page.evaluate(COLUMNS, states)
    best = np.argsort(-x, kind="stable")[:12]
    now = sampler_of(pinned(temperature=0.5, top_k=9)).probs(x).astype(float)

    def shares(p):
        return [*p[best], max(0.0, 1 - float(p[best].sum()))]

    for state, got in zip(states, found, strict=True):
        each = [shares(sampler_of(pin).probs(x).astype(float)) for pin in state["pins"]]
        two = len(each) == 2
        assert got["heads"] == (["A", "B", "B − A"] if two else ["A", "now − A"])
        high, low = (each[1], each[0]) if two else (shares(now), each[0])
        for i in range(13):
            want = [*[percent(p[i]) for p in each], points(high[i] - low[i])]
            if i < 12:
                assert got["rows"][i] == want, (state, i)
            elif min(high[i], low[i]) > 1e-5:
                assert all(map(near, got["rows"][i], want)), (state, got["rows"][i], want)
        for pin, chip in zip(state["pins"], got["chips"], strict=True):
            assert f"T {pin['temperature']:.9f}".rstrip("0").rstrip(".") in chip.replace("\u202f", "")
            assert ("top_k" in chip) is (pin["top_k"] != 0)
            assert (pin["engine"] in chip) is (
                pin["engine"] != "ollama" or len({p["engine"] for p in state["pins"]}) > 1
            )


def test_a_pin_can_be_taken_back_gone_to_and_undone(bare, animals):
    """Buttons by the keyboard alone; a second view and another explorer; Undo and Reset; what Python assigns."""
    b = bare(animals(temperature=1.0))
    other = b.show()
    b.slider("temperature").first.press("p")
    b.set(temperature=0.5, top_k=2, engine="vllm")
    b.drawn()
    b.view.get_by_role("button", name="Pin B", exact=True).press("Enter")
    for view in (b.view, other):
        expect(view.locator(".ll-take")).to_have_text(
            [re.compile("A.*T 1, ollama"), re.compile("B.*T 0.5, top_k 2, vllm")]
        )
        expect(view.locator(".ll-ghost:visible")).to_have_count(6)  # A has four bars, B two
    b.view.locator(".ll-take").first.press("Enter")
    assert [b.get(name) for name in ("temperature", "top_k", "engine")] == [1, 0, "ollama"]
    b.slider("temperature").first.press("Control+z")
    assert [b.get(name) for name in ("temperature", "top_k", "engine")] == [0.5, 2, "vllm"]
    b.view.get_by_role("button", name="Unpin A").press("Enter")
    b.drawn()
    expect(b.view.locator("thead .ll-ref > span:first-child")).to_have_text(["A", "now − A"])
    expect(b.view.locator(".ll-pin")).to_be_focused()
    assert b.get("pins") == [pinned(temperature=0.5, top_k=2, engine="vllm")]
    b.page.keyboard.press("Control+z")
    assert len(b.get("pins")) == 2
    press(b, "Reset")
    assert b.get("pins") == []
    expect(b.view.locator(".ll-ref, .ll-ghost:visible")).to_have_count(0)
    press(b, "Undo")
    assert len(b.get("pins")) == 2
    b.set(pins=[pinned(top_k=3)])
    expect(other.locator(".ll-take")).to_have_text([re.compile("A.*T 1, top_k 3")])
    b.view.get_by_label("find a token").press("p")  # a letter in a field is a letter
    b.view.get_by_label("engine", exact=True).press("p")
    assert len(b.get("pins")) == 1


def test_an_explorer_is_made_with_pins(bare, animals):
    """The state has them as settings, and the page computes the bars from its own row."""
    explorer = animals(state={"temperature": 2.0, "pins": [pinned(temperature=0.5), pinned(top_k=2)]})
    b = bare(explorer)
    row = explorer.logits
    cells = b.view.locator(".ll-tokens tbody tr").nth(1).locator(".ll-ref").all_inner_texts()
    want = [float(sampler_of(pin).probs(row)[1]) for pin in explorer.pins]
    assert cells == [*map(percent, want), points(want[1] - want[0])]
    explorer.reset()
    assert explorer.pins == explorer.state["pins"]
    assert len(explorer.pins) == 2


def test_a_show_of_hands(bare, animals):
    """Counted by keys and by clicks, taken back, and said with the outcome; without a question nothing is counted."""
    b = bare(animals(temperature=1.0))
    b.slider("temperature").press("1")
    press(b, "Predict first")
    b.slider("temperature").press("ArrowLeft")
    hands = b.view.get_by_role("button", name="hands for")
    expect(hands).to_have_count(3)
    for key in "111223--3":
        b.page.keyboard.press(key)
    hands.nth(2).click()
    names = [f"hands for {word}: {n}" for word, n in (("larger", 3), ("the same", 1), ("smaller", 2))]
    for hand, name in zip(hands.all(), names, strict=True):
        expect(hand).to_have_accessible_name(name)
    b.slider("temperature").press("ArrowLeft")  # the same question: the hands stay
    expect(hands.nth(0)).to_have_accessible_name(names[0])
    press(b, "larger")
    expect(b.view.locator(".ll-answer")).to_contain_text("Of 6 hands, 3 said larger, 1 the same, 2 smaller.")
    b.slider("temperature").press("ArrowRight")
    expect(hands.nth(0)).to_have_accessible_name("hands for larger: 0")
    expect(b.view.get_by_role("button", name="Take the last hand back")).to_be_disabled()


def test_a_prediction_pins_by_itself_and_its_bars_move_from_there(bare, vocabulary, new_page):
    """The numbers that were stand beside; nothing tells what is; the bars then run from the outline to their end."""
    b = bare(vocabulary(temperature=1.0), page=new_page(reduced_motion="no-preference"))
    before = [text.replace("\u00a0", " ") for text in b.view.locator(".ll-percent").all_inner_texts()]
    widths = [row["fill"] for row in b.page.evaluate(BARS)]
    press(b, "Predict first")
    b.slider("temperature").press("Home")
    b.drawn()
    b.slider("temperature").press("p")  # what is hidden cannot be pinned
    assert b.get("pins") == []
    cells = b.view.locator(".ll-tokens tbody .ll-ref").all_inner_texts()
    assert [cell.replace("\u00a0", " ") for cell in cells[::2]] == before
    assert set(cells[1::2]) == {"?"}
    moved = b.page.evaluate(
        """() => { const fills = [...document.querySelectorAll(".ll-tokens tbody .ll-fill")];
        fills.forEach((fill) => fill.getAnimations().forEach((a) => a.finish()));
        [...document.querySelectorAll(".ll-question button")].find((b) => b.textContent === "larger").click();
        return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(fills.map((fill) =>
            fill.getAnimations().map((a) =>
                [a.effect.getKeyframes().map((k) => k.width), a.effect.getTiming().duration]))))));
        }"""
    )
    [[(start, end), lasts]] = moved[0]
    track = b.view.locator(".ll-bar").first.bounding_box()["width"]
    share = lambda text: track * float(re.search(r"[\d.]+", text)[0]) / 100  # noqa: E731
    assert (share(start) if "%" in start else float(start[:-2])) == pytest.approx(
        widths[0][1] - widths[0][0], abs=0.1
    )
    assert (share(end) if "%" in end else float(end[:-2])) == pytest.approx(track, abs=0.1)
    assert lasts >= 500
    expect(b.view.locator(".ll-ghost-0:visible")).to_have_count(13)
    found = b.page.evaluate(BARS)
    assert [row["ghosts"][0] for row in found] == [pytest.approx(edges(bar), abs=0.04) for bar in widths]


@pytest.mark.parametrize(
    "look", [{}, {"dark": True}, {"forced_colors": "active"}], ids=["light", "dark", "forced"]
)
def test_axe_finds_nothing(bare, vocabulary, look):
    """With two pins and draws, then with a question and its hands, then narrow, where nothing sticks out."""
    b = bare(
        vocabulary(temperature=1.2),
        changes={"pins": [pinned(), pinned(top_k=40, temperature=0.5)], "draws": 30},
        **look,
    )
    b.settled()
    assert violations(b.page) == {}
    styles = b.view.locator(".ll-ghost").evaluate_all(
        """all => all.slice(0, 2).map((ghost) => { const s = getComputedStyle(ghost);
        return [s.borderRightStyle, s.borderRightColor]; })"""
    )
    assert [style for style, _ in styles] == ["dashed", "solid"]  # not told apart by colour
    text = b.view.evaluate("v => getComputedStyle(v).color")
    assert [colour for _, colour in styles] == [text, text]
    b.page.set_viewport_size({"width": 320, "height": 900})
    b.set(draws=0)
    b.drawn()
    assert b.page.evaluate("document.documentElement.scrollWidth") <= 320
    scroll = b.view.locator(".ll-tokens .ll-scroll")
    assert scroll.evaluate("s => s.scrollWidth <= s.clientWidth")
    line = "n => getComputedStyle(n, '::after').content"
    assert re.search(r"A \d.*%.*B \d.*%.*[+−]", b.view.locator(".ll-percent").first.evaluate(line))
    assert violations(b.page) == {}
    press(b, "Predict first")
    b.slider("temperature").press("ArrowLeft")
    b.page.keyboard.press("2")
    b.settled()
    assert violations(b.page) == {}
    assert b.page.evaluate("document.documentElement.scrollWidth") <= 320
