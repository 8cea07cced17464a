"""Draws the explorer's pictures of the documentation: `python tools/screenshots.py FOLDER`, `make screenshots`.

A real row of the built-in model on a bare page, in Chromium: light, dark, narrow, with forced colours, a prediction to
be made, two pins compared, the sweep, and the stage.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from logitlab import Explorer
from logitlab.llms import BuiltIn

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from browser.chromium import ARGUMENTS, CHROMIUM
from browser.conftest import Bare, serve

WIDE, NARROW = {"width": 1060, "height": 900}, {"width": 320, "height": 900}
PICTURES = {
    "explorer-light": {"viewport": WIDE},
    "explorer-dark": {"viewport": WIDE, "color_scheme": "dark"},
    "explorer-narrow": {"viewport": NARROW},
    "explorer-forced-colours": {"viewport": WIDE, "forced_colors": "active"},
    "explorer-predict": {"viewport": WIDE},
}
PROJECTOR = {"width": 1280, "height": 720}
OFF = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "engine": "ollama"}
PARTS = {  # of the explorer: the part, and how the screen stands
    "pins": (".ll-tokens", {"pins": [OFF, OFF | {"top_k": 40}], "temperature": 0.7, "top_k": 40}),
    "sweep": (".ll-sweep", {"temperature": 0.5}),
}
STAGE = {  # the stage in each scheme
    "light": OFF | {"_stage": "bars", "temperature": 0.5, "draws": 100},
    "dark": OFF | {"_stage": "sweep", "temperature": 0.5},
}


def draw(browser, explorer, name, options, folder):
    context = browser.new_context(reduced_motion="reduce", **options)
    page = context.new_page()
    serve(page)
    dark = "@media (prefers-color-scheme: dark) { body { background: #111 } }"
    page.add_style_tag(content="main > h1 { display: none } " + dark)
    bare = Bare(page, explorer, draws=100, predict=name.endswith("predict"))
    if name.endswith("predict"):
        bare.slider("temperature").press("ArrowRight")
    page.wait_for_timeout(1500)  # the plane's columns, the other engines
    page.evaluate("document.activeElement.blur()")
    bare.view.screenshot(path=folder / f"{name}.png")
    context.close()


def draw_part(browser, explorer, name, scheme, folder):
    part, state = PARTS[name]
    context = browser.new_context(reduced_motion="reduce", viewport=PROJECTOR, color_scheme=scheme)
    page = context.new_page()
    serve(page)
    bare = Bare(page, explorer, **OFF | state)
    page.locator(".ll-curves .ll-best").wait_for(state="attached")
    bare.drawn()
    bare.view.locator(part).screenshot(path=folder / f"explorer-{name}-{scheme}.png")
    context.close()


def draw_stage(browser, explorer, scheme, folder):
    context = browser.new_context(reduced_motion="reduce", viewport=PROJECTOR, color_scheme=scheme)
    page = context.new_page()
    serve(page)
    bare = Bare(page, explorer, **STAGE[scheme])
    page.locator(".ll-curves .ll-best").wait_for(state="attached")
    bare.drawn()
    page.screenshot(path=folder / f"stage-{scheme}.png")
    context.close()


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    explorer = Explorer(BuiltIn(), "My favourite colour is", temperature=0.8, top_k=40, top_p=0.9, seed=7)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        for name, options in PICTURES.items():
            draw(browser, explorer, name, options, folder)
        for name in PARTS:
            for scheme in ("light", "dark"):
                draw_part(browser, explorer, name, scheme, folder)
        for scheme in STAGE:
            draw_stage(browser, explorer, scheme, folder)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
