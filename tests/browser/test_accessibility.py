"""For everyone: axe finds nothing in any theme, names and values are spoken, one polite region, no colour alone."""

import re

import pytest
from playwright.sync_api import expect

from .conftest import violations

THEMES = {"light": {}, "dark": {"dark": True}, "forced colours": {"forced_colors": "active"}}


@pytest.mark.parametrize("hidden", [False, True], ids=["bars shown", "bars hidden"])
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(bare, vocabulary, theme, hidden):
    b = bare(
        vocabulary(temperature=0.8, top_k=40, top_p=0.9),
        changes={"draws": 100, "selected": 9, "predict": hidden},
        **THEMES[theme],
    )
    if hidden:
        b.slider("top_k").press("ArrowRight")
        expect(b.view.locator(".ll-stats")).to_contain_text("hidden")
    b.view.locator("summary").click()
    b.settled()
    assert violations(b.page) == {}


def test_axe_finds_a_missing_label(bare, animals):
    """The check above can fail."""
    b = bare(animals())
    b.page.evaluate("document.querySelector('.ll-explorer label').remove()")
    b.page.evaluate("document.querySelector('.ll-percent').style.color = '#ddd'")
    assert {"label", "color-contrast"} <= set(violations(b.page))


def test_names_and_values(bare, animals):
    b = bare(animals(temperature=0.6, top_k=3))
    for name, said in [
        ("temperature", "temperature 0.6"),
        ("top_k", "top_k 3"),
        ("top_p", "top_p off"),
        ("min_p", "min_p off"),
    ]:
        expect(b.slider(name)).to_have_attribute("aria-valuetext", said)
    expect(b.slider("temperature and top_k")).to_have_attribute(
        "aria-valuetext", re.compile("^temperature 0.6, top_k 3: the 3 best hold")
    )
    expect(b.view.get_by_role("group", name="Tokens, best first")).to_be_visible()
    assert b.view.get_by_role("rowheader").count() >= 4


def test_one_polite_region_speaks_once(bare, animals):
    """A summary follows when nothing has moved for a moment; while a slider moves nothing is said."""
    b = bare(animals(temperature=1.0))
    assert b.view.locator("[aria-live]").count() == 1
    b.settled()
    b.page.evaluate(
        "window.said = []; new MutationObserver(() => said.push(document.querySelector('.ll-live').textContent))"
        ".observe(document.querySelector('.ll-live'), { childList: true, subtree: true, characterData: true })"
    )
    for _ in range(8):
        b.slider("temperature").press("ArrowLeft")
    b.settled()
    said = b.page.evaluate("said")
    assert len(said) <= 2
    assert said[-1].startswith("Temperature 0.6, top_k off: 4 tokens left, best cat with ")


def test_bars_are_seen_with_forced_colours(bare, animals):
    """Backgrounds are taken away there; the bars must still be painted."""
    b = bare(animals(temperature=1.0), forced_colors="active")
    fill = b.view.locator(".ll-fill").first
    colours = fill.evaluate(
        "f => [getComputedStyle(f).backgroundColor, getComputedStyle(f.closest('.ll-explorer')).color,"
        " f.getBoundingClientRect().width]"
    )
    assert colours[0] == colours[1]
    assert colours[2] > 20


def test_reduced_motion(bare, animals):
    b = bare(animals())
    assert b.view.locator(".ll-fill").first.evaluate("f => getComputedStyle(f).transitionDuration") == "0s"


@pytest.mark.parametrize("width", [320, 700, 1600])
def test_no_width_is_too_narrow(bare, vocabulary, width):
    """Nothing sticks out: what is wider scrolls in a region of its own that the keyboard can reach."""
    b = bare(
        vocabulary(temperature=1.0, top_k=40),
        changes={"draws": 100},
        viewport={"width": width, "height": 900},
    )
    b.settled()
    assert b.page.evaluate("document.documentElement.scrollWidth") <= width
    first = b.view.locator(".ll-fill").first.bounding_box()
    assert 0 < first["x"] < width - 20


def test_the_theme_of_the_page_is_followed(bare, animals):
    b = bare(animals())
    for page, theme in [
        ("b.dataset.jpThemeLight = 'false'", "dark"),
        ("b.dataset.jpThemeLight = 'true'", "light"),
        ("delete b.dataset.jpThemeLight; b.className = 'dark'", "dark"),
        ("b.className = 'light'; b.dataset.theme = ''", "light"),
    ]:
        b.page.evaluate(f"(b => {{ {page} }})(document.body)")
        expect(b.page.locator(f".ll-explorer[data-theme={theme}]")).to_have_count(1)
