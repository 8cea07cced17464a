"""A notebook becomes one page: formulas as MathML, pictures, explorers that move, and nothing from a network."""

import base64
import html
import re

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import logitlab as ll

page_of = pytest.importorskip("logitlab.explorer.notebook_page", reason="the extra notebook is not installed")


def saved(explorer, cell):
    """A notebook as a front end saves it when it saves the state of widgets, too."""
    notebook = new_notebook(cells=[new_markdown_cell("# Title & more"), cell])
    state, buffers = {}, []
    for name, value in explorer.get_state().items():
        if isinstance(value, bytes):
            data = base64.b64encode(value).decode()
            buffers.append({"encoding": "base64", "path": [name], "data": data})
        else:
            state[name] = value
    model = {"model_name": "AnyModel", "state": state, "buffers": buffers}
    notebook.metadata["widgets"] = {page_of.STATE: {"state": {explorer.model_id: model}}}
    return notebook


def shown(explorer):
    """A cell with the outputs that a front end gets."""
    with pytest.MonkeyPatch.context() as patch:
        outputs = []
        patch.setattr(
            "IPython.display.publish_display_data",
            lambda data, metadata=None: outputs.append(
                new_output("display_data", data=data, metadata=metadata or {})
            ),
        )
        explorer._ipython_display_()
    return new_code_cell("explorer", outputs=outputs)


def outside_frames(page):
    return re.sub(r'srcdoc="[^"]*"', "", page)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_explorer_whose_state_is_saved_is_alive_in_the_page(dtype):
    explorer = ll.Explorer(np.array([2, 1, 0.5], dtype), temperature=0.7)
    page = page_of.notebook_page(saved(explorer, shown(explorer)))
    assert page.count("<iframe") == 1
    assert "<table" not in outside_frames(page)  # the picture is in the frame, and nowhere else
    assert page_of.VIEW not in page
    assert page_of.STATE not in page
    assert "&quot;temperature&quot;: 0.7" in page
    assert "<title>Title &amp; more</title>" in page


def test_an_explorer_without_state_is_its_table():
    explorer = ll.Explorer([2.0, 1.0, 0.5])
    notebook = new_notebook(cells=[shown(explorer)])
    page = page_of.notebook_page(notebook)
    assert "<iframe" not in page
    assert page_of.VIEW not in page
    assert page.count("<table") == 1


def test_formulas_are_mathml():
    text = "## At $T$\n\nWith $T$ of $2, and:\n\n$$p_i = \\frac{e^{x_i / T}}{\\sum_j e^{x_j / T}}$$\n\nx<sub>i</sub>"
    page = page_of.notebook_page(new_notebook(cells=[new_markdown_cell(text)]))
    assert page.count("<math") == 3
    assert "xmlns" not in page
    assert "$$" not in page
    assert "<mfrac>" in page
    assert "<sub>i</sub>" in page


def test_a_progress_bar_and_a_warning_are_left_out():
    outputs = [
        new_output("stream", name="stderr", text="Fetching ... into /home/somebody\r 10 %\r 20 %"),
        new_output("stream", name="stdout", text="an answer <b> & more\n"),
    ]
    page = page_of.notebook_page(new_notebook(cells=[new_code_cell("x", outputs=outputs)]))
    assert "Fetching" not in page
    assert "an answer &lt;b&gt; &amp; more" in page


def test_the_notebook_itself_stays_as_it_is():
    explorer = ll.Explorer([2.0, 1.0, 0.5])
    notebook = saved(explorer, shown(explorer))
    before = nbformat.writes(notebook)
    page_of.notebook_page(notebook)
    assert nbformat.writes(notebook) == before


def test_nothing_is_asked_of_a_network():
    explorer = ll.Explorer([2.0, 1.0, 0.5])
    page = page_of.notebook_page(saved(explorer, shown(explorer)))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'")
    assert not re.search(r'(src|href)="(https?:)?//', outside_frames(page))


@pytest.mark.parametrize("title", ["@STATE@", "</script><b>", 'a "quoted" & long one'])
def test_a_title_is_text(title):
    page = page_of.notebook_page(new_notebook(cells=[new_markdown_cell("text")]), title)
    shown_title = re.search(r"<title>(.*?)</title>", page)[1]
    assert "<" not in shown_title
    assert html.unescape(shown_title) == title
