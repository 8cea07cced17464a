"""The sweep: curves that are Sampler's at every temperature, a marker that runs, is paused and scrubbed; one Undo."""

import base64
import math
import re

import numpy as np
import pytest
from explorer.test_engines import random_settings
from playwright.sync_api import expect

from logitlab import Explorer, Sampler
from logitlab.explorer.engines import programs
from logitlab.explorer.text import percent
from logitlab.llms import BuiltIn
from logitlab.sampling import ENGINES

from .conftest import violations
from .test_pins import sampler_of

COMPUTE = """([data, states, programs]) => { const k = kernels.f32; k.setRow(new Float32Array(bytes(data).buffer));
    return states.map((state) => { const c = new Curves(k, state, programs[state.engine]);
        let points = 0;
        while (c.work()) points++;
        return { tokens: c.tokens, computed: points, crossing: c.crossing && c.crossing.T,
            points: c.points.map(({ T, rows, tail }) => [T, rows, tail]) }; }); }"""
SEEN = "window.seen = []; model.on('change:temperature', () => seen.push(model.get('temperature')))"
WORK = """() => { window.asked = 0; const { work } = Curves.prototype;
    Curves.prototype.work = function () { asked++; return work.call(this); }; }"""


def curves(b, row, states):
    return b.page.evaluate(COMPUTE, [base64.b64encode(row.tobytes()).decode(), states, programs()])


def shares(state, row, best, T):
    p = sampler_of(state | {"temperature": T}).probs(row)
    return p[best].tolist(), max(0.0, 1 - math.fsum(p[best].astype(float)))


def ready(b):
    """The curves are there, however busy the machine is."""
    expect(b.view.locator(".ll-curves .ll-best")).to_have_count(1, timeout=60_000)
    expect(b.view.locator(".ll-sweepfield.ll-stale")).to_have_count(0, timeout=60_000)


def play(b):
    return b.view.locator(".ll-play")


@pytest.fixture
def clocked(bare, new_page):
    """A page whose clock the test moves."""

    def open_clocked(explorer, motion="no-preference"):
        page = new_page(reduced_motion=motion)
        page.clock.install()
        b = bare(explorer, page=page)
        page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)  # from here on only the test moves it
        page.evaluate(SEEN)
        return b

    return open_clocked


def test_curves_are_samplers(bare):
    """60 settings of all engines, at every point: the bits of each share; and where the tail overtakes the best."""
    rng = np.random.default_rng(4)
    row = rng.normal(0, 2.5, 300).astype(np.float32)
    b = bare(Explorer(row))
    states = [
        s | {"engine": list(ENGINES)[i % 6], "shown": [12, 12, 5, 40][i % 4], "selected": -1}
        for i, s in enumerate(random_settings(60, 5))
    ]
    order = np.argsort(-row, kind="stable")
    crossed = 0
    for state, got in zip(states, curves(b, row, states), strict=True):
        best = order[: state["shown"]]
        assert got["tokens"] == best[:12].tolist()
        assert got["computed"] <= 40
        Ts = [T for T, _, _ in got["points"]]
        assert (Ts[0], Ts[-1]) == (pytest.approx(0.1), pytest.approx(3))
        want = [shares(state, row, best, T) for T in Ts]
        for (T, rows, tail), (probs, rest) in zip(got["points"], want, strict=True):
            assert rows == probs, (state, T)
            assert tail == pytest.approx(rest, abs=2e-6), (state, T)
        above = [rest >= probs[0] for probs, rest in want]
        rises = [i for i in range(1, len(above)) if above[i] and not above[i - 1]]
        assert (got["crossing"] is not None) is bool(rises), state
        if rises:
            T = got["crossing"]
            assert Ts[rises[0] - 1] <= T <= Ts[rises[0]]
            low, high = (shares(state, row, best, t) for t in (T * 0.99, T * 1.01))
            assert low[1] < low[0][0], state
            assert high[1] > high[0][0], state
            crossed += 1
    assert crossed > 4


def test_the_tail_overtakes_the_best_token_of_the_lesson(bare):
    """The number that a teacher says: near T = 0.72 for the notebook's text."""
    explorer = Explorer(BuiltIn(), "My favourite colour is", temperature=1.0)
    row = explorer.logits
    low, high = 0.1, 3.0
    for _ in range(40):
        T = math.sqrt(low * high)
        p = np.sort(Sampler(temperature=T).probs(row).astype(float))[::-1]
        low, high = (T, high) if p[12:].sum() < p[0] else (low, T)
    assert round(low, 2) == 0.72
    b = bare(explorer)
    ready(b)
    expect(b.view.locator(".ll-sweep")).to_contain_text(
        "At about T = 0.72 the other tokens together overtake the best"
    )
    cross, field = b.view.locator(".ll-cross"), b.view.locator(".ll-sweepfield").bounding_box()
    expect(cross).to_have_text("T ≈ 0.72")
    left = float(b.view.locator(".ll-circle").evaluate("n => parseFloat(n.style.left)"))
    assert left == pytest.approx(100 * math.log(low / 0.1) / math.log(30), abs=0.1)
    assert field["width"] > 400


def test_play_runs_once_through_and_is_one_move(clocked, vocabulary):
    """By the key: T rises from 0.1 to 3 within six seconds, the argmax on top all the way; Undo takes it all back."""
    b = clocked(vocabulary(temperature=0.8))
    ready_after(b)
    b.page.evaluate(
        """() => { window.wrong = 0; window.frames = 0;
        const all = (selector, side) => [...document.querySelectorAll(selector)].map((n) => parseFloat(n.style[side]));
        model.on("change:temperature", () => requestAnimationFrame(() => {
        const heights = all(".ll-dots span:not(.ll-rest)", "bottom");
        const bars = all(".ll-tokens .ll-fill", "width");
        frames++;
        wrong += heights[0] < Math.max(...heights) || Math.abs(heights[0] - bars[0]) > 1e-6; })); }"""
    )
    b.slider("top_k").press("s")
    b.page.clock.run_for(50)
    expect(play(b)).to_contain_text("Pause")
    b.page.clock.run_for(5000)
    assert 1.2 < b.get("temperature") < 3
    b.page.clock.run_for(1500)
    seen = b.page.evaluate("seen")
    assert (seen[0], seen[-1]) == (0.1, 3)
    assert seen == sorted(seen)
    assert len(seen) > 100
    assert b.page.evaluate("[wrong, frames > 100]") == [0, True]
    expect(play(b)).to_contain_text("Play")
    assert b.page.evaluate("model.saved.at(-1).temperature") == 3
    assert b.page.evaluate("model.saved.length") < 100  # Python follows, not at every frame
    b.slider("top_k").press("Control+z")
    assert b.get("temperature") == 0.8
    b.page.clock.run_for(50)
    expect(b.view.get_by_role("button", name="Undo")).to_be_disabled()


def ready_after(b):
    b.page.clock.run_for(2000)
    ready(b)


def test_pause_stays_and_goes_on(clocked, animals):
    """Pauses are no moves of their own; who moves the temperature meanwhile has it; a new sweep is another move."""
    b = clocked(animals(temperature=0.8))
    play(b).press("Enter")
    b.page.clock.run_for(2000)
    b.page.keyboard.press("s")
    at = b.get("temperature")
    assert 0.2 < at < 0.6
    b.page.clock.run_for(3000)
    assert b.get("temperature") == at
    b.page.keyboard.press("s")
    b.page.clock.run_for(1000)
    assert at < b.get("temperature") < 1.2
    b.slider("temperature").press("Home")  # taken over
    b.page.clock.run_for(50)
    expect(play(b)).to_contain_text("Play")
    b.page.clock.run_for(1000)
    assert b.get("temperature") == 0
    b.page.clock.run_for(1500)
    b.page.keyboard.press("Control+z")
    at = b.get("temperature")
    assert at > 0.4
    b.page.keyboard.press("Control+z")
    assert b.get("temperature") == 0.8
    play(b).click()
    b.page.clock.run_for(500)
    b.page.keyboard.press("Control+z")  # while it runs
    b.page.clock.run_for(500)
    assert b.get("temperature") == 0.8
    expect(play(b)).to_contain_text("Play")
    play(b).click()
    b.set(temperature=1.5)  # as Python does
    b.page.clock.run_for(500)
    assert b.get("temperature") == 1.5


def test_steps_where_motion_disturbs(clocked, animals):
    b = clocked(animals(temperature=0.8), motion="reduce")
    other = b.show()
    play(b).first.click()
    b.page.clock.run_for(6500)
    assert b.page.evaluate("seen") == [0.1, 0.15, 0.2, 0.3, 0.5, 0.7, 1, 1.4, 2, 3]
    expect(other.locator(".ll-at")).to_have_text("T = 3")
    b.view.get_by_role("button", name="Undo").click()
    assert b.get("temperature") == 0.8


def test_scrubbing(bare, vocabulary):
    """By the pointer the marker is where the axis has its temperature; by keys; both are what a slider is."""
    b = bare(vocabulary(temperature=1.0))
    ready(b)
    field, marker = b.view.locator(".ll-sweepfield").bounding_box(), b.slider("temperature of the sweep")
    ticks = b.view.locator(".ll-degrees span")
    for i, T in ((1, 0.2), (7, 2.0), (5, 1.0)):
        box = ticks.nth(i).bounding_box()
        b.page.mouse.move(box["x"] + box["width"] / 2, field["y"] + 40)
        b.page.mouse.down()
        b.page.mouse.move(field["x"] + field["width"] + 50, field["y"] + 40)
        assert b.get("temperature") == 3
        b.page.mouse.move(box["x"] + box["width"] / 2, field["y"] + 60)
        b.page.mouse.up()
        assert b.get("temperature") == pytest.approx(T, abs=0.021 * T)
    b.page.mouse.move(field["x"] + 5, field["y"] + 40)
    b.drawn()
    expect(marker).to_be_focused()
    for key, T in [
        ("ArrowRight", 1.1),
        ("PageDown", None),
        ("Home", 0.1),
        ("ArrowLeft", 0.1),
        ("ArrowUp", 0.12),
        ("End", 3),
    ]:
        before = b.get("temperature")
        b.page.keyboard.press(key)
        if T is None:
            assert b.get("temperature") < before
        elif key != "ArrowRight":
            assert b.get("temperature") == T
    expect(marker).to_have_attribute("aria-valuenow", "3")
    p = Sampler(temperature=3).probs(b.explorer.logits).astype(float)
    text = f"T = 3: ◆ ␣t7 {percent(p.max())}, 49\u202f140 other tokens"
    expect(marker).to_have_attribute("aria-valuetext", re.compile(f"^{re.escape(text)}"))
    b.set(temperature=5)
    expect(marker).to_have_attribute("aria-valuetext", re.compile("beyond this picture"))
    expect(b.view.locator(".ll-dots")).to_be_hidden()


def test_curves_are_computed_when_something_else_has_changed(bare, vocabulary):
    """Not when the temperature moves, nor for draws and pins; for a cut, another token and another engine's order."""
    b = bare(vocabulary(temperature=1.0, top_p=0.9))
    ready(b)
    b.page.evaluate(WORK)
    for _ in range(5):
        b.slider("temperature").press("ArrowRight")
    b.slider("temperature").press("p")
    b.view.get_by_role("button", name="Draw 100", exact=True).click()
    b.settled()
    assert b.page.evaluate("asked") == 0
    best = b.view.locator(".ll-curves .ll-best")
    for change in ({"top_k": 3}, {"engine": "vllm"}, {"selected": 99}):
        before = best.get_attribute("d"), b.page.evaluate("asked")
        b.set(**change)
        b.page.wait_for_function("n => asked >= n", arg=before[1] + 35, timeout=60_000)
        ready(b)
        assert 35 <= b.page.evaluate("asked") - before[1] <= 42
        assert (best.get_attribute("d") == before[0]) is ("selected" in change)


def test_views_with_other_rows_have_curves_of_their_own(bare, vocabulary):
    """Two views of one model, one of which shows fewer tokens, as the stage does: neither waits for the other."""
    b = bare(vocabulary(temperature=1.0))
    b.page.evaluate(
        """() => { const { get } = model; window.fewer = false;
        model.get = (name) => (name === "shown" && fewer ? 5 : get.call(model, name)); }"""
    )
    other = b.show()
    ready(b)
    b.page.evaluate(WORK)
    b.page.evaluate(
        """() => { const frame = window.requestAnimationFrame; let turn = 0;
        window.requestAnimationFrame = (draw) => frame.call(window, (t) => {
            fewer = turn++ % 2; draw(t); fewer = false; }); }"""
    )
    for T in (0.5, 0.6, 0.7, 0.8):
        b.set(temperature=T)
        b.drawn()
    expect(b.page.locator(".ll-sweepfield.ll-stale")).to_have_count(0, timeout=60_000)
    assert b.page.evaluate("asked") <= 42
    expect(other.locator(".ll-curves .ll-best")).to_have_count(1, timeout=60_000)


def test_a_question_hides_the_curves(bare, animals):
    b = bare(animals(temperature=1.0))
    ready(b)
    b.view.get_by_role("button", name="Predict first").click()
    expect(play(b)).to_be_disabled()
    b.slider("temperature of the sweep").press("ArrowRight")
    expect(b.view.locator(".ll-curves.ll-veiled, .ll-names.ll-veiled, .ll-dots.ll-veiled")).to_have_count(3)
    assert "%" not in b.view.locator(".ll-sweep > .ll-buttons").inner_text()
    b.page.keyboard.press("s")
    b.drawn()
    expect(b.view.locator(".ll-question")).to_contain_text("Its share will be")
    b.view.get_by_role("button", name="smaller", exact=True).click()
    expect(b.view.locator(".ll-curves.ll-veiled")).to_have_count(0)


@pytest.mark.parametrize(
    "look", [{}, {"dark": True}, {"forced_colors": "active"}], ids=["light", "dark", "forced"]
)
def test_everyone_can_use_it(bare, vocabulary, look):
    """axe, and 320 pixels: nothing is cut, nothing sticks out; names of curves do not lie on each other."""
    b = bare(vocabulary(temperature=1.3), **look)
    for width in (1280, 320):
        b.page.set_viewport_size({"width": width, "height": 900})
        ready(b)
        b.settled()
        assert violations(b.page) == {}
        assert b.page.evaluate("document.documentElement.scrollWidth") <= width
        boxes = [
            node.bounding_box() for node in b.view.locator(".ll-names > span:not(.ll-circle):visible").all()
        ]
        field = b.view.locator(".ll-sweepfield").bounding_box()
        assert len(boxes) >= 2
        for i, box in enumerate(boxes):
            assert box["x"] >= field["x"] - 1
            assert box["x"] + box["width"] <= field["x"] + field["width"] + 1
            for other in boxes[:i]:
                apart = (
                    box["x"] + box["width"] <= other["x"] + 1
                    or other["x"] + other["width"] <= box["x"] + 1
                    or box["y"] + box["height"] <= other["y"] + 3
                    or other["y"] + other["height"] <= box["y"] + 3
                )
                assert apart, (width, boxes)
        if look.get("forced_colors"):
            stroke = b.view.locator(".ll-curves .ll-best").evaluate("n => getComputedStyle(n).stroke")
            assert stroke == b.view.evaluate("n => getComputedStyle(n).color")
        for T in (0.1, 0.55, 3):
            b.set(temperature=T)
            b.drawn()
            says = b.view.locator(".ll-at").bounding_box()
            assert field["x"] <= says["x"]
            assert says["x"] + says["width"] <= field["x"] + field["width"] + 1
