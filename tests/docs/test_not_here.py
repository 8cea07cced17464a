"""What needs more than one row, or a model, is not here, and the page of samplers says why."""

from pathlib import Path

import pytest

from logitlab import sampling
from logitlab.sampling.options import known

PAGE = (Path(__file__).parents[2] / "docs" / "sampling.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Not here")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("speculative sampling", "second, smaller model"),
        ("contrastive search", "hidden states"),
        ("classifier-free guidance", "a second row"),
        ("beam search", "several texts"),
    ],
)
def test_it_is_not_here_for_a_reason(name, reason):
    (line,) = [line for line in SECTION.splitlines() if line.startswith(f"| {name} |")]
    assert reason in line
    word = name.split()[0].split("-")[0]
    assert not [each for each in [*known(), *dir(sampling)] if word in each.lower()]
