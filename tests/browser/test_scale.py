"""A bar that is longer on the screen has a larger share: one scale and one width, whatever the sliders do."""

import numpy as np
import pytest
from playwright.sync_api import expect

from logitlab import Sampler

WIDTHS = """(names) => { const rows = [...document.querySelectorAll(".ll-tokens tbody tr:not([hidden])")];
    return rows.map((row) => row.querySelector(".ll-fill").getBoundingClientRect().width); }"""
SWEEP = """async (states) => { const found = [];
    const frame = () => new Promise(requestAnimationFrame);
    for (const state of states) {
        for (const [name, value] of Object.entries(state)) model.set(name, value);
        await frame(); await frame();
        const rows = [...document.querySelectorAll(".ll-tokens tbody tr:not([hidden])")];
        const width = (row, part) => row.querySelector(part).getBoundingClientRect().width;
        found.push(rows.map((row) => [width(row, ".ll-fill"), width(row, ".ll-bar")]));
    }
    return found; }"""


@pytest.mark.parametrize("width", [1280, 560])
def test_no_bar_grows_whose_share_falls(bare, vocabulary, width):
    """Over 40 temperatures, then after each cut, and with draws and other columns: pixels are shares."""
    b = bare(vocabulary(temperature=1.0), viewport={"width": width, "height": 900})
    off = {"top_k": 0, "top_p": 1, "min_p": 0, "temperature": 1, "draws": 0}
    temperatures = [0.05 * i for i in range(1, 41)]
    cuts = [{"top_k": 40}, {"top_k": 3}, {"top_p": 0.7}, {"min_p": 0.3}, {"top_k": 40, "draws": 100}]
    states = [off | {"temperature": T} for T in temperatures] + [off] + [off | cut for cut in cuts]
    found = np.array(b.page.evaluate(SWEEP, states))
    assert np.ptp(found[:, :, 1]) == 0  # one width of the track
    best = found[:40, 0, 0]
    assert (np.diff(best) <= 0).all()
    assert best[0] > 3 * best[-1] > 3
    before, row = found[40, :, 0], b.explorer.logits
    whole = Sampler().probs(row).astype(float)
    for cut, after in zip(cuts, found[41:, :, 0], strict=True):
        options = {name: value for name, value in cut.items() if name != "draws"}
        kept = float(whole[Sampler(**options).probs(row) > 0].sum())
        left = (after > 0) & (np.arange(len(after)) < 12)
        assert left.sum() >= 2
        np.testing.assert_allclose(after[left], before[left] / kept, atol=0.04)  # pixels come in 64ths


def test_bars_are_zoomed_only_by_the_button_which_says_so(bare, vocabulary):
    b = bare(vocabulary(temperature=1.5), viewport={"width": 1280, "height": 900})
    zoom, head = b.view.get_by_role("button", name="Zoom bars"), b.view.locator("thead .ll-p small")
    fill = b.view.locator(".ll-fill").first
    expect(head).to_have_text("bars from 0 to 100 %")
    share = float(b.explorer.probs.max())
    scale = next(s for s in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1) if share <= s)
    zoom.click()
    expect(zoom).to_have_attribute("aria-pressed", "true")
    expect(head).to_have_text(f"bars from 0 to {100 * scale:g} %")
    track = b.view.locator(".ll-bar").first.bounding_box()["width"]
    assert fill.bounding_box()["width"] == pytest.approx(track * share / scale, abs=0.1)
    expect(b.view.locator(".ll-live")).to_contain_text(f"Bars from 0 to {100 * scale:.1f} %")
    b.set(temperature=0.1)  # the scale stays, and a bar that is longer says that it is cut
    b.drawn()
    expect(head).to_have_text(f"bars from 0 to {100 * scale:g} %")
    assert b.view.locator(".ll-cut").count() >= 1
    zoom.click()
    expect(head).to_have_text("bars from 0 to 100 %")
    expect(b.view.locator(".ll-cut")).to_have_count(0)
    expect(zoom).to_be_disabled()  # at this temperature there is nothing to zoom, and it says so
    expect(zoom).to_have_attribute("title", "the longest bar takes more than half already")


def test_a_column_that_is_off_takes_little_room(bare, vocabulary):
    b = bare(vocabulary(temperature=1.0, top_k=40), viewport={"width": 1112, "height": 900})
    widths = b.view.locator(".ll-tokens thead .ll-off").evaluate_all("all => all.map((th) => th.offsetWidth)")
    assert len(widths) == 3
    assert sum(widths) == 0  # four empty ones had 310
    assert b.view.locator(".ll-bar").first.bounding_box()["width"] > 190  # and the sliders beside them
    b.page.set_viewport_size({"width": 1000, "height": 900})
    widths = b.view.locator(".ll-tokens thead .ll-off").evaluate_all("all => all.map((th) => th.offsetWidth)")
    assert 0 < sum(widths) < 220
    scroll = b.view.locator(".ll-tokens .ll-scroll")
    assert scroll.evaluate("s => s.scrollWidth <= s.clientWidth")


def test_type_grows_with_the_screen_and_bars_fit_beside_another_explorer(bare, animals):
    b = bare(animals(), viewport={"width": 1920, "height": 1080})
    size = "n => parseFloat(getComputedStyle(n).fontSize)"
    assert b.view.locator(".ll-body").evaluate(size) > 20
    b.page.set_viewport_size({"width": 570, "height": 900})
    assert b.view.locator(".ll-body").evaluate(size) == 14
    scroll = b.view.locator(".ll-tokens .ll-scroll")
    assert scroll.evaluate("s => s.scrollWidth <= s.clientWidth")
