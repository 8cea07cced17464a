"""The explorer in a real JupyterLab: the kernel follows the page and back, in every state that a class meets."""

import json

import pytest
from playwright.sync_api import expect

from .conftest import violations
from .lab import Lab
from .server import until

CELL = """
import numpy as np
from logitlab import Explorer
w = Explorer(np.array([2.0, 1.0, 0.5, -1.0], np.float32), tokens=["cat", "dog", "emu", "fox"], temperature=1.0)
w
"""

OTHER = CELL.replace("w = ", "v = ").replace("\nw\n", "\nv\n")


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("notebooks"))
    yield lab
    lab.close()


def command(page, name, arguments=None):
    page.evaluate(
        "([name, arguments]) => jupyterapp.commands.execute(name, arguments)", [name, arguments or {}]
    )


def run_all(page):
    command(page, "notebook:run-all-cells")
    view = page.locator(".jp-OutputArea-output .ll-explorer").first
    view.locator(".ll-bar").first.wait_for(timeout=60_000)
    return view


def slider(view, name="temperature"):
    return view.get_by_role("slider", name=name, exact=True)


def test_the_kernel_follows_the_page_and_back(lab, new_page):
    """By keyboard in command mode, by mouse, from Python; two views agree."""
    page, name = new_page(), "values.ipynb"
    lab.write(name, CELL, "w")
    lab.open(page, name)
    view = run_all(page)
    second = page.locator(".ll-explorer").nth(1)
    slider(view).focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    until(lambda: lab.eval(name, "w.temperature") == "0.75")
    page.keyboard.press("b")  # in command mode this adds a cell, and d d deletes the one with the widget
    page.keyboard.press("d")
    page.keyboard.press("d")
    assert page.locator(".jp-Notebook .jp-Cell").count() == 2
    expect(second.get_by_label("temperature, exact value")).to_have_value("0.75")
    slider(second).scroll_into_view_if_needed()
    box = slider(second).bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] + 20, box["y"] + box["height"] / 2, steps=10)
    page.mouse.up()
    until(lambda: lab.eval(name, "w.temperature") == "10.0")
    lab.eval(name, "setattr(w, 'top_k', 2)")
    expect(view.get_by_label("top_k, exact value")).to_have_value("2")
    view.get_by_role("button", name="dog").click()
    until(lambda: lab.eval(name, "w.selected") == "1")
    assert lab.eval(name, "w.sampler") == "Sampler([TopK(2), Temperature(10.0)])"


def test_two_widgets_do_not_meet(lab, new_page):
    """Each has its own ids and radio buttons: a label moves its own slider."""
    page, name = new_page(), "two.ipynb"
    lab.write(name, CELL, OTHER)
    lab.open(page, name)
    run_all(page)
    second = page.locator(".ll-explorer").nth(1)
    second.locator(".ll-bar").first.wait_for()
    ids = page.evaluate("[...document.querySelectorAll('.ll-explorer [id]')].map((node) => node.id)")
    assert len(set(ids)) == len(ids) > 20
    assert page.locator(".ll-plane input:checked").count() == 2
    second.locator("label", has_text="min_p").click()
    page.keyboard.press("End")
    expect(second.get_by_label("min_p, exact value")).to_have_value("1")
    expect(page.locator(".ll-explorer").first.get_by_label("min_p, exact value")).to_have_value("0")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"])
def test_themes(lab, new_page, theme):
    page, name = new_page(), "themes.ipynb"
    lab.write(name, CELL)
    lab.open(page, name)
    run_all(page)
    command(page, "apputils:change-theme", {"theme": theme})
    expect(page.locator(f".ll-explorer[data-theme={'light' if 'Light' in theme else 'dark'}]")).to_have_count(
        1
    )
    page.wait_for_timeout(300)
    assert violations(page) == {}
    command(page, "apputils:change-theme", {"theme": "JupyterLab Light"})


def test_a_restarted_kernel(lab, new_page):
    """The page goes on moving by itself; running the cell again binds it again."""
    page, name = new_page(), "restart.ipynb"
    lab.write(name, CELL)
    lab.open(page, name)
    view = run_all(page)
    before = lab.session(name)["kernel"]["id"]
    lab.api(f"kernels/{before}/restart", "POST")
    page.wait_for_timeout(500)
    slider(view).press("ArrowLeft")
    expect(view.locator(".ll-stats")).to_contain_text("4 of 4 tokens left")
    expect(view.get_by_label("temperature, exact value")).to_have_value("0.95")
    until(lambda: lab.session(name)["kernel"]["execution_state"] == "idle")
    view = run_all(page)
    expect(view.get_by_label("temperature, exact value")).to_have_value("1")
    slider(view).press("ArrowRight")
    until(lambda: lab.eval(name, "w.temperature") == "1.05")


def test_saved_closed_and_opened_again_without_running(lab, new_page):
    page, name = new_page(), "saved.ipynb"
    lab.write(name, CELL)
    lab.open(page, name)
    slider(run_all(page)).press("ArrowLeft")
    until(lambda: lab.eval(name, "w.temperature") == "0.95")
    command(page, "docmanager:save")
    saved = until(
        lambda: (n := json.loads((lab.notebooks / name).read_text()))["metadata"].get("widgets") and n
    )
    page.close()
    lab.api(f"sessions/{lab.session(name)['id']}", "DELETE")
    again = new_page()
    lab.open(again, name)
    view = again.locator(".jp-OutputArea-output .ll-explorer")
    view.locator(".ll-bar").first.wait_for()
    expect(view.get_by_label("temperature, exact value")).to_have_value("0.95")
    slider(view).press("ArrowLeft")
    expect(view.get_by_label("temperature, exact value")).to_have_value("0.9")
    [output] = saved["cells"][0]["outputs"]
    assert "<table>" in "".join(output["data"]["text/html"])  # what GitHub shows
