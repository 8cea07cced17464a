"""A model's text as Markdown that is safe to show in a notebook.

The text is untrusted: a model may be talked into writing anything. Lists, emphasis, tables and code stay;
HTML is shown as text, and an image becomes a link, since merely showing an image tells its server what the
URL holds. Code must show `<` as it is, yet a renderer may see code elsewhere than we do: so code is written
out as HTML of our own in which every character that means something is an entity.
"""

import re

_CODE = re.compile(
    r"^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?P<block>.*?)(?:^[ ]{0,3}(?P=fence)[`~]*[ ]*$|\Z)"
    r"|(?<!`)(?P<tick>`+)(?!`)(?P<span>.+?)(?<!`)(?P=tick)(?!`)",
    re.MULTILINE | re.DOTALL,
)
_PLAIN = re.compile(r"<|&(?=#?\w+;)|!(?=\[)")
_INSTEAD = {"<": "&lt;", "&": "&amp;", "!": r"\!"}


def safe_markdown(text: str) -> str:
    """`text` with its Markdown kept, its HTML shown as text and its images as links.

    Examples
    --------
    >>> safe_markdown("**1 < 2** <script>alert(1)</script>")
    '**1 &lt; 2** &lt;script>alert(1)&lt;/script>'
    >>> safe_markdown("![a](http://example.org/?secret)")
    '\\\\![a](http://example.org/?secret)'
    """
    out, end = [], 0
    for code in _CODE.finditer(text):
        out += [_plain(text[end : code.start()]), _code(code)]
        end = code.end()
    return "".join([*out, _plain(text[end:])])


def _plain(text: str) -> str:
    return _PLAIN.sub(lambda found: _INSTEAD[found[0]], text)


def _code(found: re.Match[str]) -> str:
    if found["fence"]:
        return f"\n<pre><code>{_entities(found['block'])}</code></pre>\n"
    return f"<code>{_entities(found['span'].strip())}</code>"


def _entities(text: str) -> str:
    return re.sub(r"[^\w ]|_", lambda found: f"&#{ord(found[0])};", text)
