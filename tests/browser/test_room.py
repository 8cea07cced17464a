"""What is on one screen: the sliders with every bar, the arithmetic beside them, counts, labels that can be read."""

import pytest

ON = {"temperature": 1.3, "top_k": 40, "top_p": 0.95, "min_p": 0.01, "draws": 10_000, "selected": 300}
SEEN = """() => { const box = (node) => node.getBoundingClientRect();
    const within = ({ left, right, top, bottom }) =>
        left >= 0 && right <= innerWidth + 0.5 && top >= 0 && bottom <= innerHeight + 0.5;
    const seen = (selector) => [...document.querySelectorAll(selector)].map(box).filter(within).length;
    const rows = [...document.querySelectorAll(".ll-tokens tbody tr:not([hidden])")];
    return { sliders: seen("input[type=range]"), bars: seen(".ll-tokens tbody tr:not([hidden]) .ll-bar"),
        tail: seen(".ll-tail .ll-bar"), selected: seen(".ll-selected .ll-bar"),
        lines: seen(".ll-arithmetic dd"), wanted: document.querySelectorAll(".ll-arithmetic dd").length }; }"""
# of each row: how far its bar, percentage and count stick out of the region in which the table scrolls
HIDDEN = """() => { const region = document.querySelector(".ll-tokens .ll-scroll").getBoundingClientRect();
    const rows = [...document.querySelectorAll(".ll-tokens tbody tr:not([hidden])")];
    return rows.map((row) => [".ll-bar", ".ll-percent", ".ll-d span", ".ll-d small"].map((part) => {
        const box = row.querySelector(part).getBoundingClientRect();
        return Math.max(box.right - region.right, region.left - box.left); })); }"""
# pairs of labels of one axis, or of the plane with its point, that are seen and touch
TOUCHING = """() => { const found = [];
    const seen = (node) => getComputedStyle(node).visibility === "visible" && node.offsetWidth;
    const box = (node) => node.getBoundingClientRect();
    const touch = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const plane = [...document.querySelectorAll(".ll-levels span"), document.querySelector(".ll-point")];
    const axes = [...document.querySelectorAll(".ll-ticks, .ll-xaxis, .ll-yaxis")].map((axis) => [...axis.children]);
    for (const labels of [plane, ...axes]) {
        const all = labels.filter(seen);
        all.forEach((a, i) => all.slice(i + 1).forEach((b) =>
            touch(box(a), box(b)) && found.push([a.textContent, b.textContent]))); }
    return found; }"""

EVERYWHERE = f"""async (points) => {{ const found = [], touching = {TOUCHING};
    for (const [temperature, top_k] of points) {{
        model.set("temperature", temperature);
        model.set("top_k", top_k);
        await new Promise(requestAnimationFrame);
        await new Promise(requestAnimationFrame);
        found.push(touching()); }}
    return found; }}"""


def with_a_text(explorer, **changes):
    """As a model's: a text above, an arrow beside each token."""
    source = {"prompt": "My favourite colour is", "model": "a model", "follow": True, "added": [], "ends": []}
    return {"changes": {"_source": explorer._source | source} | changes}


@pytest.mark.parametrize("size", [(1280, 720), (1128, 600)], ids=["exported", "in JupyterLab"])
def test_sliders_all_bars_and_the_arithmetic_are_on_one_screen(bare, vocabulary, size):
    """On a projector, of which JupyterLab's menus take 120 pixels and its margins 152: twelve bars, and the tail."""
    explorer = vocabulary(temperature=1.3, top_k=40, seed=7)
    width, height = size
    b = bare(
        explorer,
        **with_a_text(explorer, draws=100, selected=70),
        viewport={"width": width, "height": height},
    )
    b.page.evaluate("document.querySelector('h1').remove()")  # the harness has it, a notebook has not
    b.settled()
    seen = b.page.evaluate(SEEN)
    assert seen["sliders"] == 4
    assert seen["bars"] == 13
    assert seen["tail"] == seen["selected"] == 1
    assert seen["lines"] == seen["wanted"] >= 5


@pytest.mark.parametrize("width", [320, 420, 556, 690, 820, 1000, 1112, 1256, 1900])
def test_bars_percentages_and_counts_are_in_view_at_every_width(bare, vocabulary, width):
    """With every step on, 10 000 draws, and a token selected that has no row; 556: two explorers side by side."""
    explorer = vocabulary()
    b = bare(explorer, **with_a_text(explorer, **ON), viewport={"width": width + 16, "height": 800})
    b.settled()
    hidden = b.page.evaluate(HIDDEN)
    assert len(hidden) == 14
    assert max(max(row) for row in hidden) <= 0.5
    assert b.page.evaluate("document.documentElement.scrollWidth") <= width + 16


@pytest.mark.parametrize("width", [320, 556, 1112])
def test_no_label_of_an_axis_or_a_line_touches_another(bare, vocabulary, width):
    """Where there is no room one is left out, its mark stays; the names of lines make way for the point."""
    b = bare(vocabulary(), viewport={"width": width + 16, "height": 800})
    b.view.locator(".ll-contours path").first.wait_for(state="attached")
    for kind in ("kept mass", "effective choices"):
        b.view.get_by_label(kind).check()
        points = [
            (T, k) for T in (0.1, 0.4, 0.7, 0.9, 1, 1.2, 2, 5) for k in (1, 2, 5, 12, 40, 150, 600, 5000, 0)
        ]
        found = b.page.evaluate(EVERYWHERE, points)
        assert {at: labels for at, labels in zip(points, found, strict=True) if labels} == {}
        assert b.view.locator(".ll-levels span:visible").count() >= 2
    ends = [axis.locator("span").all() for axis in b.view.locator(".ll-ticks, .ll-xaxis").all()]
    assert len(ends) == 5
    for first, *_, last in ends:
        assert first.is_visible()
        assert last.is_visible()
