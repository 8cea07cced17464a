"""Ask a model and print its answer as it comes.

The model is that of an Ollama server, or the built-in one where there is no server; standard error says which.
"""

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING, Any

from logitlab.command.options import add_common, add_others, given_options

if TYPE_CHECKING:
    from logitlab.llms import LLM

SUMMARY = "ask a model; the answer is printed as it comes"
USAGE = "PROMPT [options]"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_argument("prompt", metavar="PROMPT", help="the text; - is standard input")
    parser.add_argument(
        "-m", "--model", metavar="NAME", default="gemma:7b", help="of the server (gemma:7b), or builtin"
    )
    add_common(parser)
    add_others(parser, "the model")
    parser.add_argument("--seed", type=int, metavar="S", help="the same answer again")
    parser.add_argument("-n", "--num-predict", type=int, metavar="N", help="at most so many tokens")


def run(given: argparse.Namespace) -> None:
    """Print the answer, and end its last line."""
    options = given_options(given)
    for name in ("seed", "num_predict"):
        if (value := getattr(given, name)) is not None:
            options[name] = value
    prompt = sys.stdin.read() if given.prompt == "-" else given.prompt
    last = ""
    with contextlib.redirect_stdout(sys.stderr):  # which model answers is no part of the answer
        model = _model(given.model, options)
    with model:
        for response in model.stream_complete(prompt):
            print(response.delta, end="", flush=True)
            last = response.delta or last
    if not last.endswith("\n"):
        print()


def _model(name: str, options: dict[str, Any]) -> "LLM":
    from logitlab.llms import BuiltIn, connect

    return BuiltIn(**options) if name == "builtin" else connect(name, **options)
