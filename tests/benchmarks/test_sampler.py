"""One command prints the figures that the sampler is held to, as ratios."""

import functools
import re
from importlib.util import find_spec

from benchmarks import sampler


def test_every_figure_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(sampler, "microseconds", functools.partial(sampler.microseconds, seconds=0.01))
    sampler.main()
    lines = capsys.readouterr().out.splitlines()
    bars = [re.fullmatch(r"(.+): (\d+\.\d\d) \((at \w+ [\d.]+); .+ us\)", line) for line in lines]
    if find_spec("xllamacpp"):
        assert [match[3] for match in bars] == ["at least 1.5"] * 3 + ["at most 1.5"] + [
            "at most 1.1"
        ] * 3 + ["at most 1", "at most 1.2"]
    else:
        assert "not measured" in lines[0]
        bars = bars[1:]
    assert all(float(match[2]) > 0 for match in bars)


def test_rows_are_as_long_as_asked_and_differ():
    rows = sampler.rows_of(1000, count=3)
    assert [row.shape for row in rows] == [(1000,)] * 3
    assert len({row.tobytes() for row in rows}) == 3
