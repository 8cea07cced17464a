"""A bare page with the explorer's own files in a real Chromium, and a JupyterLab for the few tests that need one."""

import base64
from pathlib import Path

import numpy as np
import pytest

from logitlab.explorer import Explorer
from logitlab.explorer.pack import STATIC

from .chromium import browser, new_page

__all__ = ["browser", "new_page"]

Axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
).Axe
HERE = Path(__file__).parent
BARE = "http://localhost/bare/"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page):
    """What axe finds on the explorers of a page: rule -> where."""
    found = Axe().run(page, context=".ll-explorer", options=RULES).response["violations"]
    return {entry["id"]: [node["target"] for node in entry["nodes"]] for entry in found}


def serve(page):
    """The bare page and the explorer's files, without a server."""

    def answer(route):
        name = route.request.url.removeprefix(BARE).removeprefix("static/")
        path = HERE / "harness.html" if name == "" else Path(str(STATIC / name))
        route.fulfill(path=path) if path.is_file() else route.fulfill(status=404, body="")

    page.route(BARE + "**", answer)
    page.goto(BARE)
    page.wait_for_function("window.ready")


def traits_of(explorer):
    """What the page gets: traits, and those of bytes as base64 beside them."""
    traits = Explorer.class_own_traits(sync=True, files=lambda files: not files)
    values = {name: getattr(explorer, name) for name in traits}
    state = {name: value for name, value in values.items() if not isinstance(value, bytes)}
    buffers = {
        name: base64.b64encode(value).decode() for name, value in values.items() if isinstance(value, bytes)
    }
    return {"state": state, "buffers": buffers}


class Bare:
    """An explorer's page without a notebook: `model` is a fake that records what is saved and sent."""

    def __init__(self, page, explorer, **changes):
        traits = traits_of(explorer)
        traits["state"] |= changes
        page.evaluate("traits => start(traits)", traits)
        self.page, self.explorer = page, explorer
        self.view = self.show()

    def show(self):
        count = self.page.locator(".ll-explorer").count()
        self.page.evaluate("show()")
        view = self.page.locator(".ll-explorer").nth(count)
        view.locator(".ll-bar").first.wait_for()
        return view

    def get(self, name):
        return self.page.evaluate("name => model.get(name)", name)

    def set(self, **changes):
        self.page.evaluate("changes => Object.entries(changes).forEach(([k, v]) => model.set(k, v))", changes)

    def slider(self, name):
        return self.view.get_by_role("slider", name=name, exact=True)

    def exact(self, name):
        return self.view.get_by_label(f"{name}, exact value")

    def row(self, text):
        return self.view.locator(
            ".ll-tokens tbody tr", has=self.page.get_by_role("button", name=text, exact=True)
        )

    def drawn(self):
        """Waits until what has changed is on the screen."""
        self.page.evaluate(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def settled(self):
        """Waits for the next frame and for what follows when nothing moves."""
        self.page.wait_for_timeout(350)


@pytest.fixture
def bare(new_page):
    def open_bare(explorer, *, page=None, dark=False, changes=None, **options):
        page = page or new_page(**options)
        serve(page)
        if dark:
            page.evaluate("document.body.className = 'dark'")
        return Bare(page, explorer, **(changes or {}))

    return open_bare


@pytest.fixture(scope="session")
def animals():
    """A row of four, with texts."""
    return lambda **options: Explorer(
        np.array([2.0, 1.0, 0.5, -1.0], np.float32), tokens=["cat", "dog", "emu", "fox"], **options
    )


@pytest.fixture(scope="session")
def vocabulary():
    """A row as long as a real vocabulary: a few likely tokens and a long tail."""
    x = np.random.default_rng(1).normal(0.0, 2.0, 49_152).astype(np.float32)
    x[[7, 70, 700]] = 14.0, 13.0, 12.5
    texts = [f" t{i}" for i in range(len(x))]
    return lambda **options: Explorer(x, tokens=texts, **options)
