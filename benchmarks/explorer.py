"""The explorer in Chromium: `python -m benchmarks.explorer`.

What a redraw costs after a slider's step, measured in the exported page, which is the page that a notebook shows: from
the beginning of the frame to the task after its paint (script, style, layout). What a step takes until it is seen adds
the wait for the frame, at most 16.7 ms of a screen with 60 of them in a second. And the first paint: from running a
cell in JupyterLab to the frame with the bars, the row being there; and from asking for an exported file.
"""

import argparse
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from logitlab import Explorer
from tests.browser.chromium import ARGUMENTS, CHROMIUM
from tests.browser.lab import Lab

STEPS, PAINTS = 200, 15
SIZES, DTYPES = (49_152, 262_144), ["float32", "float64"]
PIN = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "engine": "ollama"}
CHAINS: dict[str, dict[str, Any]] = {
    "temperature alone": {},
    "top_k 40": {"top_k": 40},
    "top_p 0.95": {"top_p": 0.95},
    "vllm, top_p 0.95": {"top_p": 0.95, "engine": "vllm"},
    "10 000 draws": {"draws": 10_000},
    "two pins and the curves": {"pins": [PIN, PIN | {"top_k": 40}]},
}
# one step after the other, each when the one before has been painted
MOVE = """async (steps) => {
    const slider = document.querySelector("input[type=range]");
    const frame = () => new Promise(requestAnimationFrame);
    const painted = () => new Promise((done) => { const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => { port1.close(); done(); }; port2.postMessage(0); });
    const costs = [];
    for (let i = 0; i < steps; i++) {
        await frame(); await painted();
        let begun;
        requestAnimationFrame(() => { begun = performance.now(); });
        slider.value = 4 + i % 40;
        slider.dispatchEvent(new Event("input"));
        await frame(); await painted();
        costs.push(performance.now() - begun);
    }
    return costs;
}"""
# the frame that has the bars of the cell that is run now
PAINT = """async (index) => {
    const old = document.querySelector(".ll-explorer");
    const begun = performance.now();
    jupyterapp.shell.currentWidget.content.activeCellIndex = index;
    jupyterapp.commands.execute("notebook:run-cell");
    while (!document.querySelector(".ll-fill[style]") || document.querySelector(".ll-explorer") === old)
        await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done));
    return performance.now() - begun;
}"""
# when the first frame of a page has bars
FIRST = """window.firstBars = new Promise((done) => {
    const look = () => {
        if (document.querySelector(".ll-fill[style]")) done(performance.now());
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
});"""
READY = """
import numpy as np
from logitlab import Explorer
x = np.random.default_rng(1).normal(0.0, 2.0, 49_152).astype(np.float32)
texts = [f" t{i}" for i in range(len(x))]
"""


def row(n: int, dtype: Any) -> Any:
    """A few likely tokens and a long tail."""
    x = np.random.default_rng(1).normal(0.0, 2.0, n).astype(dtype)
    x[[7, 70, 700]] = 14.0, 13.0, 12.5
    return x


def told(costs: list[float]) -> str:
    return "".join(f"{value:9.1f}" for value in [*np.percentile(costs, [50, 95]), max(costs)])


def page_of(browser: Browser, path: Path) -> Page:
    page = browser.new_page(viewport={"width": 1100, "height": 1400})
    page.goto(path.as_uri())
    page.locator(".ll-fill").first.wait_for()
    page.wait_for_timeout(2500)  # the plane's columns, the other engines
    page.locator(".ll-curves .ll-best").wait_for(state="attached", timeout=60_000)  # and the curves
    return page


def redraws(browser: Browser, folder: Path, dtypes: list[str]) -> None:
    print(f"{'ms of a redraw, ' + str(STEPS) + ' steps':46}      p50      p95    worst")
    for n in SIZES:
        for dtype in dtypes:
            x = row(n, dtype)
            for name, options in CHAINS.items():
                explorer = Explorer(x, state={"temperature": 1.0} | options)
                page = page_of(browser, explorer.export(folder / "page.html"))
                page.evaluate(MOVE, 20)
                costs = page.evaluate(MOVE, STEPS)
                print(f"{n:8} {dtype}  {name:27}{told(costs)}", flush=True)
                page.close()


def opened(browser: Browser, folder: Path) -> None:
    """From asking for an exported file to the frame with its bars, as a page and on the stage."""
    path = Explorer(row(SIZES[0], "float32"), temperature=1.0).export(folder / "opened.html")
    for name, address in {"the page": "", "the stage": "#stage"}.items():
        costs = []
        for _ in range(PAINTS):
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.add_init_script(FIRST)
            page.goto(path.as_uri() + address)
            page.locator(".ll-fill").first.wait_for()
            costs.append(page.evaluate("firstBars"))
            page.close()
        print(f"{'ms from a file to the bars, ' + name + ', 49 152':46}{told(costs)}", flush=True)


def first_paints(browser: Browser, folder: Path) -> None:
    (folder / "home").mkdir()
    (folder / "notebooks").mkdir()
    lab = Lab(folder / "home", folder / "notebooks")
    try:
        lab.write("paint.ipynb", READY, "Explorer(x, tokens=texts, temperature=0.8, top_k=40)")
        page = browser.new_page(viewport={"width": 1100, "height": 1400})
        lab.open(page, "paint.ipynb")
        page.evaluate("jupyterapp.commands.execute('notebook:run-all-cells')")
        page.locator(".ll-fill").first.wait_for(timeout=60_000)
        costs = []
        for _ in range(PAINTS):
            page.wait_for_timeout(1500)
            costs.append(page.evaluate(PAINT, 1))
        print(f"{'ms from a cell to the bars in JupyterLab, 49 152':46}{told(costs)}")
    finally:
        lab.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["redraws", "opened", "paint"])
    parser.add_argument("--dtype", choices=DTYPES, nargs="+", default=DTYPES)
    asked = parser.parse_args()
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        print(f"Chromium {browser.version}, Python {platform.python_version()}, {load}")
        if asked.only in (None, "redraws"):
            redraws(browser, Path(folder), asked.dtype)
        if asked.only in (None, "opened"):
            opened(browser, Path(folder))
        if asked.only in (None, "paint"):
            first_paints(browser, Path(folder))
        browser.close()


if __name__ == "__main__":
    main()
