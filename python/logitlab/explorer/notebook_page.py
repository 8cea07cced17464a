"""A notebook as one HTML page that fetches nothing: formulas, plots, and each Explorer alive in it.

nbconvert turns cells into HTML; what is ours is what its own pages need a network for. A formula becomes MathML, which
browsers draw without a script. A widget becomes its exported page in a frame, from the state that the notebook's front
end, or the program that ran it, saved in the file. An Explorer whose state was not saved stays the table and the
picture that every output of it has.
"""

import base64
import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from logitlab.explorer.export import standing_page
from logitlab.explorer.pack import STATIC
from logitlab.explorer.twice import is_picture
from logitlab.explorer.widget import Explorer
from logitlab.extras import need

if TYPE_CHECKING:
    import jinja2
    import latex2mathml.converter as mathml
    import nbformat
    from nbconvert.exporters import html as exporters
    from nbconvert.filters import markdown_mistune as markdown
    from nbformat import NotebookNode
else:
    jinja2 = need("jinja2", "notebook")
    exporters = need("nbconvert.exporters.html", "notebook")
    markdown = need("nbconvert.filters.markdown_mistune", "notebook")
    nbformat = need("nbformat", "notebook")
    NotebookNode = nbformat.NotebookNode
    mathml = need("latex2mathml.converter", "notebook")

_CELLS: Any = {"template_name": "basic", "exclude_input_prompt": True, "exclude_output_prompt": True}
VIEW = "application/vnd.jupyter.widget-view+json"
STATE = "application/vnd.jupyter.widget-state+json"


class _Renderer(markdown.IPythonRenderer):
    """Markdown whose formulas are MathML."""

    def block_math(self, body: str) -> str:
        return _formula(body, "block")

    def inline_math(self, body: str) -> str:
        return _formula(body, "inline")


def _formula(body: str, display: str) -> str:
    """Return MathML as HTML has it: with a name space, a heading's formula would be taken apart."""
    formula: str = mathml.convert(body, display=display, xmlns="")
    return formula.replace(' xmlns=""', "")


class _Exporter(exporters.HTMLExporter):
    """The cells alone; the page around them is ours."""

    @jinja2.pass_context
    def markdown2html(self, _: Any, source: str) -> str:
        return markdown.MarkdownWithMath(renderer=_Renderer(escape=False)).render(source)


def notebook_page(notebook: Any, title: str | None = None) -> str:
    """Return the notebook as a page.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        A notebook of format 4, with its outputs. It is not changed.
    title : str, optional
        The page's title; by default the notebook's first heading.

    Returns
    -------
    str
        HTML. It asks no network: pictures, formulas and explorers are in it.

    Raises
    ------
    ModuleNotFoundError
        Without the extra ``notebook``.
    """
    cells = _Exporter(**_CELLS)  # type: ignore[no-untyped-call]
    body, _ = cells.from_notebook_node(_shown(notebook))
    before, after = (STATIC / "page-notebook.html").read_text(encoding="utf-8").split("@BODY@")
    return before.replace("@TITLE@", html.escape(title or _heading(notebook))) + str(body) + after


def _heading(notebook: Any) -> str:
    for cell in notebook.cells:
        for line in cell.source.splitlines():
            if cell.cell_type == "markdown" and line.startswith("#"):
                return str(line.lstrip("# "))
    return "Notebook"


def _shown(notebook: Any) -> Any:
    """Return a copy with what a page shows: no progress bars and warnings, and explorers in frames."""
    saved = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    copy = nbformat.from_dict(notebook)  # type: ignore[no-untyped-call]
    copy.metadata.pop("widgets", None)  # a second time what the frames hold
    for cell in copy.cells:
        if cell.cell_type == "code":
            outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
            cell.outputs = _with_frames(outputs, saved)
    return copy


def _with_frames(outputs: list[Any], saved: Mapping[str, Any]) -> list[Any]:
    """Put each explorer whose state is saved into a frame, in place of its view and its picture."""
    for output in list(outputs):
        view = output.get("data", {}).pop(VIEW, None)
        model = saved.get(view["model_id"]) if view else None
        if model and {"_row", "_source"} <= set(values := _values(model)):
            pictures = _pictures(outputs, values.get("_picture"))
            outputs = [other for other in outputs if not any(other is picture for picture in pictures)]
            still = pictures[0].data["text/html"] if pictures else output.data.get("text/html", "")
            title = values["_source"].get("prompt") or "Explorer"
            frame = _frame(title, standing_page(title, still, values))
            output.data = NotebookNode({"text/html": frame})  # type: ignore[no-untyped-call]
    return outputs


def _pictures(outputs: list[Any], name: str | None) -> list[Any]:
    return [output for output in outputs if name and is_picture(output.get("data", {}), name)]


def _values(model: Mapping[str, Any]) -> dict[str, Any]:
    """Return the traits of an Explorer that a front end saved, bytes as bytes."""
    own = Explorer.class_own_traits(sync=True)
    values = {name: value for name, value in model["state"].items() if name in own}
    for buffer in model.get("buffers", []):
        if buffer["encoding"] == "base64" and buffer["path"][0] in own:
            values[buffer["path"][0]] = base64.b64decode(buffer["data"])
    return values


def _frame(title: str, page: str) -> str:
    name, source = html.escape(f"Explorer: {title}"), html.escape(page)
    return f'<iframe title="{name}" onload="fit(this)" srcdoc="{source}"></iframe>'
