"""Times several pieces of code side by side.

The machine is shared and its clock wanders, so times are compared only within one run: every round times
each contender once, in an order that rotates, on the same row; the next round takes the next row, so that
nobody profits from one row that stays hot or from branches learned on it. The 20th percentile of the rounds
stands for a contender; the ratio of two contenders comes with the quartiles of their ratios round by round.
"""

import time
import timeit
from dataclasses import dataclass, field

import numpy as np

SAMPLE_SECONDS = 1e-4  # a sample shorter than this repeats the statement: the timer itself takes 50 ns
PERCENTILE = 20


@dataclass
class Code:
    """A statement as a user would write it, on a row called `x`. `setup` runs before, not timed."""

    statement: str
    names: dict = field(default_factory=dict)
    setup: str = "pass"

    def __post_init__(self):
        self.names = dict(self.names)
        self.timer = timeit.Timer(self.statement, self.setup, globals=self.names)
        self.repeats = 1

    def value(self, row):
        """What the statement gives for a row."""
        self.names["x"] = row
        exec(self.setup, self.names)
        return eval(self.statement, self.names)

    def sample(self, row):
        """Seconds that one execution takes on a row."""
        self.names["x"] = row
        return self.timer.timeit(self.repeats) / self.repeats

    def calibrate(self, row):
        """Warms up, and finds how often a sample must repeat the statement."""
        self.repeats = 1
        for _ in range(3):
            once = self.sample(row)
        self.repeats = max(1, round(SAMPLE_SECONDS / once))


@dataclass
class Timing:
    """Seconds per call, one entry a round."""

    rounds: np.ndarray

    @property
    def seconds(self):
        return float(np.percentile(self.rounds, PERCENTILE))

    def over(self, other):
        """How many times longer this took than the other: (ratio, lower quartile, upper quartile)."""
        low, high = np.percentile(self.rounds / other.rounds, [25, 75])
        return self.seconds / other.seconds, float(low), float(high)


def side_by_side(contenders, rows, seconds=0.5, least_rounds=9):
    """Times {name: Code} for about `seconds` each and gives {name: Timing}."""
    for code in contenders.values():
        code.calibrate(rows[0])
    names, rounds = list(contenders), []
    end = time.perf_counter() + seconds * len(names)
    while time.perf_counter() < end or len(rounds) < least_rounds:
        i = len(rounds)
        shift = i % len(names)
        order = names[shift:] + names[:shift]
        taken = {name: contenders[name].sample(rows[i % len(rows)]) for name in order}
        rounds.append([taken[name] for name in names])
    return {
        name: Timing(np.array(column)) for name, column in zip(names, zip(*rounds, strict=True), strict=True)
    }
