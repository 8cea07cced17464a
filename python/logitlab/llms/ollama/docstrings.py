"""What a docstring says of a function and of each of its parameters: numpydoc, Google's style or Sphinx's."""

import re
from collections.abc import Iterator

_PARAMETERS = ("Parameters", "Other Parameters", "Args", "Arguments")
_GOOGLE = re.compile(r"(Args|Arguments|Parameters|Returns?|Yields?|Raises|Examples?|Notes?|Warns):")
_SPHINX = re.compile(r":(?:param(?: [^:]*?)? (?P<name>\w+)|\w+[^:]*):(?P<words>.*)")


def described(text: str) -> tuple[str, dict[str, str]]:
    r"""Return what stands before the first section, and the description of each parameter by name.

    Parameters
    ----------
    text : str
        A docstring without its indentation, as `inspect.getdoc` returns it.

    Examples
    --------
    >>> described("Add two numbers.\n\nArgs:\n    a (int): The first.\n    b: The other,\n        or none.")
    ('Add two numbers.', {'a': 'The first.', 'b': 'The other, or none.'})
    """
    summary: list[str] = []
    said: dict[str, str] = {}
    for title, lines in _sections(text.splitlines()):
        if not title:
            summary = lines
        elif title in _PARAMETERS:
            said |= _entries(lines)
        elif (sphinx := _SPHINX.fullmatch(title)) and sphinx["name"]:
            said[sphinx["name"]] = _joined([sphinx["words"], *lines])
    return _joined(summary), said


def _sections(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each section's title and lines; the first has no title. A field of Sphinx is a section of its own."""
    title, held = "", list[str]()
    for line, after in zip(lines, [*lines[1:], ""], strict=False):
        underlined = bool(line.strip()) and re.fullmatch(r"-{3,}", after) is not None
        if underlined or _GOOGLE.fullmatch(line) or _SPHINX.fullmatch(line):
            yield title, held
            title, held = line.rstrip(":") if _GOOGLE.fullmatch(line) else line, []
        elif not re.fullmatch(r"-{3,}", line):
            held.append(line)
    yield title, held


def _entries(lines: list[str]) -> dict[str, str]:
    """Return a line at the section's own margin begins a parameter: `name : type`, or `name (type): words`."""
    said: dict[str, list[str]] = {}
    names: list[str] = []
    filled = [line for line in lines if line.strip()]
    margin = min((_indent(line) for line in filled), default=0)
    for line in filled:
        if _indent(line) > margin:
            for name in names:
                said[name].append(line)
            continue
        head, _, words = line.partition(":")
        names = [name.strip() for name in head.partition("(")[0].split(",")]
        said |= {name: [words] if margin else [] for name in names}  # numpydoc has the type there
    return {name: _joined(words) for name, words in said.items()}


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _joined(lines: list[str]) -> str:
    """Return the words of some lines on one line."""
    return " ".join(" ".join(lines).split())
