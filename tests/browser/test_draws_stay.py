"""Draws that stay: each press adds, the tokens of the tail are named and counted, and what is different is counted."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from logitlab import Explorer

from .conftest import violations

DROPS = """(n) => { window.fallen = []; new MutationObserver((changes) => changes.forEach((change) =>
    change.addedNodes.forEach((node) => node.classList?.contains("ll-drop") && fallen.push(node.textContent))))
    .observe(document.querySelector(".ll-bars"), { childList: true }); }"""


def press(b, name):
    b.view.get_by_role("button", name=name, exact=True).click()
    b.drawn()


def plain(text):
    return text.replace("\u202f", "").replace("\u00a0", " ")


def listed(b):
    """The list of the tail's tokens as the page has it: {text: count}, and how many more there are."""
    texts = [plain(text) for text in b.view.locator(".ll-fallen li").all_inner_texts()]
    more = re.fullmatch(r"and (\d+) more", texts[-1]) if texts else None
    pairs = [text.split("×") for text in (texts[:-1] if more else texts)]
    return [(name, int(count[0]) if count else 1) for name, *count in pairs], int(more[1]) if more else 0


def expected(explorer, n, seed):
    """What NumPy's stream gives: the tail's tokens, the most frequent first, then those that came first."""
    tokens = explorer.sampler.sample(explorer.logits, size=n, rng=seed).tolist()
    best = set(np.argsort(-explorer.logits, kind="stable")[:12].tolist())
    counts = {}
    for token in tokens:
        if token not in best:
            counts[token] = counts.get(token, 0) + 1
    order = sorted(counts.items(), key=lambda pair: -pair[1])
    return tokens, [(f"␣t{token}", count) for token, count in order]


def test_each_press_adds_and_names(bare, vocabulary):
    """After each press: the list with its counts, the number of different tokens, and the line that it grew along."""
    explorer = vocabulary(temperature=1.5, seed=3)
    b = bare(explorer)
    expect(b.view.locator(".ll-growth")).to_be_hidden()
    n = 0
    for name in ("Draw 1", "Draw 1", "Draw 100", "Draw 1", "Draw 10\u202f000"):
        press(b, name)
        n += int(plain(name).removeprefix("Draw "))
        tokens, fallen = expected(explorer, n, 3)
        ids = [int(name.removeprefix("␣t")) for name, _ in fallen[:30]]
        b.set(_found=[[token, f" t{token}"] for token in ids])  # as Python answers
        b.drawn()
        assert listed(b) == (fallen[:30], max(0, len(fallen) - 30))
        growth = plain(b.view.locator(".ll-growth").inner_text()).replace("\n", " ")
        assert growth.strip() == f"{len(set(tokens))} different tokens in {n} draws".replace(
            "1 draws", "1 draw"
        ).replace("1 different tokens", "1 different token")
        path = b.view.locator(".ll-grown").get_attribute("d")
        line = [[float(v) for v in pair.split()] for pair in path.removeprefix("M").split("L")]
        assert len(line) <= 62
        for x, y in line:
            different = len(set(tokens[: round(x * n / 100)]))
            assert y == pytest.approx(
                100 - 90 * different / len(set(tokens)), abs=0.06 + 90 * 0.05 * n / 100 / 60
            )
    b.slider("temperature").press("Control+z")
    b.drawn()
    assert listed(b) == (expected(explorer, 103, 3)[1][:30], max(0, len(expected(explorer, 103, 3)[1]) - 30))
    press(b, "Clear")
    for part in (".ll-growth", ".ll-fallen"):
        expect(b.view.locator(part)).to_be_hidden()


def test_python_is_asked_once_for_names_that_are_not_there(bare, vocabulary):
    """1000 texts travel with the row; those of other tokens are asked for when they are drawn, once, by id."""
    explorer = vocabulary(temperature=3.0, seed=1)
    b = bare(explorer)
    press(b, "Draw 100")
    asked = b.page.evaluate("model.sent.filter(({ kind }) => kind === 'names')")
    names, _ = listed(b)
    unknown = [int(name.removeprefix("#")) for name, _ in names if name.startswith("#")]
    assert len(unknown) > 5
    assert len(asked) == 1
    assert set(unknown) <= set(asked[0]["tokens"])
    explorer._answer(explorer, asked[0], [])
    assert explorer._error == ""
    b.set(_found=explorer._found)
    b.drawn()
    assert [name for name, _ in listed(b)[0]] == [name.replace("#", "␣t") for name, _ in names]
    press(b, "Draw 1")
    again = b.page.evaluate(
        "model.sent.filter(({ kind }) => kind === 'names').flatMap(({ tokens }) => tokens)"
    )
    assert len(again) == len(set(again))
    explorer._answer(explorer, {"kind": "names", "tokens": [10**6]}, [])
    assert "token id" in explorer._error


def test_new_draws_fall_and_the_tails_say_their_names(bare, vocabulary, new_page):
    """One drop for each new draw, 60 at most; those of the tail have a name; they are gone in the end."""
    explorer = vocabulary(temperature=1.5, seed=3)
    b = bare(explorer, page=new_page(reduced_motion="no-preference"))
    b.page.evaluate(DROPS, 0)
    best = set(np.argsort(-explorer.logits, kind="stable")[:12].tolist())
    tokens, _ = expected(explorer, 31, 3)
    for n, name in ((1, "Draw 1"), (2, "Draw 1")):
        press(b, name)
        b.page.wait_for_function("n => fallen.length === n", arg=n)
    said = b.page.evaluate("fallen")
    assert [bool(text) for text in said] == [token not in best for token in tokens[:2]]
    press(b, "Draw 100")
    b.page.wait_for_function("fallen.length > 2")
    assert 2 + 30 <= len(b.page.evaluate("fallen")) <= 2 + 60
    b.set(temperature=1.0)  # the same draws, elsewhere: nothing new falls
    count = len(b.page.evaluate("fallen"))
    b.drawn()
    b.slider("temperature").press("Control+z")
    b.drawn()
    assert len(b.page.evaluate("fallen")) == count
    expect(b.view.locator(".ll-drop")).to_have_count(0, timeout=20_000)


def test_where_motion_disturbs_nothing_falls(bare, vocabulary):
    """In two views, and beside another question: counters alone."""
    b = bare(vocabulary(temperature=1.5, seed=3))
    other = b.show()
    b.page.evaluate(DROPS, 0)
    b.view.get_by_role("button", name="Draw 100", exact=True).click()
    expect(other.locator(".ll-growth strong")).to_have_text(b.view.locator(".ll-growth strong").inner_text())
    assert b.page.evaluate("fallen") == []
    b.view.get_by_role("button", name="Predict first").click()
    b.slider("temperature").first.press("ArrowLeft")
    expect(b.view.locator(".ll-growth")).to_be_hidden()
    expect(b.view.locator(".ll-fallen")).to_be_hidden()


def test_every_token_has_a_row(bare, animals):
    b = bare(animals(temperature=2.0), changes={"draws": 50}, viewport={"width": 320, "height": 900})
    expect(b.view.locator(".ll-growth")).to_contain_text("4 different tokens in 50 draws")
    expect(b.view.locator(".ll-fallen li")).to_have_count(0)
    assert "other tokens" not in b.view.locator(".ll-draws").inner_text()
    b.settled()
    assert violations(b.page) == {}


def test_a_row_without_texts_asks_for_none(bare):
    x = np.random.default_rng(1).normal(0, 1, 3000).astype(np.float32)
    b = bare(Explorer(x))
    press(b, "Draw 100")
    assert b.view.locator(".ll-fallen li").first.inner_text().startswith("#")
    assert b.page.evaluate("model.sent.filter(({ kind }) => kind === 'names')") == []
