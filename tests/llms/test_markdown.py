"""In Markdown an answer reads as it was written: amounts are no formulas, formulas stay, lines end where they end."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import markdown2html

from logitlab.llms import ChatMessage, ChatResponse, CompletionResponse
from logitlab.llms.markdown import safe_markdown

AMOUNTS = [
    "It costs $5 today and $10 tomorrow.",
    "from $5-$10",
    "$5, $6 and $7",
    "$1,000.50 ($900 before)",
    "a $ sign and another $ sign",
    "US$5 or C$7",
    "$5 or 10$ each",
    "one $",
    "$",
    "$$",
    "$5",
    "price:$5\nother:$6",
    "**$5** or *$6*",
    r"\$5 and \$10",
    "between $3.50 and 4.50$.",
    "earn $$$ now, and $$$ later",
    "$HOME and $PATH",
]
FORMULAS = [
    "$x^2$",
    "$x$ and $y$",
    "$mc^2$",
    "$2ab + b^2$",
    "$2 + 2 = 4$",
    r"$\sin 2x$",
    r"$\text{if } x > 0 \text{ then so}$",
    "$$x^2 + y^2$$",
    "$$\nx^2\n$$",
    r"$\frac{1}{2}$",
    r"$\{1, 2\}$",
    r"$5\,\mathrm{kg}$",
    "($x$)",
]


def seen(text):
    """The text that a reader sees; line ends in the HTML are blanks, only <br> ends a line."""
    page = markdown2html(safe_markdown(text)).strip()
    page = re.sub(r"\s*<br ?/?>\s*", "<br>", page)
    return html.unescape(re.sub(r"<(?!br)[^>]*>", "", page)).replace("<br>", "\n").strip()


@pytest.mark.parametrize("text", AMOUNTS)
def test_a_dollar_is_a_dollar(text):
    """No bare one is left that a page could take for a formula's; the reader sees each."""
    assert "$" not in safe_markdown(text)
    assert seen(text) == text.replace("\\", "").replace("*", "")


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize(
    "around", ["{}", "so {} holds", "it costs $5, {} holds", "{}: $5 to $6", "- {}\n- b"]
)
def test_a_formula_stays(text, around):
    """To the letter: what sets it reads it from the Markdown."""
    said = around.replace("{}", text)
    markdown = safe_markdown(said)
    assert text in markdown
    assert markdown.replace(text, "", 1).count("$") == 0


@pytest.mark.parametrize("text", ["`$5` and `$10`", "```\n$5\n$10\n```", "``$x$``", "`a\nb`"])
def test_code_is_code(text):
    code = re.findall(r"<code>(.*?)</code>", safe_markdown(text), re.DOTALL)
    assert [html.unescape(each).strip() for each in code] == [
        each.strip("`\n ") for each in re.findall(r"`+[^`]+`+", text)
    ]
    assert "$" not in safe_markdown(text)


@pytest.mark.parametrize(
    "text",
    [
        "a\nb",
        "a\nb\nc",
        "a\r\nb",
        "a **b**\nc",
        "a `b`\nc",
        "a\n`b` c",
        "a  \nb",
        "$x$\nb",
        "a\n$x$",
        "5$\nb",
    ],
)
def test_a_line_ends_where_it_ends(text):
    page = markdown2html(safe_markdown(text))
    assert page.count("<br") == text.replace("\r\n", "\n").count("\n")


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("- a\n- b\n\n1. c\n2. d", ("<ul>", "<ol>")),
        ("| a | b |\n| --- | --- |\n| 1 | 2 |", ("<table>", "<td>")),
        ("Title\n===\n\ntext", ("<h1",)),
        ("# Title\ntext", ("<h1",)),
        ("> a\n> b", ("<blockquote>",)),
        ("a\n\nb", ("<p>a</p>", "<p>b</p>")),
    ],
)
def test_blocks_stay(text, tags):
    page = markdown2html(safe_markdown(text))
    for tag in tags:
        assert tag in page


@pytest.mark.parametrize(
    "text", ["$a < b$", "$$a <img src=x>$$", "$![k]$", "$<script>$", "$$![a](http://x.org)$$"]
)
def test_nothing_hides_in_a_formula(text):
    markdown = safe_markdown(text)
    assert "<img" not in markdown2html(markdown)
    assert "<script" not in markdown
    assert "![" not in markdown.replace("\\![", "")


@given(
    st.lists(
        st.sampled_from(["$", "$$", "5", "x", " ", "\n", "`", "and", "\\", "^2", "<b>", "!["]), max_size=14
    )
)
def test_any_mixture_shows_no_html(parts):
    page = markdown2html(safe_markdown("".join(parts)))
    assert "<b>" not in page
    assert "<img" not in page


@pytest.mark.parametrize(
    "shown",
    [CompletionResponse("$5\n$6"), ChatResponse("$5\n$6"), ChatMessage("assistant", "$5\n$6")],
    ids=repr,
)
def test_everything_that_a_notebook_shows(shown):
    assert "$" not in shown._repr_markdown_()
    assert "  \n" in shown._repr_markdown_()
    assert str(shown) == "$5\n$6"
