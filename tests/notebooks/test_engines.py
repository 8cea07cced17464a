"""The notebook of the engines runs, shows that they keep different tokens, and draws its pictures."""

from pathlib import Path

import pytest

from logitlab.sampling import ENGINES

from .running import RUNNER, assert_committed, printed

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "02-one-setting-six-engines.ipynb"


@pytest.fixture(scope="module")
def executed(built_in):
    return RUNNER.run(NOTEBOOK, quiet=True)


def test_engines_keep_different_tokens(executed):
    (cell,) = [cell for cell in executed.cells if cell.source.startswith("comparison = ll.compare(")]
    assert "ollama and ollama-mlx part at top_p" in cell.outputs[0].data["text/html"]
    assert "They agree on every row" in printed(executed, "temperature=0.7, top_k=40))")


def test_why_of_one_token(executed):
    said = printed(executed, "lost = next(")
    assert "was removed by step 3, MinP(0.05)" in said
    assert "vLLM" in said
    assert len(said.splitlines()) == 2


def test_every_engine_is_counted(executed):
    listed = printed(executed, "for name in ENGINES:").splitlines()
    assert [line.split()[0] for line in listed] == list(ENGINES)
    assert executed.cells[0].source.startswith("# One setting, six engines")
    assert len(ENGINES) == 6


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


def test_the_committed_texts_come_out_again(executed):
    assert_committed(executed, NOTEBOOK)
