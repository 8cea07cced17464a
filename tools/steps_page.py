"""Writes docs/steps.md from the docstrings of the sampler's steps: `make docs`. A test compares."""

import inspect
import re
from pathlib import Path

from logitlab._kernels import STEPS
from logitlab.sampling.steps.base import registry

PAGE = Path(__file__).parents[1] / "docs" / "steps.md"
TOP = """# The steps of a sampler

In the order in which the default engine runs them. `make docs` writes this page from the docstrings of the classes,
which also have each parameter, the errors and an example: `help(logitlab.sampling.TopK)`. [Samplers](sampling.md) says
how they are used.

| step | options | what it does |
|---|---|---|
"""


def row(step):
    options = ", ".join(f"`{option}`" for option in step.options)
    return f"| [`{step.__name__}`](#{step.__name__.lower()}) | {options} | {parts(step)[0]} |\n"


def parts(step):
    """The first line of a step's docstring, and what follows it up to the first section."""
    first, *rest = re.split(r"\n\w+\n---", inspect.getdoc(step))[0].replace("``", "`").split("\n", 1)
    return first, "".join(rest).strip()


def page():
    steps = [registry[kind] for kind in STEPS]
    sections = [
        f"\n## {step.__name__}\n\n{parts(step)[0]}\n\n{parts(step)[1]}".rstrip() + "\n" for step in steps
    ]
    return TOP + "".join(map(row, steps)) + "".join(sections)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
