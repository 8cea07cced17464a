"""A real Chromium that reaches nothing but this machine: for the explorer's tests here, and for those of its peers."""

import os
import shutil
from dataclasses import dataclass, field

import pytest

playwright_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
# no name but loopback's resolves: a page that reaches for another host fails at once
ARGUMENTS = [
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-device-scale-factor=1",
    "--font-render-hinting=none", "--js-flags=--expose-gc", "--enable-precise-memory-info",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
]  # fmt: skip
LOCAL = ("http://localhost/", "http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:", "file:")


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

    new.errors = watched.errors
    yield new
    for context in contexts:
        context.close()
    assert watched.errors == [], watched.errors  # this module is no test: pytest does not show its values
    assert watched.requests == [], watched.requests
