"""The notebook of the engines runs, shows that they keep different tokens, and draws its pictures."""

from pathlib import Path

import pytest

from .running import RUNNER, printed

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "02-one-setting-five-engines.ipynb"


@pytest.fixture(scope="module")
def executed(built_in):
    return RUNNER.run(NOTEBOOK, quiet=True)


def test_engines_keep_different_tokens(executed):
    assert "ollama and ollama-mlx part at top_p" in printed(executed, "comparison = ll.compare(")
    assert "They agree on every row" in printed(executed, "temperature=0.7, top_k=40))")


def test_why_of_one_token(executed):
    said = printed(executed, "lost = next(")
    assert "was removed by step 3, MinP(0.05)" in said
    assert "is left" in said


def test_a_request_of_temperature_alone_is_cut(executed):
    alone, asked = printed(executed, "asked of Ollama").splitlines()
    assert "49152 tokens can be drawn" in alone
    assert asked.split()[3] == "32"


def test_about_13_tokens_are_left_in_the_answers(executed):
    _, average, _ = printed(executed, "stream_complete(prompt").splitlines()
    assert average == "13 of 49152 tokens could be drawn on average"


def test_pictures_and_tables(executed):
    shown = [output for cell in executed.cells for output in cell.get("outputs", []) if "data" in output]
    assert sum("image/png" in output.data for output in shown) == 4
    assert sum("text/html" in output.data for output in shown) == 2
