"""Write one HTML file with sliders on a row of logits: it moves without Python and without a network."""

import argparse
import json
from pathlib import Path
from typing import Any

from logitlab.command.logits import add_logits, read
from logitlab.command.options import add_common, given_options

SUMMARY = "a page with sliders on logits in a file"
USAGE = "LOGITS -o PAGE [options]"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    add_logits(parser)
    parser.add_argument("-o", "--output", metavar="PAGE", required=True, help="the HTML file to write")
    parser.add_argument("--tokens", metavar="FILE", help="the tokens' texts: one a line, or JSON")
    add_common(parser)
    parser.add_argument("--engine", metavar="NAME", help="whose order of steps (ollama)")
    parser.add_argument("--seed", type=int, metavar="S", default=0, help="of the page's draws (0)")
    parser.add_argument("--title", help="the page's title")


def run(given: argparse.Namespace) -> None:
    """Write the page, and print where it is."""
    from logitlab.explorer.widget import Explorer

    tokens = None if given.tokens is None else texts(Path(given.tokens))
    options = given_options(given)
    explorer = Explorer(read(given), tokens=tokens, engine=given.engine, seed=given.seed, **options)
    print(explorer.export(given.output, title=given.title))


def texts(path: Path) -> Any:
    """Return what a file says of the tokens: a JSON list, a JSON object, or its lines."""
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if text.lstrip().startswith(("[", "{")) else text.splitlines()
    except ValueError as error:
        raise ValueError(f"{path} must be UTF-8 text, one token a line, or JSON: {error}") from None
