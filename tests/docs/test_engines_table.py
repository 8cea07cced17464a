"""The page on samplers says of each engine at which version it was read, and which was run."""

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from logitlab.sampling import ENGINES

PAGE = (Path(__file__).parents[2] / "docs" / "sampling.md").read_text(encoding="utf-8")


def test_the_table_has_every_engine():
    table = PAGE.split("| engine | read at | run |\n|---|---|---|\n")[1].split("\n\n")[0]
    rows = [tuple(cell.strip(" `") for cell in line.strip("|").split("|")) for line in table.splitlines()]
    assert rows == [(name, engine.version, engine.ran or "only read") for name, engine in ENGINES.items()]


def test_llama_cpp_is_of_the_wheel_that_is_installed_or_an_older_one():
    ran = re.search(r"xllamacpp (\S+)", ENGINES["llama.cpp"].ran)[1]
    try:
        installed = version("xllamacpp")
    except PackageNotFoundError:
        pytest.skip("not on this machine: the wheel with llama.cpp is for Linux on x86-64")
    assert [*map(int, installed.split("."))] >= [*map(int, ran.split("."))]
