"""A real Chromium, a bare page with the explorer's own files, and a JupyterLab for the few tests that need one."""

import base64
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from logitlab.explorer import Explorer
from logitlab.explorer.pack import STATIC

Axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
).Axe
playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
# no name but loopback's resolves: a page that reaches for another host fails at once
ARGUMENTS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-device-scale-factor=1",
    "--font-render-hinting=none", "--js-flags=--expose-gc", "--enable-precise-memory-info",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]  # fmt: skip
LOCAL = ("http://localhost/", "http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "file:")
BARE = "http://localhost/bare/"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def violations(page):
    """What axe finds on the explorers of a page: rule -> where."""
    found = Axe().run(page, context=".ll-explorer", options=RULES).response["violations"]
    return {entry["id"]: [node["target"] for node in entry["nodes"]] for entry in found}


@pytest.fixture(scope="module")
def browser():
    """Chromium for one module's tests; not longer, as an event loop runs while it is open, and no coroutine could."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt-get install chromium, or set CHROMIUM")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """What a page may not do: report an error, or ask another host for anything."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def watch(self, page):
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and self.errors.append(message.text))
        page.on("request", lambda request: request.url.startswith(LOCAL) or self.requests.append(request.url))


@pytest.fixture
def new_page(browser):
    """Opens pages; at the end none of them may have reported an error or left this machine."""
    watched, contexts = Watched(), []

    def new(**options):
        context = browser.new_context(
            **{"viewport": {"width": 1100, "height": 1400}, "reduced_motion": "reduce"} | options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        watched.watch(page)
        return page

    yield new
    for context in contexts:
        context.close()
    assert watched.errors == []
    assert watched.requests == []


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
    left_out = ("layout", "tabbable", "tooltip", "_esm", "_css", "_pack", "_anywidget_id")
    names = [
        name
        for name in explorer.keys
        if name not in left_out and not name.startswith(("_model", "_view", "_dom"))
    ]
    values = {name: getattr(explorer, name) for name in names}
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
