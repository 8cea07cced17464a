"""Nothing that is done in the page is lost: draws add up, Undo and Reset, the text and the way back in it."""

import re

import numpy as np
import pytest
from explorer.test_writing import Model
from playwright.sync_api import expect

from logitlab import Explorer

from .conftest import traits_of

BRIDGE = """() => { model.send = async (content) => {
    const { state, buffers } = await ask(content);
    model.tell({ kind: "here" });
    setRow(buffers._row);
    for (const name of ["_source", "_found", "_reason", "_error"])
        if (JSON.stringify(state[name]) !== JSON.stringify(model.get(name))) model.set(name, state[name]);
}; }"""


@pytest.fixture
def live(bare, new_page):
    """A page whose questions the explorer in this process answers."""

    def open_live(explorer):
        page = new_page()

        def answer(content):
            explorer._answer(explorer, content, [])
            return traits_of(explorer)

        page.expose_function("ask", answer)
        b = bare(explorer, page=page)
        page.evaluate(BRIDGE)
        return b

    return open_live


def press(b, name):
    b.view.get_by_role("button", name=name, exact=True).click()
    b.drawn()


def test_draws_add_up(bare, animals):
    b = bare(animals(temperature=1.0, seed=5))
    press(b, "Draw 1")
    says = b.view.locator(".ll-draws .ll-says").first
    u = np.random.default_rng(5).random(102)
    expect(says).to_contain_text(f"u = {u[0]:.6f}, number 1 of seed 5")
    assert not re.search(
        r"–|outside", b.view.locator("tbody .ll-d").first.inner_text()
    )  # one draw, no interval
    expect(b.view.locator(".ll-band:visible")).to_have_count(0)
    press(b, "Draw 1")
    expect(says).to_contain_text(f"u = {u[1]:.6f}, number 2 of seed 5")
    press(b, "Draw 100")
    assert b.get("draws") == 102
    expect(says).to_contain_text(f"u = {u[101]:.6f}, number 102 of seed 5")
    verdict = b.view.locator(".ll-verdict")
    expect(verdict).to_contain_text(
        re.compile(r"of 4 bars outside the 95\s% interval; a fair draw has 0\.\d on average")
    )
    b.set(temperature=0)
    expect(verdict).to_be_empty()
    expect(b.view.locator(".ll-growth")).to_contain_text("1 different token in 102 draws")
    press(b, "Clear")
    assert b.get("draws") == 0
    expect(b.view.get_by_role("button", name="Clear")).to_be_disabled()
    for _ in range(11):
        press(b, "Draw 10\u202f000") if b.get("draws") < 100_000 else None
    assert b.get("draws") == 100_000
    expect(b.view.get_by_role("button", name="Draw 1", exact=True)).to_have_attribute(
        "title", re.compile("the most")
    )


def test_undo_and_reset(bare, animals):
    b = bare(animals(temperature=0.8, top_k=3, seed=5))
    expect(b.view.get_by_role("button", name="Undo")).to_be_disabled()
    slider = b.slider("temperature")
    for _ in range(4):  # held: one step
        slider.press("ArrowRight")
    b.view.get_by_label("engine", exact=True).select_option("vllm")
    press(b, "Draw 100")
    press(b, "Draw 100")
    press(b, "Undo")
    assert b.get("draws") == 100
    press(b, "Undo")
    assert (b.get("draws"), b.get("engine")) == (0, "vllm")
    slider.press("Control+z")
    assert (b.get("engine"), b.get("temperature")) == ("ollama", 1.0)
    slider.press("Control+z")
    assert b.get("temperature") == 0.8
    expect(b.view.get_by_role("button", name="Undo")).to_be_disabled()
    b.slider("top_k").press("End")
    b.slider("min_p").press("End")
    press(b, "Next seed")
    press(b, "Reset")
    assert [b.get(n) for n in ("temperature", "top_k", "min_p", "seed", "draws")] == [0.8, 3, 0, 5, 0]
    assert b.page.evaluate("model.saved.at(-1).top_k") == 3
    press(b, "Undo")
    assert (b.get("min_p"), b.get("seed")) == (1, 6)


def test_the_page_writes_the_text_of_the_seed(live):
    """Continue, again and again: what Python writes with this seed; back by a click, and by Undo."""
    options = {"temperature": 1.2, "top_k": 5}
    expected = Explorer(Model(), "xy", seed=4, **options)
    expected.write(6)
    added = expected._source["added"]
    assert len(added) == 6
    explorer = Explorer(Model(), "xy", seed=4, **options)
    b = live(explorer)
    explorer.temperature, explorer.top_k = 1.0, 0  # the page has sliders of its own here: only they may count
    go_on = b.view.get_by_role("button", name="Continue the text with it")
    for i in range(6):
        expect(b.view.locator(".ll-piece")).to_have_count(i + 1)
        expect(b.view.locator(".ll-draws")).to_contain_text(f"number {i + 1} of seed 4")
        go_on.click()
    expect(b.view.locator(".ll-piece")).to_have_count(7)
    assert explorer._source["added"] == added
    b.view.locator(".ll-piece").nth(2).click()
    expect(b.view.locator(".ll-piece")).to_have_count(3)
    assert explorer._source["added"] == added[:2]
    b.slider("top_p").press("Control+z")
    expect(b.view.locator(".ll-piece")).to_have_count(7)
    assert explorer._source["added"] == added
    b.view.locator("summary", has_text="Another text").click()
    b.view.get_by_label("text", exact=True).fill("a new one")
    press(b, "Begin")
    expect(b.view.locator(".ll-prompt")).to_contain_text("a new one")
    press(b, "Reset")
    expect(b.view.locator(".ll-prompt")).to_contain_text("xy")
    assert (explorer.text, explorer._source["added"]) == ("xy", [])


def test_the_end_of_an_answer_says_so(live):
    """The token that ends an answer has no arrow, and no button goes on from it."""

    class Ending(Model):
        def next_logits(self, tokens, *, chat=False):
            return np.array([5.0, 1, 0, 0, 0, 0], np.float32)

    b = live(Explorer(Ending(), "xy", top_k=1))
    first = b.view.locator(".ll-tokens tbody tr").first
    expect(first).to_contain_text("the answer ends here")
    expect(b.view.get_by_role("button", name="continue the text with <end>")).to_have_count(0)
    expect(b.view.get_by_role("button", name="Continue the text with it")).to_be_disabled()
    expect(b.view.locator(".ll-draws")).to_contain_text("The answer ends here.")


def test_without_a_kernel_what_needs_it_is_grey_and_says_why(bare):
    explorer = Explorer(Model(), "xy")
    explorer.write(2)
    b = bare(explorer, changes={"gone": True})
    expect(b.view.locator(".ll-head")).to_contain_text("Run the cell to continue the text.")
    for name in ("Continue the text with it", re.compile("^continue the text with ␣a"), "xy"):
        button = b.view.get_by_role("button", name=name).first
        expect(button).to_be_disabled()
    expect(b.view.locator("summary", has_text="Another text")).to_be_hidden()
    b.view.get_by_label("find a token").fill("zzz")
    expect(b.view.locator(".ll-results")).to_contain_text("a running cell knows all")
    b.slider("temperature").press("ArrowLeft")
    assert b.get("temperature") == 0.95
    b.page.evaluate("model.send = () => {}; model.tell({ kind: 'here' })")
    expect(b.view.get_by_role("button", name="Continue the text with it")).to_be_enabled()


def test_a_search_goes_on_with_a_new_row(live):
    b = live(Explorer(Model(), "xy"))
    field = b.view.get_by_label("find a token")
    field.fill("b")
    expect(b.view.locator(".ll-results button")).to_have_text(["␣b"])
    b.view.get_by_role("button", name="continue the text with ␣a").click()
    expect(b.view.locator(".ll-piece")).to_have_count(2)
    expect(b.view.locator(".ll-results button")).to_have_text(["␣b"])
