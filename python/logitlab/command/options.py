"""The options that commands share. Their ranges are those of the sampler and the models, which say what is wrong."""

import argparse
import json
from collections.abc import Sequence
from typing import Any

from logitlab.messages import shown

# the options that have a letter or a line of their own; the rest go through --set
COMMON = {
    "temperature": ("-T", "T", "divides the logits; 0 takes the best token"),
    "top_k": ("-k", "K", "keep the K largest logits"),
    "top_p": ("-p", "P", "keep the most probable, until their sum is P"),
    "min_p": (None, "M", "keep what has M times the largest probability"),
}


def number(text: str) -> int | float:
    """Return the number that a text spells."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    raise argparse.ArgumentTypeError(f"a number is needed, got {text!r}")


def setting(text: str) -> tuple[str, Any]:
    """Return the name and the value of NAME=VALUE; a value that is no JSON is a string."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"NAME=VALUE is needed, got {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def add_common(parser: argparse.ArgumentParser, names: Sequence[str] = tuple(COMMON)) -> None:
    """Add the options that every sampler has."""
    for name in names:
        letter, metavar, help_ = COMMON[name]
        flags = [letter] if letter else []
        flags.append(f"--{name.replace('_', '-')}")
        parser.add_argument(*flags, dest=name, type=number, metavar=metavar, help=help_)


def add_others(parser: argparse.ArgumentParser, whose: str) -> None:
    """Add --set, for every other option."""
    parser.add_argument(
        "--set",
        dest="others",
        action="append",
        default=[],
        type=setting,
        metavar="NAME=VALUE",
        help=f"any other option of {whose}",
    )


def given_options(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the options of a sampler or a model that were given, by their names."""
    own = {name: getattr(arguments, name) for name in COMMON}
    options: dict[str, Any] = {}
    for name, value in [*own.items(), *getattr(arguments, "others", ())]:
        if options.get(name) is not None:
            raise ValueError(f"{name} must be given once, got {shown(options[name])} and {shown(value)}")
        options[name] = value
    return {name: value for name, value in options.items() if value is not None}
