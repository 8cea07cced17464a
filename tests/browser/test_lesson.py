"""The lesson and the teacher's page say what the screen shows: each number of the questions, each name of a button."""

import re
from pathlib import Path

import nbformat
import pytest

from logitlab import Explorer
from logitlab.explorer.controls import CONTROLS
from logitlab.llms import BuiltIn
from logitlab.sampling import ENGINES

ROOT = Path(__file__).parents[2]
NOTEBOOK = nbformat.read(ROOT / "notebooks" / "03-the-explorer.ipynb", as_version=4)
TEACHER = (ROOT / "docs" / "teacher.md").read_text()
OFF = {name: control.off for name, control in CONTROLS.items()} | {"engine": "ollama", "seed": 7, "draws": 0}

pytestmark = pytest.mark.model


def said(piece):
    """What the one cell with `piece` has printed, as it is committed."""
    [cell] = [cell for cell in NOTEBOOK.cells if cell.cell_type == "code" and piece in cell.source]
    return "".join(output.text for output in cell.outputs)


@pytest.fixture
def screen(bare):
    """Sets the sliders of a question and reads a part of the screen, spaces and all as a reader sees them."""
    b = bare(Explorer(BuiltIn(), "My favourite colour is", temperature=1.0, seed=7))

    def read(part, **settings):
        b.set(**(OFF | settings))
        b.drawn()
        if part == ".ll-engines tbody tr":
            b.settled()
        texts = b.view.locator(part).all_inner_texts()
        return [text.replace("\u202f", " ").replace("\u00a0", " ") for text in texts]

    read.view = b.view
    return read


def test_the_numbers_of_the_questions_are_those_of_the_screen(screen):
    best, others, tokens = re.findall(r"([\d.]+)(?: %| tokens)$", said("to reach 90 %"), re.MULTILINE)
    percents = screen(".ll-tokens .ll-percent")
    assert (percents[0], percents[-1]) == (f"{best} %", f"{others} %")
    assert f"{others} % against {best} %" in TEACHER
    assert f"the {tokens} best hold 90.0 %" in screen(".ll-plane .ll-says", top_k=int(tokens))[0]
    assert "90.0 %" not in screen(".ll-plane .ll-says", top_k=int(tokens) - 9)[0]

    temperatures = re.findall(
        r"^([\d.]+) +' (\w+)' +([\d.]+) % +([\d.]+)$", said("best token    its share"), re.MULTILINE
    )
    assert len(temperatures) == 4
    for T, token, share, choices in temperatures:
        [stats] = screen(".ll-stats", temperature=float(T))
        assert f"◆ argmax ␣{token} " in stats
        assert screen(".ll-tokens .ll-percent", temperature=float(T))[0] == f"{share} %"
        shown = float(re.search(r"([\d. ]+) effective", stats)[1].replace(" ", ""))
        assert shown == pytest.approx(float(choices), abs=0.51 if float(choices) > 99 else 1e-9)

    kept, mass, before, after = re.search(
        r"(\d+) tokens remain, with ([\d.]+) % .*\n.*: ([\d.]+) % before, ([\d.]+) % after", said("trace = ")
    ).groups()
    column = screen(".ll-tokens thead .ll-step", top_k=int(kept))[0]
    assert column == f"top_k\n{kept} left:\nkeeps {mass} %"
    assert [before, after] == [
        screen(".ll-tokens .ll-percent", top_k=k)[0].removesuffix(" %") for k in (0, int(kept))
    ]
    assert "a third of the mass" in TEACHER
    assert 100 - float(mass) == pytest.approx(100 / 3, abs=1)

    for line in said("choices.append").splitlines()[1:]:
        k, *numbers = line.removeprefix("top_k ").split()
        for T, choices in zip((0.5, 1.0, 2.0, 5.0), numbers, strict=True):
            [stats] = screen(".ll-stats", top_k=0 if k == "off" else int(k), temperature=T)
            shown = float(re.search(r"([\d. ]+) effective", stats)[1].replace(" ", ""))
            assert shown == pytest.approx(float(choices), abs=0.51 if float(choices) > 99 else 1e-9)
            assert k != "3" or shown <= 3
    assert "at most 3 choices with top_k 3" in TEACHER

    draws = said("expected {")
    share, count, low, high = re.search(r"expected ([\d.]+), drawn (\d+) \((\d+) to (\d+)\)", draws).groups()
    assert screen(".ll-tokens tbody .ll-d", top_k=40, draws=100)[0] == f"{count} ({low}–{high})"
    assert screen(".ll-tokens .ll-percent", top_k=40)[0] == f"{share} %"
    assert f"{count} of 100, where {low} to {high} are to be expected" in TEACHER
    u, token, cold = re.search(r"u = ([\d.]+) gives ' (\w+)'\n.*0\.3 gives ' (\w+)'", draws).groups()
    for settings, drawn in (({"top_k": 40}, token), ({"temperature": 0.3}, cold)):
        says = screen(".ll-draws .ll-says", draws=1, **settings)[0]
        assert says.startswith(f"u = {u}, number 1 of seed 7, falls on ␣{drawn}")

    both = re.findall(
        r"^(\S+) +keeps (\d+) tokens; with top_p off (\d+)", said("with top_p off"), re.MULTILINE
    )
    assert [name for name, *_ in both] == list(ENGINES)
    for i, settings in ((1, {"top_p": 0.9}), (2, {})):
        rows = screen(".ll-engines tbody tr", temperature=1.5, top_k=40, **settings)
        assert [row.split("\t")[0::2] for row in rows] == [[each[0], each[i]] for each in both]
    assert "{}, {} or {} tokens remain".format(*sorted({kept for _, kept, _ in both})) in TEACHER


def test_every_name_of_a_button_is_on_the_screen(screen):
    """Those that the lesson and the teacher's page write in italics or bold; other words in italics are listed here."""
    text = "\n".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown") + TEACHER
    text = text.replace("\u202f", " ")
    named = {
        " ".join(m[1].split()) for m in re.finditer(r"(?<![*\w])\*{1,2}([A-Z][^*?:.]+)\*{1,2}(?!\*)", text)
    }
    others = {"Guess", "Check", "Look", "Move", "Press", "Switch", "My favourite colour is"}
    names = named - others
    assert {"Predict first", "Draw 100", "Draw 10 000", "Next seed", "Clear", "Copy as code"} <= names
    controls = {re.sub(r" [A-Z]$", "", text.strip()) for text in screen("button, summary")}  # without its key
    assert names - controls == set()
    assert "logits / T" in screen(".ll-controls")[0]
