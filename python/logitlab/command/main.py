"""Choose a command and run it; what goes wrong is one sentence and an exit status.

0: done. 1: a server failed. 2: a mistake in what was given, or something that is not installed. Ctrl-C ends the process
by its signal, so that a shell's loop ends too, and a closed pipe ends it quietly, as for any other program.
"""

import argparse
import contextlib
import io
import os
import signal
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import Any, NoReturn

PROGRAM = "python -m logitlab"
COMMANDS = ("info", "complete", "explore", "html", "sample")  # modules of this package
MISTAKES = (ValueError, TypeError, OSError, ImportError, MemoryError)
CLOSED_PIPE = 128 + signal.SIGPIPE


class Parser(argparse.ArgumentParser):
    """A parser whose help fits on a screen of 24 lines, and whose errors are one sentence."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(formatter_class=partial(argparse.HelpFormatter, max_help_position=26), **settings)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong on one line, and leave with status 2."""
        self.exit(2, f"{self.prog}: {message} ({self.prog} --help says more)\n")


def parser() -> Parser:
    """Return the parser of the whole command line."""
    from logitlab import __version__

    whole = Parser(
        prog=PROGRAM, description="The last step of a language model, where logits become a token."
    )
    whole.add_argument("--version", action="version", version=__version__)
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f"logitlab.command.{name}")
        usage = f"{PROGRAM} {name} {module.USAGE}"
        said = (module.__doc__ or "").partition("\n\n")[0]
        own = commands.add_parser(name, help=module.SUMMARY, usage=usage, description=said)
        module.arguments(own)
        own.set_defaults(run=module.run)
    return whole


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit status.

    Parameters
    ----------
    words : sequence of str, optional
        The command line; not given, it is that of this process.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a model's text on a terminal that has no UTF-8
    command = ""
    try:
        given = parser().parse_args(words)
        command = given.command
        given.run(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        _end_by_interrupt()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is still buffered goes nowhere
        return CLOSED_PIPE
    except Exception as error:
        return _failed(command, error)
    return 0


def _end_by_interrupt() -> None:
    with contextlib.suppress(OSError):
        if sys.stdout.isatty():
            print()  # the prompt starts on a line of its own
        sys.stdout.flush()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)


def _failed(command: str, error: Exception) -> int:
    """Say what went wrong, and return the exit status; what nobody expected keeps its traceback."""
    of_a_server = _is_of_a_server(error)
    if not isinstance(error, MISTAKES) and not of_a_server:
        raise error
    print(f"{PROGRAM} {command}: {_sentence(error)}", file=sys.stderr)
    return 1 if of_a_server or isinstance(error, ConnectionError | TimeoutError) else 2


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and isinstance(error.filename, str) and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split())


def _is_of_a_server(error: Exception) -> bool:
    errors = sys.modules.get("logitlab.llms.ollama.errors")
    return errors is not None and isinstance(error, errors.OllamaError)
