"""The benchmark compares like with like, judges by its bars, and the README's table is what it measured.

No test here looks at a time: times are measured by `make bench`.
"""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import clock, report, run
from benchmarks.cases import CASES
from benchmarks.libraries import Helper, Logitlab, NumPy

ROOT = Path(__file__).parents[2]
SMALL = [case for case in CASES if case.target is None and case.shape[-1] <= 32_000]


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.label)
def test_contenders_do_the_same_work(case):
    codes = run.contenders(case, [Logitlab(), Helper(), NumPy()])
    assert "logitlab" in codes
    run.check(case, codes)


def test_a_contender_that_does_something_else_is_found():
    case = next(case for case in CASES if case.work == "softargmax" and case.shape == (32_000,))
    codes = run.contenders(case, [Logitlab()]) | {"wrong": clock.Code("x * 0")}
    with pytest.raises(AssertionError, match="wrong"):
        run.check(case, codes)


def test_every_case_has_rows_of_its_shape_and_dtype():
    for case in SMALL:
        rows = case.rows()
        assert all(row.shape == case.shape and row.dtype == case.dtype for row in rows)
        assert case.shape == (4,) or len(rows) >= 3


def test_each_round_times_each_contender_on_the_same_row():
    seen = {"a": [], "b": []}
    codes = {name: clock.Code("see(x)", {"see": rows.append}) for name, rows in seen.items()}
    timings = clock.side_by_side(codes, [1, 2, 3], seconds=0, least_rounds=6)
    for code in codes.values():
        assert code.repeats > 1  # so short that one execution would be noise
    last = {name: [rows[-1 - i * codes[name].repeats] for i in range(3)] for name, rows in seen.items()}
    assert last["a"] == last["b"] == [3, 2, 1]
    assert all(timing.rounds.shape == (6,) for timing in timings.values())


def test_a_ratio_is_of_one_round():
    fast, slow = clock.Timing(np.array([1.0, 2.0, 4.0])), clock.Timing(np.array([3.0, 6.0, 12.0]))
    assert slow.over(fast) == pytest.approx((3.0, 3.0, 3.0))


@pytest.mark.parametrize(
    ("value", "expected"),
    [(12, "aim 12 met"), (9, "must 8 met, aim 12 at 75 %"), (4, "must 8 MISSED at 50 %"), (None, "")],
)
def test_verdict(value, expected):
    assert report.verdict(value, 8, 12) == expected


def test_verdict_where_less_is_better():
    assert report.verdict(1.2, 2.0, 1.3, more_is_better=False) == "aim 1.3 met"
    assert report.verdict(2.1, 2.0, 1.3, more_is_better=False).startswith("must 2 MISSED")


def test_the_readme_and_its_page_have_the_table_of_the_kept_run():
    document = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    for name, labels in (("README.md", report.README_ROWS), ("docs/performance.md", None)):
        page = (ROOT / name).read_text(encoding="utf-8")
        assert report.into(page, report.markdown(document, labels)) == page
        assert page.count(report.BEGIN) == page.count(report.END) == 1
        assert page.count(report.markdown(document, labels)) == 1
    assert len(report.README_ROWS) == 6


def test_the_fastest_of_the_readme_is_the_fastest_of_all():
    """Also where a bar counts only some of the peers."""
    row = {"title": "draw for a batch", "label": "a batch", "target": None, "shape": [64, 32_000]}
    row |= {"logitlab": 1e-3, "peers": {"torch": 9e-3, "numpy": 4e-3}, "best": "torch", "ratio": 9.0}
    document = {"rows": [row], "machine": {"cpu": "c", "python": "p"}, "versions": {}}
    assert "| a batch | 1000 | numpy 4000 | 4.0 |" in report.markdown(document)
