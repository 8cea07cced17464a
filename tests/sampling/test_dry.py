"""DRY penalises what would continue a repetition."""

from hypothesis import strategies as st

from logitlab import reference
from logitlab.sampling import DRY

from .oracle import history_tests, hold


def fit(drawn, n):
    """Leave out breakers that are not in the row."""
    return drawn | {"breakers": [breaker for breaker in drawn["breakers"] if max(breaker) < n]}


test_short_rows, test_long_rows_and_a_selection_after, test_after_a_temperature = history_tests(
    DRY,
    reference.dry,
    fit,
    multiplier=st.sampled_from([0.0, 1.0, 0.8]),
    base=st.sampled_from([1.0, 1.75, 1e20]),
    allowed_length=st.sampled_from([1, 2, 3]),
    last_n=st.sampled_from([-1, 0, 1, 3]),
    breakers=st.sampled_from([(), ((1,),), ((0, 1), (0,)), ((2, 0),)]),
)


def test_long_repetition_is_linear_in_the_history():
    row = [0.0] * 4
    hold(
        DRY(1e-3, 1.0001),
        lambda left: reference.dry(left, [1] * 300, 1e-3, 1.0001),
        row,
        "float64",
        history=[1] * 300,
    )
