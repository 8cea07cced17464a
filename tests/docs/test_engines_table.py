"""The pages say of each engine at which version it was read, which was run, and what it does by default."""

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

from logitlab.llms.ollama import effective
from logitlab.ollama_defaults import DEFAULTS, series
from logitlab.sampling import ENGINES

PAGE = (Path(__file__).parents[2] / "docs" / "sampling.md").read_text(encoding="utf-8")


def test_the_table_has_every_engine():
    table = PAGE.split("| engine | read at | run |\n|---|---|---|\n")[1].split("\n\n")[0]
    rows = [tuple(cell.strip(" `") for cell in line.strip("|").split("|")) for line in table.splitlines()]
    assert rows == [(name, engine.version, engine.ran or "only read") for name, engine in ENGINES.items()]


LABELS = {"ollama": "Ollama", "vllm": "vLLM"}  # the others are called as here


def test_the_page_on_options_has_the_defaults():
    page = (Path(__file__).parents[2] / "docs" / "options.md").read_text(encoding="utf-8")
    table = page.split("| | temperature | top_k | top_p | min_p |\n|---|--:|--:|--:|--:|\n")[1].split("\n\n")[
        0
    ]
    found = {}
    for line in table.splitlines():
        who, *cells = (cell.strip() for cell in line.strip("|").split("|"))
        found[who.split(",")[0].split(" ")[0]] = [cell.split(" ")[0] for cell in cells]
    options = ("temperature", "top_k", "top_p", "min_p")
    off = {"temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
    for name in ("ollama", "llama.cpp", "transformers", "vllm", "mlx-lm"):
        label = LABELS.get(name, name)
        told = [
            off[o] if cell == "off" else float(cell) for o, cell in zip(options, found[label], strict=True)
        ]
        assert told == [ENGINES[name].defaults.get(option, off[option]) for option in options], label
    assert f"| Ollama {series()}, and logitlab's built-in model |" in table
    assert {name: effective.DEFAULTS[name] for name in DEFAULTS} == dict(DEFAULTS)


def test_llama_cpp_is_of_the_wheel_that_is_installed_or_an_older_one():
    ran = re.search(r"xllamacpp (\S+)", ENGINES["llama.cpp"].ran)[1]
    try:
        installed = version("xllamacpp")
    except PackageNotFoundError:
        pytest.skip("not on this machine: the wheel with llama.cpp is for Linux on x86-64")
    assert [*map(int, installed.split("."))] >= [*map(int, ran.split("."))]
