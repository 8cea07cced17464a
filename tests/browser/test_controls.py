"""Every parameter by mouse and by keyboard alone; what Python is told; nothing left behind."""

import base64

import numpy as np
import pytest
from playwright.sync_api import expect

from logitlab.explorer.pack import packed_row


def test_arrow_keys_move_a_slider(bare, animals):
    b = bare(animals(temperature=1.0))
    slider = b.slider("temperature")
    slider.focus()
    for _ in range(5):
        b.page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "temperature 0.75")
    expect(b.exact("temperature")).to_have_value("0.75")
    b.settled()
    assert b.page.evaluate("model.saved.at(-1).temperature") == 0.75


def test_the_mouse_moves_a_slider(bare, animals):
    b = bare(animals(temperature=1.0))
    box = b.slider("temperature").bounding_box()
    y = box["y"] + box["height"] / 2
    b.page.mouse.move(box["x"] + box["width"] * 0.3, y)
    b.page.mouse.down()
    b.page.mouse.move(box["x"] + box["width"] + 30, y, steps=12)
    b.page.mouse.up()
    expect(b.exact("temperature")).to_have_value("10")
    assert b.page.evaluate("model.saved.at(-1).temperature") == 10


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("temperature", "0.63", 0.63), ("top_k", "3", 3), ("top_p", "0.875", 0.875), ("min_p", "1e-3", 0.001)],
)
def test_an_exact_value_can_be_typed(bare, animals, name, text, value):
    b = bare(animals())
    b.exact(name).fill(text)
    b.page.keyboard.press("Tab")
    assert b.get(name) == value
    assert b.page.evaluate("name => model.saved.at(-1)[name]", name) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("temperature", "-1"),
        ("temperature", "warm"),
        ("temperature", ""),
        ("top_k", "2.5"),
        ("top_p", "1.01"),
        ("min_p", "nan"),
    ],
)
def test_a_wrong_value_is_marked_and_not_taken(bare, animals, name, text):
    b = bare(animals())
    before = b.get(name)
    b.exact(name).fill(text)
    expect(b.exact(name)).to_have_attribute("aria-invalid", "true")
    assert b.get(name) == before


def test_a_value_from_python_moves_the_slider(bare, animals):
    b = bare(animals())
    b.set(temperature=0.4, top_k=2)
    expect(b.slider("temperature")).to_have_attribute("aria-valuetext", "temperature 0.4")
    expect(b.exact("top_k")).to_have_value("2")


def test_a_field_in_use_is_not_overwritten(bare, animals):
    b = bare(animals())
    b.exact("temperature").fill("0.7")
    b.page.keyboard.press("Backspace")
    expect(b.exact("temperature")).to_have_value("0.")
    b.settled()
    expect(b.exact("temperature")).to_have_value("0.")


def test_keyboard_alone_reaches_everything(bare, animals):
    """Tab goes through every control once, in the order of the page, and out at the end."""
    b = bare(animals())
    b.settled()
    b.page.evaluate("document.activeElement.blur()")
    seen = []
    for _ in range(60):
        b.page.keyboard.press("Tab")
        name = b.page.evaluate(
            "(a => a === document.body ? '' : a.getAttribute('aria-label') ?? a.labels?.[0]?.textContent"
            " ?? a.textContent)(document.activeElement)"
        )
        if name == "":
            break
        seen.append(name)
    for name in [
        "temperature",
        "temperature, exact value",
        "top_k",
        "top_p",
        "min_p",
        "engine",
        "Predict first",
        "temperature and top_k",
        "kept mass",
        "cat◆ argmax",
        "find a token",
        "Draw 1",
        "Draw 10\u202f000",
        "seed",
        "Next seed",
        "ollama",
        "Copy as code",
    ]:
        assert name in seen, (name, seen)


def test_keys_do_not_reach_the_notebook(bare, animals):
    """JupyterLab's command mode takes arrows and letters; Escape and shortcuts are its own."""
    b = bare(animals())
    b.page.evaluate("window.keys = []; document.addEventListener('keydown', (e) => keys.push(e.key))")
    b.slider("temperature").focus()
    for key in ["ArrowLeft", "b", "d", "Enter", "Escape", "Control+Shift+x"]:
        b.page.keyboard.press(key)
    assert b.page.evaluate("keys") == ["Escape", "Control", "Shift", "x"]


def test_many_fast_steps_and_three_closes(bare, vocabulary):
    """200 steps without a pause: the last one wins; after the views are closed nothing listens, no memory is held."""
    b = bare(vocabulary(temperature=1.0, top_k=40))
    page = b.page
    page.evaluate("views.forEach((v) => v.close()); views.length = 0")

    def cycle():
        page.evaluate("show()")
        page.locator(".ll-bar").first.wait_for()
        slider = page.locator("input[type=range]").first
        page.evaluate("""async () => { const s = document.querySelector("input[type=range]");
            for (let i = 0; i < 200; i++) { s.value = i % 50; s.dispatchEvent(new Event("input"));
            if (i % 4 === 0) await new Promise(requestAnimationFrame); }
            s.value = 10; s.dispatchEvent(new Event("input")); s.dispatchEvent(new Event("change")); }""")
        expect(slider).to_have_attribute("aria-valuetext", "temperature 0.5")
        assert page.evaluate("model.saved.at(-1).temperature") == 0.5
        page.wait_for_timeout(400)
        page.evaluate("views.forEach((v) => v.close()); views.length = 0; model.saved.length = 0")
        assert page.evaluate("model.count()") == 0
        return page.evaluate("(gc(), gc(), performance.memory.usedJSHeapSize)")

    cycle()
    first = cycle()
    last = [cycle(), cycle(), cycle()][-1]
    assert last < 1.1 * first


def test_a_slider_step_costs_one_frame(bare, vocabulary):
    """Steps that arrive together are merged: one picture for many changes."""
    b = bare(vocabulary(temperature=1.0))
    b.settled()
    b.page.evaluate(
        "window.n = 0; new MutationObserver(() => window.n++).observe(document.querySelector('.ll-stats'),"
        " { childList: true, characterData: true, subtree: true })"
    )
    b.page.evaluate("for (let i = 1; i <= 50; i++) model.set('temperature', i / 50)")
    b.settled()
    assert b.page.evaluate("window.n") <= 2


STEPS = """async (values) => { let made = 0, asked = 0, passes = 0;
    const view = document.querySelector(".ll-explorer"), slider = view.querySelector("input[type=range]");
    const frame = () => new Promise(requestAnimationFrame), later = window.setTimeout;
    const count = (all) => all.forEach((m) => m.addedNodes.forEach((node) => { made += node.nodeType === 1; }));
    const watch = new MutationObserver(count);
    watch.observe(view, { childList: true, subtree: true });
    const wrap = (owner, name, note) => { const { value } = Object.getOwnPropertyDescriptor(owner, name);
        owner[name] = function (...all) { note(); return value.apply(this, all); };
        return () => { owner[name] = value; }; };
    const kernel = Object.getPrototypeOf(kernels.f32);
    const unwrap = [wrap(Element.prototype, "getBoundingClientRect", () => asked++),
        ...["trace", "plane"].map((name) => wrap(kernel, name, () => passes++))];
    window.setTimeout = () => 0; // what follows when nothing moves is not a part of a step
    for (const value of values) {
        slider.value = value;
        slider.dispatchEvent(new Event("input"));
        await frame(); await frame(); }
    window.setTimeout = later;
    unwrap.forEach((undo) => undo());
    count(watch.takeRecords());
    watch.disconnect();
    slider.dispatchEvent(new Event("change"));
    return { made, asked, passes }; }"""


def test_a_slider_step_makes_no_node_asks_for_no_layout_and_takes_one_pass(bare, vocabulary):
    """Texts change where they stand; while the plane is out of view its words, a pass of their own, wait."""
    b = bare(vocabulary(temperature=1.3, top_k=40), viewport={"width": 1280, "height": 400})
    engines = b.view.locator(".ll-engines tbody tr")

    def rests():
        """Waits until all that follows a change is done: the engines are the last of it."""
        b.view.locator(".ll-contours path").first.wait_for(state="attached")
        expect(b.view.locator(".ll-stale")).to_have_count(0)  # the curves of the sweep
        engines.first.wait_for()
        engines.evaluate_all("rows => rows.forEach((row) => row.classList.add('old'))")
        b.set(seed=b.get("seed") + 1)
        b.view.locator(".ll-engines tbody tr:not(.old)").first.wait_for()

    rests()
    assert b.page.evaluate(STEPS, [27, 28, 29, 30, 31]) == {"made": 0, "asked": 0, "passes": 5}
    rests()
    says = b.view.locator(".ll-plane .ll-says")
    expect(says).to_contain_text(f"temperature {b.get('temperature')}, top_k 40")
    says.scroll_into_view_if_needed()
    b.drawn()
    assert b.page.evaluate(STEPS, [32, 33, 34]) == {"made": 0, "asked": 0, "passes": 6}
    assert f"temperature {b.get('temperature')}, top_k 40" in says.inner_text()


def test_two_views_agree(bare, animals):
    b = bare(animals())
    second = b.show()
    b.slider("top_k").focus()
    b.page.keyboard.press("Home")
    expect(second.get_by_label("top_k, exact value")).to_have_value("1")
    stats = [view.locator(".ll-stats").inner_text() for view in (b.view, second)]
    assert stats[0] == stats[1]
    assert stats[0].startswith("1 of 4 tokens left")


def test_a_new_row_is_taken(bare, animals):
    b = bare(animals())
    row = np.array([0.0, 5.0, 1.0, 1.0, 1.0], np.float32)
    b.page.evaluate("setRow", base64.b64encode(packed_row(row, ["B", "C", "D", "E", "A"])).decode())
    expect(b.view.locator(".ll-tokens tbody tr").first).to_contain_text("B")
    expect(b.view.locator(".ll-stats")).to_contain_text("5 tokens left")


def test_a_row_that_comes_while_the_page_begins_is_not_missed(bare, animals):
    """A long row is asked of Python, who may send the next one before the kernels are ready."""
    b = bare(animals())
    rows = [packed_row(np.arange(n, dtype=np.float32), []) for n in (3, 5)]
    b.page.evaluate(
        """(rows) => {
            window.model = new model.constructor({ ...model.state, _save: false });
            const say = (row) => model.listeners["msg:custom"]?.forEach((f) => f({ kind: "row" }, [bytes(row)]));
            model.send = () => setTimeout(() => { say(rows[0]); setTimeout(() => say(rows[1])); });
        }""",
        [base64.b64encode(row).decode() for row in rows],
    )
    expect(b.show().locator(".ll-stats")).to_contain_text("5 of 5 tokens left")
