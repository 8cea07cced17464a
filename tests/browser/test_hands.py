"""Typing, the keyboard, paper: what hands do in front of a class."""

import re

import pytest
from playwright.sync_api import expect

TABS = """(a => a === document.body ? '' : a.getAttribute('aria-label') ?? a.labels?.[0]?.textContent
    ?? a.textContent)(document.activeElement)"""


def test_typing_as_people_type(bare, animals):
    """A comma is a point; what cannot be taken says why in words, and is gone when the field is left."""
    b = bare(animals(temperature=0.8, top_k=3))
    T, reason = b.exact("temperature"), b.view.locator(".ll-control .ll-reason").first
    T.fill("0,5")
    assert b.get("temperature") == 0.5
    expect(reason).to_be_hidden()
    for text in ("-1", "90%", "1e9", "1e-9", "warm", "1,2,3", ""):
        T.fill(text)
        expect(T).to_have_attribute("aria-invalid", "true")
        expect(reason).to_have_text("temperature must be 0 or a number from 0.000001 to 1 000 000.")
        assert T.get_attribute("aria-describedby") == reason.get_attribute("id")
        assert b.get("temperature") == 0.5
    T.press("Escape")
    expect(T).to_have_value("0.5")
    expect(T).to_be_focused()
    T.fill("-1")
    T.press("Tab")
    expect(T).to_have_value("0.5")
    expect(reason).to_be_hidden()
    b.exact("top_k").fill("2.5")
    expect(b.view.locator(".ll-control .ll-reason").nth(1)).to_contain_text("top_k must be a whole number")
    b.exact("top_k").fill("49 152")
    assert b.get("top_k") == 49_152
    seed = b.view.get_by_label("seed")
    seed.fill("1.5")
    expect(b.view.locator(".ll-draws .ll-reason")).to_contain_text("The seed must be a whole number")
    seed.press("Escape")
    expect(seed).to_have_value("0")
    seed.fill("12")
    seed.press("Enter")
    assert b.get("seed") == 12


def test_one_tab_stop_for_a_table(bare, vocabulary):
    """From the temperature to the draws in few steps; arrows go through the rows; Escape leaves the widget."""
    b = bare(
        vocabulary(temperature=1.0, top_k=40), changes={"_source": vocabulary()._source | {"follow": True}}
    )
    b.settled()
    b.slider("temperature").focus()
    seen = []
    while not seen or seen[-1] != "Draw 1":
        b.page.keyboard.press("Tab")
        seen.append(b.page.evaluate(TABS))
        assert len(seen) < 20, seen
    assert sum(name.startswith("␣t") or name.startswith("continue") for name in seen) == 1
    rows = b.view.locator(".ll-tokens tbody tr")
    rows.nth(0).get_by_role("button").first.focus()
    b.page.keyboard.press("ArrowDown")
    b.page.keyboard.press("ArrowDown")
    expect(rows.nth(2).locator(".ll-pick")).to_be_focused()
    expect(b.view.locator(".ll-arithmetic")).to_contain_text("The arithmetic of ␣t700")
    b.page.keyboard.press("ArrowRight")
    expect(rows.nth(2).locator(".ll-follow")).to_be_focused()
    b.page.keyboard.press("ArrowUp")
    expect(rows.nth(1).locator(".ll-follow")).to_be_focused()
    b.set(top_p=0.9)  # a column comes: new rows
    b.drawn()
    expect(rows.nth(1).locator(".ll-follow")).to_be_focused()
    b.page.keyboard.press("End")
    expect(rows.nth(11).locator(".ll-follow")).to_be_focused()
    b.page.keyboard.press("Tab")
    expect(b.view.get_by_label("find a token")).to_be_focused()
    b.slider("top_k").focus()
    b.page.keyboard.press("Escape")
    assert b.page.evaluate("document.activeElement === document.body")


def test_predict_keeps_what_to_compare_with(bare, animals):
    """The share is said during the guess; outlines of the old bars stay after it, and go with the next change."""
    b = bare(animals(temperature=1.0))
    b.view.get_by_role("button", name="Predict first").click()
    before = float(b.explorer.probs[0])
    old = b.view.locator(".ll-fill").first.bounding_box()["width"]
    b.slider("temperature").press("End")
    expect(b.view.locator(".ll-question")).to_contain_text(f"cat had {100 * before:.1f} %. Its share will be")
    ghost = b.view.locator(".ll-ghost").first
    fill = b.view.locator(".ll-fill").first
    assert ghost.bounding_box()["width"] == pytest.approx(old, abs=0.1)
    assert fill.evaluate("f => getComputedStyle(f).visibility") == "hidden"
    assert fill.evaluate("f => f.getBoundingClientRect().width") == pytest.approx(
        old, abs=0.1
    )  # it starts from there
    b.view.get_by_role("button", name="smaller", exact=True).click()
    b.drawn()
    assert ghost.bounding_box()["width"] == pytest.approx(old, abs=0.1)
    assert fill.bounding_box()["width"] < 0.6 * old
    expect(b.view.locator("thead .ll-ref").first).to_have_text("before")
    b.slider("temperature").press("Home")
    b.drawn()
    assert ghost.bounding_box()["width"] < 0.6 * old
    b.view.get_by_role("button", name="Predict first").click()
    expect(b.view.locator(".ll-ghost:visible")).to_have_count(0)


def test_on_paper(new_page, vocabulary, tmp_path):
    """The exported file: what cannot be pressed is not there, nothing is cut, and it has a colour of its own."""
    explorer = vocabulary(temperature=0.8, top_k=40)
    explorer.draws = 100
    page = new_page(viewport={"width": 700, "height": 900})
    page.goto(explorer.export(tmp_path / "x.html").as_uri())
    page.locator(".ll-bar").first.wait_for()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.emulate_media(media="print")
    expect(page.locator(".ll-explorer button:visible:not(.ll-pick, .ll-piece)")).to_have_count(0)
    expect(page.locator("input[type=range]:visible")).to_have_count(0)
    for scroll in page.locator(".ll-scroll").all():
        assert scroll.evaluate("s => s.scrollWidth <= s.clientWidth + 1")
    drawn = page.locator(".ll-tokens tbody .ll-d").first
    expect(drawn).to_be_visible()
    box = drawn.bounding_box()
    assert box["x"] + box["width"] <= 700
    assert re.search(r"\d+ \(\d+–\d+\)", drawn.inner_text().replace("\n", " "))
