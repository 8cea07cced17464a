"""Draw tokens from logits and print their ids, one line for each row.

The same logits, options and seed give the same tokens on every machine.
"""

import argparse
import math

from logitlab.command.logits import add_logits, read
from logitlab.command.options import add_common, add_others, given_options

SUMMARY = "draw tokens from logits in a file"
USAGE = "LOGITS [options]"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    add_logits(parser)
    add_common(parser)
    add_others(parser, "a sampler")
    parser.add_argument("--engine", default="ollama", metavar="NAME", help="whose order of steps (ollama)")
    parser.add_argument("--seed", type=int, metavar="S", help="the same draws again")
    parser.add_argument(
        "-n", "--size", type=int, metavar="N", default=1, help="so many draws for each row (1)"
    )


def run(given: argparse.Namespace) -> None:
    """Print the draws."""
    from logitlab.sampling import Sampler

    logits = read(given)
    sampler = Sampler(engine=given.engine, **given_options(given))
    drawn = sampler.sample(logits, size=given.size, rng=given.seed)
    for row in drawn.reshape(math.prod(drawn.shape[:-1]), given.size):
        print(*row)
