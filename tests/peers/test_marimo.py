"""The explorer in marimo: its page shows the widget, a slider moves it, and the kernel's value follows."""

import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from browser.chromium import browser, new_page
from browser.server import free_port, until
from playwright.sync_api import expect

__all__ = ["browser", "new_page"]

NOTEBOOK = """
import marimo
app = marimo.App()

@app.cell
def _():
    import marimo as mo
    import numpy as np
    from logitlab import Explorer
    row = np.array([2.0, 1.0, 0.5, -1.0], np.float32)
    w = mo.ui.anywidget(Explorer(row, tokens=["cat", "dog", "emu", "fox"], temperature=1.0))
    w
    return mo, w

@app.cell
def _(mo, w):
    w.value
    mo.md(f"the kernel has {w.widget.sampler!r}, best {w.widget.probs.max():.6f}")
    return

if __name__ == "__main__":
    app.run()
"""


@pytest.fixture
def address(tmp_path):
    """Of a marimo that runs the notebook."""
    (tmp_path / "notebook.py").write_text(NOTEBOOK)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "marimo",
        "run",
        "notebook.py",
        "--headless",
        "--no-token",
        "--host",
        "127.0.0.1",
    ]
    package = Path(__file__).parents[2] / "python"
    environment = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": str(package)}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--port", str(port)], cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"

    def answers():
        assert process.poll() is None, (tmp_path / "log").read_text()
        try:
            return urllib.request.urlopen(url, timeout=5).status == 200
        except OSError:
            return False

    until(answers, 60)
    yield url
    process.terminate()
    process.wait(20)


def test_the_kernel_follows_the_slider(address, new_page):
    page = new_page()
    page.goto(address)
    slider = page.get_by_role("slider", name="temperature", exact=True)
    slider.wait_for(timeout=60_000)
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "temperature 0.8")
    kernel = page.get_by_text("the kernel has")
    expect(kernel).to_contain_text("Sampler([Temperature(0.8)])")
    share = float(re.search(r"best ([\d.]+)", kernel.inner_text())[1])
    shown = page.locator(".ll-tokens .ll-percent").first.inner_text()
    assert float(shown.split()[0]) / 100 == pytest.approx(share, abs=5.1e-4)
