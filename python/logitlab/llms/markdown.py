"""A model's text as Markdown that is safe to show in a notebook, and says there what the text says.

The text is untrusted: a model may be talked into writing anything. Lists, emphasis, tables and code stay;
HTML is shown as text, and an image becomes a link, since merely showing an image tells its server what the
URL holds. Code must show `<` as it is, yet a renderer may see code elsewhere than we do: so code is written
out as HTML of our own in which every character that means something is an entity.

A line end stays a line end, where Markdown would make it a blank. A dollar sign is shown as one, unless it
delimits a formula: then no blank stands inside of the two, no digit follows the second (Pandoc's rule), and
there are no words between them. An escaped dollar sign would not do: JupyterLab takes the backslash away and
then looks for formulas, so it stands in an element of its own.
"""

import re

_CODE = re.compile(
    r"^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?P<block>.*?)(?:^[ ]{0,3}(?P=fence)[`~]*[ ]*$|\Z)"
    r"|(?<!`)(?P<tick>`+)(?!`)(?P<span>.+?)(?<!`)(?P=tick)(?!`)",
    re.MULTILINE | re.DOTALL,
)
_MATH = re.compile(
    r"(?<![\\$])\$\$(?![\s$])(?P<display>(?:[^$\\\n]|\\.|\n(?!\s*\n))+?)\$\$(?!\$)"
    r"|(?<![\\$])\$\$\s*\n(?P<block>(?:[^$\\]|\\.)+?)\n\s*\$\$(?!\$)"
    r"|(?<![\\$])\$(?![\s$])(?P<inline>(?:[^$\\\n]|\\.|\n(?!\s*\n))*?(?:[^$\\\s]|\\.))\$(?![\d$])",
    re.DOTALL,
)
_TEXT_IN_MATH = re.compile(r"\\[A-Za-z]+\{[^{}]*\}")
_AMOUNT = re.compile(
    r"[-+]?[.,]?\d.*?(?<![^\s])[A-Za-z]{2,}", re.DOTALL
)  # a number, and a word that stands free
_PROSE = re.compile(r"(?:(?<![^\s])[A-Za-z]{3,}[\s,.;:!?].*?){2}", re.DOTALL)  # two such words
_PLAIN = re.compile(r"<|&(?=#?\w+;)|!(?=\[)|\\?\$|(?:(?<=\S)|\A)[ \t]*\n(?=[ \t]*(?:\S|\Z))")
_INSTEAD = {"<": "&lt;", "&": "&amp;", "!": r"\!", "$": "<span>&#36;</span>"}
_IN_MATH = {"<": r"\lt ", "!": "!{}"}


def safe_markdown(text: str) -> str:
    r"""`text` with its Markdown kept, its HTML shown as text, its images as links and its dollars as dollars.

    Examples
    --------
    >>> safe_markdown("**1 < 2** <script>alert(1)</script>")
    '**1 &lt; 2** &lt;script>alert(1)&lt;/script>'
    >>> safe_markdown("![a](http://example.org/?secret)")
    '\\![a](http://example.org/?secret)'
    >>> safe_markdown("$x^2$ costs $5")
    '$x^2$ costs <span>&#36;</span>5'
    """
    out, end = [], 0
    text = text.replace("\r\n", "\n")
    for code in _CODE.finditer(text):
        out += [_prose(text[end : code.start()]), _code(code)]
        end = code.end()
    return "".join([*out, _prose(text[end:])])


def _prose(text: str) -> str:
    """Return what stands between pieces of code: formulas stay, everything else is made plain."""
    out, end = [], 0
    at = 0
    while math := _MATH.search(text, at):
        if math["inline"] and _says_words(math["inline"]):
            at = math.start() + 1  # an amount; what looks like its end may begin a formula
            continue
        out += [_plain(text[end : math.start()]), _formula(math[0])]
        end = at = math.end()
    return "".join([*out, _plain(text[end:])])


def _says_words(between: str) -> bool:
    """Whether what stands between two dollar signs is prose, such as an amount and what follows it."""
    bare = _TEXT_IN_MATH.sub("", between)
    return bare.endswith(("(", "[")) or bool(_AMOUNT.match(bare) or _PROSE.search(bare + " "))


def _formula(text: str) -> str:
    """Return a formula, in which neither HTML nor an image can hide."""
    return re.sub(r"<|!(?=\[)", lambda found: _IN_MATH[found[0]], text)


def _plain(text: str) -> str:
    return _PLAIN.sub(_instead, text)


def _instead(found: re.Match[str]) -> str:
    if found[0].endswith("\n"):
        return "  \n"  # Markdown's way to write a line end
    return _INSTEAD[found[0].removeprefix("\\")]


def _code(found: re.Match[str]) -> str:
    if found["fence"]:
        return f"\n<pre><code>{_entities(found['block'])}</code></pre>\n"
    return f"<code>{_entities(found['span'].strip())}</code>"


def _entities(text: str) -> str:
    return re.sub(r"[^\w ]|_", lambda found: f"&#{ord(found[0])};", text)
