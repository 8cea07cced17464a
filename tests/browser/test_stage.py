"""The stage: everything on one screen of a projector, large enough for the last row, with the keyboard alone."""

import itertools
import re

import numpy as np
import pytest
from explorer.test_writing import Model
from playwright.sync_api import expect

from logitlab import Explorer, Sampler
from logitlab.explorer.state import PANELS
from logitlab.llms import BuiltIn

from .conftest import traits_of, violations

PROJECTOR, DESK = {"width": 1280, "height": 720}, {"width": 1920, "height": 1080}
THEMES = {"light": {}, "dark": {"dark": True}, "forced colours": {"forced_colors": "active"}}
SEEN = {"light": ["text", "engines"], "dark": ["sweep", "plane"], "forced colours": ["draws", "arithmetic"]}
PINS = [{"temperature": T, "top_k": 40, "top_p": 1.0, "min_p": 0.0, "engine": "ollama"} for T in (0.5, 2.0)]
LONG = (
    "It was a bright cold day in April, and the clocks were striking thirteen; somebody went on writing. " * 9
)
# every visible text with its box, the size of its letters, and what part of it its ancestors cut off
TEXTS = """root => { const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode, parent = node.parentElement;
        if (!node.data.trim() || !parent.checkVisibility({ visibilityProperty: true })) continue;
        if (parent.closest(".ll-live, .ll-text, svg, select") || parent.offsetWidth === 1) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        let cut = 0, limit = Infinity;
        for (let up = parent; up !== root.parentElement; up = up.parentElement) {
            if (getComputedStyle(up).textOverflow === "ellipsis") { // a mark says so
                limit = up.getBoundingClientRect().right;
                cut = 0;
                break;
            }
            if (getComputedStyle(up).overflow === "visible") continue;
            const edge = up.getBoundingClientRect();
            const [right, bottom] = [box.right - edge.right, box.bottom - edge.bottom];
            cut = Math.max(cut, right, bottom, edge.left - box.left, edge.top - box.top);
        }
        found.push({ text: node.data, size: parseFloat(getComputedStyle(parent).fontSize), cut,
            part: parent.closest(".ll-plane, .ll-sweep, .ll-sums")?.className ?? "",
            lines: [...range.getClientRects()].map((r) => [r.left, r.top, Math.min(limit, r.right), r.bottom]) });
    }
    return found; }"""
SCROLLS = """root => [root, ...root.querySelectorAll("*")].filter((n) => n.clientHeight > 2
    && !n.closest(".ll-text, .ll-live") && ["auto", "scroll"].includes(getComputedStyle(n).overflowY)
    && (n.scrollHeight > n.clientHeight + 1 || n.scrollWidth > n.clientWidth + 1)).map((n) => n.className)"""
HERE = "document.querySelector('.ll-stage').contains(document.activeElement)"


def overlap(one, other):
    """By how many pixels two boxes lie on each other, in the direction in which they do so less."""
    return min(min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1]))


def wrong(view, size):
    """What is too small, out of the window, cut off or on top of something else; what scrolls."""
    window, texts = view.page.viewport_size, view.evaluate(TEXTS)
    assert len(texts) > 25
    found = [("small", text["text"], text["size"]) for text in texts if text["size"] < size - 0.01]
    for text in texts:
        for left, top, right, bottom in text["lines"]:
            if left < 0 or top < -1 or right > window["width"] or bottom > window["height"] + 1:
                found.append(("outside", text["text"], (left, top, right, bottom)))
        if text["cut"] > 1.5:
            found.append(("cut", text["text"], text["cut"]))
    for one, other in itertools.combinations(texts, 2):
        if one["part"] == other["part"] == "" and any(
            overlap(a, b) > 3 for a, b in itertools.product(one["lines"], other["lines"])
        ):
            found.append(("overlap", one["text"], other["text"]))
    return found + [("scrolls", name) for name in view.evaluate(SCROLLS)]


def bars(view):
    """[left, right, top, bottom] of each bar's place and of what is filled of it."""
    return view.locator(".ll-tokens tbody tr:not([hidden]) .ll-bar").evaluate_all(
        "bars => bars.map((bar) => [bar, bar.querySelector('.ll-fill')].map((n) => n.getBoundingClientRect())"
        ".map((r) => [r.left, r.right, r.top, r.bottom]))"
    )


def stage(bare, explorer, panel="bars", **options):
    changes = {"_stage": panel} | options.pop("changes", {})
    return bare(explorer, changes=changes, **{"viewport": PROJECTOR} | options)


@pytest.mark.parametrize("viewport", [PROJECTOR, DESK], ids=["720", "1080"])
def test_everything_is_on_one_screen(bare, viewport):
    """With each panel; with all that can be there: a long text, draws, a chosen token, every step, a question."""
    x = np.random.default_rng(1).normal(0.0, 2.0, 49_152).astype(np.float32)
    x[[7, 70, 700]] = 14.0, 13.0, 12.5
    texts = [f" token{i}" for i in range(len(x))]
    texts[7] = " wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww"
    explorer = Explorer(x, tokens=texts, temperature=0.8, top_k=200)
    b = stage(bare, explorer, viewport=viewport)
    b.set(
        _source=explorer._source
        | {"prompt": LONG, "follow": True, "added": [[7, "on"]], "model": "a model", "note": "n"}
    )
    b.settled()
    least = 18 * viewport["height"] / 720
    for panel, changes in [
        *((panel, {}) for panel in PANELS),
        *((panel, {"draws": 10_000, "top_p": 0.9, "min_p": 0.01}) for panel in PANELS),
        ("bars", {"selected": 45_678, "slider": "min_p"}),
        ("arithmetic", {"slider": "top_p", "temperature": 0.123456}),
        ("bars", {"pins": PINS}),
        ("sweep", {}),
        ("bars", {"predict": True, "slider": "top_k"}),
    ]:
        b.set(_stage=panel, **changes)
        b.settled()
        assert wrong(b.view, least) == [], (panel, changes)
        boxes = bars(b.view)
        assert len(boxes) == 9
        assert len({(round(left), round(right)) for (left, right, _, _), _ in boxes}) == 1  # one scale
        for (left, right, top, bottom), (_, filled, above, below) in boxes:
            assert right - left > 0.08 * viewport["width"]
            assert filled <= right + 1
            assert top <= above < below <= bottom
        assert all(
            one[3] < other[2] for (one, _), (other, _) in itertools.pairwise(boxes)
        )  # none lies on another
    b.slider("top_k").press("ArrowLeft")
    expect(b.view.locator(".ll-question")).to_contain_text("Its share will be")
    b.settled()
    assert wrong(b.view, least) == []
    size = b.view.locator(".ll-prompt .ll-token").first.evaluate(
        "n => parseFloat(getComputedStyle(n).fontSize)"
    )
    assert size >= 40 * viewport["height"] / 720
    rows = b.view.locator(".ll-tokens tbody tr:first-child :is(.ll-pick, .ll-percent)")
    assert (
        min(rows.evaluate_all("ns => ns.map((n) => parseFloat(getComputedStyle(n).fontSize))"))
        >= least * 4 / 3
    )
    shown = b.view.locator(".ll-text").evaluate(
        "t => { const [box, last] = [t, t.querySelector('.ll-caret')].map((n) => n.getBoundingClientRect());"
        " const lines = box.height / parseFloat(getComputedStyle(t).lineHeight);"
        " return [lines, last.top - box.top, box.bottom - last.top]; }"
    )
    assert shown[0] < 2.1  # two lines, and the end of the text among them
    assert min(shown[1:]) >= 0


def test_what_is_wrong_is_found(bare, vocabulary):
    """The check above can fail."""
    b = stage(bare, vocabulary())
    b.settled()
    b.page.evaluate(
        """() => { const [small, low, wide] = document.querySelectorAll(".ll-percent");
        small.style.fontSize = "17px"; low.style = "position: fixed; top: 715px";
        wide.style = "overflow: hidden; flex: 0 0 1em";
        document.querySelector(".ll-stats").style.marginTop = "-2em"; }"""
    )
    assert {"small", "outside", "cut", "overlap"} <= {kind for kind, *_ in wrong(b.view, 18)}


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(bare, vocabulary, theme):
    b = stage(bare, vocabulary(top_k=40), changes={"draws": 100, "selected": 9}, **THEMES[theme])
    for panel in SEEN[theme]:
        b.set(_stage=panel)
        b.settled()
        assert violations(b.page) == {}, panel
    b.set(predict=True)
    b.slider("temperature").press("ArrowRight")
    expect(b.view.locator(".ll-question")).to_contain_text("Its share will be")
    assert violations(b.page) == {}


def shown_panels(b):
    found = {
        "arithmetic": ".ll-arithmetic",
        "draws": ".ll-drawing",
        "plane": ".ll-plane",
        "engines": ".ll-engines",
        "text": ".ll-find",
        "sweep": ".ll-sweep",
    }
    return [name for name, selector in found.items() if b.view.locator(selector).is_visible()]


def test_by_keys_alone(bare, vocabulary):
    """F, a letter for each slider, a number for each panel, Escape; each of them can be read on a button."""
    b = bare(vocabulary(), viewport=PROJECTOR)
    b.page.evaluate(FULL)
    b.slider("top_p").focus()
    b.page.keyboard.press("f")
    expect(b.view).to_have_class(re.compile("ll-stage"))
    box = b.view.bounding_box()
    assert [box[side] for side in ("x", "y", "width", "height")] == [0, 0, 1280, 720]
    assert (b.get("_stage"), shown_panels(b)) == ("bars", [])
    for key, name in {"k": "top_k", "n": "top_p", "M": "min_p", "t": "temperature"}.items():
        b.page.keyboard.press(key)
        expect(b.slider(name)).to_be_focused()
        assert b.get("slider") == name
        b.drawn()
        assert b.view.locator(".ll-control:visible").count() == 1
        expect(b.view.get_by_role("button", name=re.compile(rf"^{name}"))).to_have_attribute(
            "aria-pressed", "true"
        )
    b.page.keyboard.press("ArrowLeft")
    assert b.get("temperature") == 0.95
    for number, name in enumerate(PANELS[1:], 1):
        b.page.keyboard.press(str(number))
        b.drawn()
        assert (b.get("_stage"), shown_panels(b)) == (name, [name])
        button = b.view.get_by_role("button", name=name, exact=True)
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(button.locator("kbd")).to_have_text(str(number))
    b.page.keyboard.press(str(len(PANELS) - 1))  # the same again: the bars alone
    b.drawn()
    assert (b.get("_stage"), shown_panels(b)) == ("bars", [])
    for keys in ("Control+2", "Alt+2", "Meta+2"):
        b.page.keyboard.press(keys)
        assert b.get("_stage") == "bars"
    b.page.keyboard.press("Tab")  # a field: what is typed is typed
    b.page.keyboard.type("2")
    assert (b.get("temperature"), b.get("_stage")) == (2, "bars")
    b.page.keyboard.press("Enter")  # and the keys are the stage's again
    expect(b.slider("temperature")).to_be_focused()
    b.page.keyboard.press("Escape")
    expect(b.view).not_to_have_class(re.compile("ll-stage"))
    expect(b.slider("top_p")).to_be_focused()  # where it was
    assert b.get("_stage") is None
    assert b.page.evaluate("model.saved.at(-1).slider") == "temperature"
    assert not b.page.evaluate("document.fullscreenElement")


def test_the_focus_stays_on_the_stage_and_comes_back(bare, animals):
    b = bare(animals(), viewport=PROJECTOR)
    b.page.evaluate(FULL)
    b.page.evaluate(
        "document.body.append(Object.assign(document.createElement('button'), { textContent: 'behind' }))"
    )
    button = b.view.get_by_role("button", name="Stage")
    button.click()
    expect(b.slider("temperature")).to_be_focused()
    behind = b.page.get_by_role("button", name="behind")
    assert behind.evaluate(
        "node => node.closest('[inert]') !== null"
    )  # nobody can press it, nobody hears of it
    seen = set()
    for _ in range(60):
        b.page.keyboard.press("Tab")
        seen.add(b.page.evaluate("document.activeElement.textContent"))
        assert b.page.evaluate(f"document.activeElement === document.body || {HERE}")
    assert {"Draw 100", "engines 4", "Leave Esc", "top_k K", "Predict first"} <= seen
    b.page.mouse.click(700, 640)  # nothing is there
    b.page.keyboard.press("k")
    expect(b.slider("top_k")).to_be_focused()
    b.view.get_by_role("button", name="Leave").click()
    expect(button).to_be_focused()
    behind.click()
    assert b.page.evaluate("document.querySelectorAll('[inert]').length") == 0


# the browser's full screen, which a browser without a screen does not always give
FULL = """() => { let full = null;
    const turn = (node) => { full = node; document.dispatchEvent(new Event("fullscreenchange")); };
    Object.defineProperty(document, "fullscreenElement", { get: () => full });
    window.asked = 0;
    document.documentElement.requestFullscreen = async function () { asked++; turn(this); };
    document.exitFullscreen = async () => turn(null); }"""


def test_the_browsers_full_screen(bare, animals):
    """A key fills the screen; there Escape never reaches the page, which hears that the browser has left it."""
    b = bare(animals(), viewport=PROJECTOR)
    b.page.evaluate(FULL)
    b.slider("temperature").focus()
    b.page.keyboard.press("f")
    expect(b.view).to_have_class(re.compile("ll-stage"))
    assert b.page.evaluate("document.fullscreenElement === document.documentElement")
    b.page.evaluate("document.exitFullscreen()")
    expect(b.view).not_to_have_class(re.compile("ll-stage"))
    expect(b.slider("temperature")).to_be_focused()
    b.page.keyboard.press("f")
    b.page.locator(".ll-stage").wait_for()
    b.page.keyboard.press("f")  # and back
    expect(b.view).not_to_have_class(re.compile("ll-stage"))
    assert b.page.evaluate("[asked, document.fullscreenElement]") == [2, None]
    b.set(_stage="bars")  # Python may not ask for it
    expect(b.view).to_have_class(re.compile("ll-stage"))
    assert b.page.evaluate("asked") == 2
    b.page.keyboard.press("f")
    assert b.page.evaluate("[asked, document.fullscreenElement !== null]") == [3, True]
    b.page.keyboard.press("Escape")
    expect(b.view).not_to_have_class(re.compile("ll-stage"))
    assert b.page.evaluate("document.fullscreenElement") is None
    b.page.evaluate(
        "() => { document.documentElement.requestFullscreen = () => Promise.reject(new TypeError('no')); }"
    )
    b.page.keyboard.press("f")
    expect(b.view).to_have_class(re.compile("ll-stage"))  # the window is filled in any case


def test_two_explorers_and_two_views(bare, animals):
    """One stage at a time, that of the view in which it was opened; the other keeps its place and works afterwards."""
    b = bare(animals(), viewport=PROJECTOR)
    b.page.evaluate(FULL)
    first, second = b.view, b.show()
    second.get_by_role("slider", name="temperature", exact=True).press("f")
    expect(second).to_have_class(re.compile("ll-stage"))
    expect(first).not_to_have_class(re.compile("ll-stage"))
    assert len(bars(second)) == len(bars(first)) == 4
    b.page.keyboard.press("ArrowRight")
    b.page.keyboard.press("Escape")
    expect(second).not_to_have_class(re.compile("ll-stage"))
    expect(first.get_by_label("temperature, exact value")).to_have_value("1.05")
    b.page.evaluate("traits => { window.first = model; start(traits); }", traits_of(animals(temperature=3.0)))
    third = b.show()
    third.get_by_role("slider", name="temperature", exact=True).press("f")
    expect(third).to_have_class(re.compile("ll-stage"))
    b.page.evaluate("first.set('_stage', 'draws')")  # as Python does
    expect(first).to_have_class(re.compile("ll-stage"))
    expect(third).not_to_have_class(re.compile("ll-stage"))
    first.get_by_role("button", name="Draw 1", exact=True).click()
    assert b.page.evaluate("first.get('draws')") == 1
    b.page.evaluate("views[0].close()")
    assert b.page.evaluate("[first.get('_stage'), document.querySelectorAll('[inert]').length]") == [None, 0]
    b.page.locator(".ll-explorer").nth(1).get_by_role("slider", name="temperature", exact=True).press(
        "ArrowRight"
    )
    assert b.get("temperature") == 3.5


@pytest.mark.parametrize("viewport", [(320, 640), (390, 844), (844, 390), (853, 480)], ids=str)
def test_where_there_is_little_room(bare, vocabulary, viewport):
    """It may scroll, but not sideways; the way out is in sight, and everything can be reached."""
    width, height = viewport
    b = stage(
        bare,
        vocabulary(top_k=40),
        "draws",
        viewport={"width": width, "height": height},
        changes={"draws": 100},
    )
    b.settled()
    assert b.view.evaluate("root => root.scrollWidth") <= width
    assert b.view.evaluate("root => root.clientWidth") == width
    leave = b.view.get_by_role("button", name="Leave")
    box = leave.bounding_box()
    assert 0 <= box["x"] <= width - box["width"]
    assert 0 <= box["y"] < height - box["height"]
    b.view.get_by_role("button", name="Draw 1", exact=True).click()
    assert b.get("draws") == 101
    b.slider("temperature").press("ArrowRight")
    expect(b.view.locator(".ll-drawing")).to_contain_text("u = ")
    leave.click()
    expect(b.view).not_to_have_class(re.compile("ll-stage"))


def test_python_opens_it_and_knows_of_it(bare, animals):
    explorer = animals()
    assert explorer.state["stage"] is None
    explorer.stage()
    assert explorer.state["stage"] == "bars"
    explorer.stage("plane")
    b = bare(explorer, viewport=PROJECTOR)
    expect(b.view).to_have_class(re.compile("ll-stage"))
    assert shown_panels(b) == ["plane"]
    b.page.keyboard.press("Escape")
    assert b.get("_stage") is None
    with pytest.raises(ValueError, match=r"stage must be one of 'bars', .*, got 'kitchen'"):
        explorer.stage("kitchen")
    assert explorer.state["stage"] == "plane"


@pytest.mark.parametrize(
    ("options", "hash_"), [({"stage": True}, ""), ({}, "#stage"), ({}, "#stage=bars&top_k=40")]
)
def test_the_exported_file_opens_in_it(new_page, vocabulary, tmp_path, options, hash_):
    """By request and by a link; what the address says then is the same screen again; nothing is asked of a network."""
    path = vocabulary().export(tmp_path / "lesson.html", **options)
    page = new_page(offline=True, viewport=PROJECTOR)
    requests = []
    page.on("request", lambda request: requests.append(request.url.split(":")[0]))
    page.goto(path.as_uri() + hash_)
    view = page.locator(".ll-explorer")
    expect(view).to_have_class(re.compile("ll-stage"))
    page.keyboard.press("2")
    expect(page).to_have_url(re.compile("#.*stage=draws"))
    page.keyboard.press("Escape")
    expect(view).not_to_have_class(re.compile("ll-stage"))
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("f")  # the page is the explorer's: its keys work without a focus
    expect(view).to_have_class(re.compile("ll-stage"))
    assert set(requests) <= {"file", "blob", "data"}
    with pytest.raises(TypeError, match="stage must be True or False, got 'yes'"):
        vocabulary().export(tmp_path / "x.html", stage="yes")


def test_a_text_that_continues(bare):
    """The end of the text is a button there too; another text can be begun."""
    explorer = Explorer(Model(), "xy")
    explorer.write(2)
    b = stage(bare, explorer, "text")
    assert b.view.locator(".ll-prompt .ll-piece").count() == 3
    b.view.locator("summary", has_text="Another text").click()
    b.view.get_by_label("text", exact=True).fill("f12 k")  # letters and numbers are typed here
    assert (b.get("_stage"), b.get("slider")) == ("text", "temperature")
    assert wrong(b.view, 18) == []


@pytest.fixture(scope="module")
def lesson(tmp_path_factory):
    explorer = Explorer(BuiltIn(), "My favourite colour is", temperature=1.0, seed=7)
    return explorer, explorer.export(tmp_path_factory.mktemp("lesson") / "lesson.html", stage=True)


@pytest.mark.model
def test_the_six_questions_of_the_lesson(new_page, lesson):
    """Each answered on the stage by keys and the pointer, at 1280 x 720, without scrolling; numbers from NumPy."""
    explorer, path = lesson
    z = np.sort(explorer.logits.astype(float))[::-1]
    page = new_page(offline=True, viewport=PROJECTOR)
    page.goto(path.as_uri())
    view, press = page.locator(".ll-stage"), page.keyboard.press
    share = view.locator(".ll-tokens tbody tr:first-child .ll-percent")
    stats, best = view.locator(".ll-stats"), view.locator(".ll-tokens tbody tr:first-child .ll-pick")

    def click(name):
        button = view.get_by_role("button", name=name, exact=True)
        box = button.bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def put(key, value):
        press(key)
        press("Tab")
        page.keyboard.type(str(value))
        press("Enter")

    def still():
        """Nothing has scrolled, and nothing could have."""
        assert page.evaluate("[scrollY, document.querySelector('.ll-stage').scrollTop]") == [0, 0]
        assert wrong(view, 18) == []

    def probs(T=1.0, k=None):
        p = np.exp((z[:k] - z[0]) / T)
        return p / p.sum()

    def choices(p):
        return np.exp(-(p * np.log(p)).sum())

    # 1: how long is the tail?
    p = probs()
    expect(share).to_have_text(f"{100 * p[0]:.1f}\u00a0%")
    expect(view.locator(".ll-tail .ll-percent")).to_have_text(f"{100 * p[8:].sum():.1f}\u00a0%")
    still()
    # 2: what does the temperature change?
    click("Predict first")
    press("t")
    for _ in range(10):
        press("ArrowLeft")
    click("larger")
    answer = view.locator(".ll-answer")
    expect(answer).to_contain_text(
        f"from {100 * p[0]:.1f}\u00a0% to {100 * probs(0.5)[0]:.1f}\u00a0%: larger"
    )
    press("t")
    for _ in range(30):
        press("ArrowRight")
    click("smaller")
    expect(answer).to_contain_text(f"to {100 * probs(2.0)[0]:.1f}\u00a0%: smaller")
    expect(best).to_contain_text("␣blue")
    still()
    click("Predict first")
    click("Reset")
    # 3: what does top_k throw away?
    put("k", 40)
    expect(stats).to_contain_text(
        f"40 of 49\u202f152 tokens left · top_k keeps {100 * p[:40].sum():.1f}\u00a0%"
    )
    expect(share).to_have_text(f"{100 * p[0] / p[:40].sum():.1f}\u00a0%")
    still()
    # 4: why does the temperature sometimes do nothing?
    put("k", 3)
    put("t", 5)
    expect(stats).to_contain_text(f"{choices(probs(5.0, 3)):.1f} effective choices")
    put("k", 0)
    expect(stats).to_contain_text(f"{choices(probs(5.0)):,.0f} effective choices".replace(",", "\u202f"))
    click("Reset")
    press("t")
    press("3")
    field = view.locator(".ll-field").bounding_box()
    expect(view.locator(".ll-levels")).to_contain_text("99\u00a0%")
    page.mouse.move(field["x"] + field["width"] / 2, field["y"] + field["height"] / 2)
    page.mouse.down()
    page.mouse.move(field["x"] + field["width"] - 3, field["y"] + field["height"] / 2)
    page.mouse.up()
    expect(view.get_by_label("temperature, exact value")).to_have_value("5")
    still()
    click("Reset")
    # 5: is the draw fair?
    press("2")
    put("k", 40)
    click("Draw 100")
    drawn = Sampler(top_k=40).sample(explorer.logits, size=10_100, rng=7)
    token = int(explorer.logits.argmax())
    count = view.locator(".ll-tokens tbody tr:first-child .ll-d")
    expect(count).to_have_text(re.compile(rf"^{(drawn[:100] == token).sum()}\b"))
    click("Draw 10\u202f000")
    expect(count).to_have_text(re.compile(f"^{(drawn == token).sum():,}".replace(",", "\u202f") + r"\b"))
    u = np.random.default_rng(7).random(10_100)[-1]
    expect(view.locator(".ll-drawing")).to_contain_text(f"u = {u:.6f}")
    still()
    click("Reset")
    # 6: do the numbers mean the same everywhere?
    put("t", 1.5)
    put("k", 40)
    put("n", 0.9)
    press("4")
    for engine, kept in {"ollama": 27, "vllm": 32, "mlx-lm": 40}.items():
        row = view.locator(".ll-engines tbody tr", has=page.get_by_role("button", name=engine, exact=True))
        expect(row.locator("td").nth(1)).to_have_text(str(kept))
    still()
