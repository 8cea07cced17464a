"""show() in a real Chromium: Tab reaches each token and its alternatives; axe finds nothing; it prints."""

import math

import pytest

from logitlab.llms import CompletionResponse, LogProb

from .conftest import RULES, Axe

TOKENS = [("Sing", 0.63), ("apore", 0.98), (" is", 0.7), (" a", 0.2), ("\n", 0.04), ("<b>city</b>", 0.0004)]
BEST = [LogProb(token, math.log(p)) for token, p in (("other", 0.3), *TOKENS)]
THEMES = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "320 px": {"viewport": {"width": 320, "height": 600}},
}
PAGE = """<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content="width=device-width">
<meta name=color-scheme content="light dark"><title>Shown</title>
<style>body{{background:Canvas;color:CanvasText}}</style><main><h1>Shown</h1>{}</main>"""


def shown(page, count=1):
    entries = [LogProb(token, math.log(p), top_logprobs=BEST) for token, p in TOKENS]
    response = CompletionResponse("".join(token for token, _ in TOKENS), logprobs=entries)
    page.set_content(PAGE.format(response.show()._repr_html_() * count))
    return page.locator(".ll-t")


@pytest.mark.parametrize("theme", THEMES)
def test_every_token_can_be_reached_and_shows_its_alternatives(new_page, theme):
    page = new_page(**THEMES[theme])
    tokens = shown(page)
    assert page.locator(".ll-p:visible").count() == 0
    for i, (text, _) in enumerate(TOKENS):
        page.keyboard.press("Tab")
        panel = page.locator(".ll-p:visible")
        assert tokens.nth(i).evaluate("it => it === document.activeElement")
        assert panel.count() == 1
        said = panel.inner_text()
        assert "other" in said
        assert "30.0%" in said
        marked = page.locator(".ll-p:visible .ll-now").inner_text()
        assert text.strip() in marked
        box, below = panel.bounding_box(), tokens.nth(i).bounding_box()
        assert box["y"] >= below["y"] + below["height"] - 30
        assert box["x"] >= 0
        last = page.locator(".ll-p:visible .ll-r").last.bounding_box()
        assert last["y"] + last["height"] <= box["y"] + box["height"] + 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    found = Axe().run(page, options=RULES).response["violations"]
    assert {entry["id"]: [node["html"] for node in entry["nodes"]] for entry in found} == {}


def test_the_mouse_and_two_answers_on_a_page(new_page):
    page = new_page()
    tokens = shown(page, count=2)
    tokens.nth(len(TOKENS) + 1).hover()
    (panel,) = page.locator(".ll-p:visible").all()
    assert "apore: 98.0%" in panel.inner_text()


def test_on_paper_the_text_remains(new_page):
    page = new_page()
    tokens = shown(page)
    page.keyboard.press("Tab")
    page.emulate_media(media="print")
    assert page.locator(".ll-p:visible").count() == 0
    assert tokens.nth(3).is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.ll-t')).printColorAdjust") == "exact"


def test_without_its_style_sheet_nothing_is_lost(new_page):
    """As an untrusted notebook has it: colours and the table remain, and the lists do not pour into the text."""
    page = new_page()
    tokens = shown(page)
    page.evaluate("document.querySelector('.ll-drawn style').remove()")
    assert page.locator(".ll-p:visible").count() == 0
    assert "rgba(230, 95, 0" in tokens.nth(3).evaluate("it => getComputedStyle(it).backgroundColor")
    page.locator("summary").click()
    assert page.locator("details td:visible").count() == 5 * len(TOKENS)
