"""The tutorial runs from its first cell to its last, prints the tutorial's numbers, and its answers are the
model's.

The committed outputs come from `tools/run_notebook.py --in-place`.
"""

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from .running import RUNNER, assert_committed, printed

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "01-temperature-and-top-k.ipynb"


@pytest.fixture(scope="module")
def executed(built_in, tutorial_environment):
    """Longer than 20 s: it is what `make tutorial` does, forty answers and more, token by token."""
    return RUNNER.run(NOTEBOOK, quiet=True)


@pytest.fixture(scope="module")
def tutorial_environment():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOGITLAB_CONNECT", "builtin")
        yield


def test_the_numbers_of_the_tutorial(executed):
    assert printed(executed, "softargmax(logits, T=0.1)") == (
        "[0.08714432 0.23688282 0.0320586  0.64391426]\n[0.23632778 0.26118259 0.21383822 0.28865141]\n"
    )
    assert (
        printed(executed, "print(ll.top_k(logits, k=2))")
        == "[0.3 0.4]\n[0.2 0.3 0.4]\n[0.1 0.2 0.3 0.4]\n[1 3]\n"
    )


def test_the_answers_of_section_4_are_those_of_the_model(executed, built_in):
    options = {"temperature": 0.8, "top_p": 1, "seed": 3, "num_predict": 60}
    said = re.split(r"^--- top_k = \d+\n", printed(executed, "def first_difference"), flags=re.MULTILINE)[1:]
    before = None
    for k, text in zip((1, 5, 50, 100), said, strict=True):
        answer = str(built_in.complete("What is Singapore?", top_k=k, **options))
        expected = "the same answer, token for token" if answer == before else answer
        assert text.replace("«", "").replace("»", "") == expected + "\n"
        before = answer


def test_the_answers_are_those_of_the_model(executed, built_in):
    prompt = "Write a happy birthday message to my friend"
    for setting, options in {
        "temperature = 0.6": {"temperature": 0.6},
        "temperature = 1.0": {"temperature": 1.0},
        "top_k = 50\n": {"temperature": 0.8, "top_k": 50},
        "top_k = 100\n": {"temperature": 0.8, "top_k": 100},
    }.items():
        answer = built_in.complete(prompt, seed=4, num_predict=120, **options)
        assert printed(executed, setting) == f"{answer}\n"


def test_what_is_kept_is_normalised_again(executed):
    over_the_kept, by_division = printed(executed, "kept = ll.top_k(").splitlines()
    assert over_the_kept == by_division == "[0.47502081 0.52497919]"


def test_the_answer_changes_with_the_seed(built_in):
    answers = {str(built_in.complete("What is Singapore?", seed=seed, num_predict=30)) for seed in range(4)}
    assert len(answers) == 4


def test_what_was_in_force_is_shown(executed):
    (cell,) = [cell for cell in executed.cells if cell.source == "response.options"]
    shown = eval(cell.outputs[0].data["text/plain"])
    assert (shown["temperature"], shown["top_k"], shown["top_p"], shown["seed"]) == (0.8, 40, 0.9, 4)


def test_a_high_temperature_gives_more_different_sentences(executed):
    low, high = map(
        int, re.findall(r"(\d+) different first sentences", printed(executed, "def first_sentence"))
    )
    assert 1 <= low < high <= 20


def test_where_answers_part_is_marked(executed, built_in):
    """The mark stands around the first token that is not the one of the answer before."""
    text = printed(executed, "def first_difference")
    answers = re.split(r"^--- top_k = (\d+)\n", text, flags=re.MULTILINE)[1:]
    answers = {int(k): answer.rstrip("\n") for k, answer in zip(answers[::2], answers[1::2], strict=True)}
    assert list(answers) == [1, 5, 50, 100]
    before = built_in.tokenize(answers.pop(1))
    assert any("«" in answer for answer in answers.values())
    for answer in answers.values():
        if answer == "the same answer, token for token":
            continue
        same, first, rest = re.fullmatch(r"(?s)(.*)«(.*)»(.*)", answer).groups()
        tokens = built_in.tokenize(same + first + rest)
        parting = [a == b for a, b in zip(before, tokens, strict=False)].index(False)
        assert (same, first) == (
            built_in.detokenize(tokens[:parting]),
            built_in.detokenize([tokens[parting]]),
        )
        before = tokens


def test_the_mass_between_50_and_100_is_small(executed):
    said = printed(executed, "between, needed")
    share = float(re.search(r"between rank 50 and 100: ([\d.]+)%", said)[1])
    assert 0.1 < share < 5
    one_in = int(re.search(r"one draw in (\d+)", said)[1])
    assert one_in == pytest.approx(100 / share, rel=0.02)


def test_the_favourite_is_the_same_at_every_temperature(executed):
    text = printed(executed, "favourite = row.argmax()")
    favourites = re.findall(r"favourite ('.*?') \(", text)
    drawn = [float(share) for share in re.findall(r"drawn +([\d.]+)%", text)]
    assert len(favourites) == 4
    assert len(set(favourites)) == 1
    assert drawn == sorted(drawn, reverse=True)


def test_the_same_seed_gives_the_same_tokens(executed):
    first, again, other = printed(executed, "for seed in (0, 0, 1)").splitlines()
    assert first == again
    assert other.split(" ", 1)[1] != first.split(" ", 1)[1]


def test_the_plot_is_there_and_nothing_warns(executed):
    pictures = [
        o for cell in executed.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})
    ]
    assert len(pictures) == 1
    assert not [o for cell in executed.cells for o in cell.get("outputs", []) if o.get("name") == "stderr"]


def test_it_says_that_the_model_invents_facts():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert any("invents\nfacts" in cell.source or "invents facts" in cell.source for cell in notebook.cells)


def texts(notebook):
    return [
        "".join(output.get("text", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


@pytest.mark.parametrize(
    "words",
    ["ollama pull gemma:7b", "What is a Large Language Model?", "normalised again", "$T < 1$", "$T > 1$"],
)
def test_what_the_tutorial_must_say(executed, words):
    assert any(words in cell.source for cell in executed.cells)


def test_it_leads_on_to_the_other_notebooks_and_ends_with_the_explorer(executed):
    *_, last_text, last = executed.cells
    for other in NOTEBOOK.parent.glob("0[23]*.ipynb"):
        assert f"({other.name})" in last_text.source
    assert "Explorer" in last.source


TUTORIAL_CELLS = [
    "from logitlab import connect",
    'llm = connect("gemma:7b", num_predict=24)',  # eight answers: as short as will do
    'response = llm.complete("What is Singapore?")\nprint(response)',
    'prompt = "What is Singapore?"\ntemperature = 0.6',
    "response = llm.complete(prompt, temperature=temperature)\nprint(response)",
    "temperature = 1.0\nresponse = llm.complete(prompt, temperature=temperature)\nprint(response)",
    "import numpy as np\nfrom logitlab import softargmax",
    "logits = np.array([0.2, 0.3, 0.1, 0.4])\nT = 0.1\nprint(softargmax(logits, T=T))",
    "print(softargmax(logits, T=1.0))",
    "top_k = 50\nresponse = llm.complete(prompt, temperature=0.8, top_k=top_k)\nprint(response)",
    "top_k = 100\nresponse = llm.complete(prompt, temperature=0.8, top_k=top_k)\nprint(response)",
    "from logitlab import top_k",
    "print(top_k(logits, k=2))",
    "print(top_k(logits, k=3))",
    "print(top_k(logits, k=4))",
]


def test_the_cells_of_a_tutorial_that_imports_logitlab_run_twice(built_in, tutorial_environment, tmp_path):
    """Only import and def lines are ours; `top_k` is a number first and a function later; one kernel."""
    cells = [
        nbformat.v4.new_code_cell(source) for source in ["import numpy", *TUTORIAL_CELLS, *TUTORIAL_CELLS]
    ]
    path = tmp_path / "cells.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    ran = RUNNER.run(path, quiet=True)
    outputs = texts(ran)[1:]
    for half in (outputs[: len(TUTORIAL_CELLS)], outputs[len(TUTORIAL_CELLS) :]):
        said = dict(zip(TUTORIAL_CELLS, half, strict=True))
        assert said["print(top_k(logits, k=2))"] == "[0.3 0.4]\n"
        assert said["print(top_k(logits, k=4))"] == "[0.1 0.2 0.3 0.4]\n"
        assert said["print(softargmax(logits, T=1.0))"] == "[0.23632778 0.26118259 0.21383822 0.28865141]\n"
        assert all(len(answer) > 20 for cell, answer in said.items() if "llm.complete" in cell)


def test_a_cell_that_fails_ends_the_run_and_writes_nothing(tmp_path, monkeypatch):
    path, html = tmp_path / "bad.ipynb", tmp_path / "bad.html"
    cells = [nbformat.v4.new_code_cell("raise OSError('the disk is full')")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    before = path.read_bytes()
    monkeypatch.setattr("sys.argv", ["run_notebook", str(path), "--in-place", "--html", str(html), "--quiet"])
    assert "the disk is full" in RUNNER.main()
    assert path.read_bytes() == before
    assert not html.exists()


def test_the_row_of_section_6_is_the_whole_vocabulary(built_in):
    row = built_in.next_logits("My favourite animal is the")
    assert row.shape == (49_152,)
    assert row.dtype == np.float32


def test_the_committed_texts_come_out_again(executed):
    assert_committed(executed, NOTEBOOK)
