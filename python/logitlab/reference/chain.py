"""A whole chain over a row: top_k, top_p, min_p, temperature, then the draw."""

from collections.abc import Sequence

from logitlab.reference.candidates import candidates
from logitlab.reference.draw import draw
from logitlab.reference.floats import DOUBLE, Format
from logitlab.reference.steps.min_p import min_p as step_min_p
from logitlab.reference.steps.temperature import temperature as step_temperature
from logitlab.reference.steps.top_k import top_k as step_top_k
from logitlab.reference.steps.top_p import top_p as step_top_p


def sample(
    row: Sequence[float],
    uniform: float,
    *,
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    min_p: float | None = None,
    format: Format = DOUBLE,
) -> int:
    """Draw one token from a row with one double in [0, 1); `logitlab.sample` in plain Python.

    >>> sample([0.0, 0.0, 0.0], uniform=0.9)
    2
    """
    left = candidates(row, format)
    if top_k is not None:
        left = step_top_k(left, top_k)
    if top_p is not None:
        left = step_top_p(left, top_p)
    if min_p is not None:
        left = step_min_p(left, min_p)
    if temperature is not None:
        left = step_temperature(left, temperature)
    return left.tokens[draw(left.integers, uniform)]
