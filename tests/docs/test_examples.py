"""Every code block of the README and the documentation runs, in order, and prints what stands below it."""

import contextlib
import doctest
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(python|output)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(code, names, page):
    """What a block prints; a block of >>> lines is compared with itself."""
    if code.lstrip().startswith(">>>"):
        example = doctest.DocTestParser().get_doctest(code, names, page, page, 0)
        failed, tried = doctest.DocTestRunner(verbose=False).run(example, clear_globs=False)
        names.update(example.globs)
        assert tried
        assert not failed, f"{failed} of {tried} examples of {page} fail"
        return ""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, page, "exec"), names)
    return printed.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_print_what_the_page_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some of them write files
    names, printed = {"__name__": page.stem}, []
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "python":
            printed.append(run(text, names, page.name))
        else:
            spoken = [output for output in printed if output]
            assert set(spoken) == {text}
            printed = []


def test_there_are_blocks():
    """The pattern finds what it is meant to find."""
    found = BLOCK.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert [kind for kind, _ in found].count("python") >= 3
    assert any(kind == "output" for kind, _ in found)


@pytest.mark.parametrize(
    "page", [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"], ids=lambda page: page.name
)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith("https://"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
