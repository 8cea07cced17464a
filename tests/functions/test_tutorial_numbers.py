"""The tutorial's cells print the tutorial's numbers."""

import numpy as np
import pytest

import logitlab as ll

LOGITS = np.array([0.2, 0.3, 0.1, 0.4])


@pytest.mark.parametrize(
    ("temperature", "printed"),
    [
        (0.1, "[0.08714432 0.23688282 0.0320586  0.64391426]"),
        (1.0, "[0.23632778 0.26118259 0.21383822 0.28865141]"),
    ],
)
def test_softargmax(temperature, printed):
    assert str(ll.softargmax(LOGITS, T=temperature)) == printed


@pytest.mark.parametrize(("k", "printed"), [(2, "[0.3 0.4]"), (3, "[0.2 0.3 0.4]"), (4, "[0.1 0.2 0.3 0.4]")])
def test_top_k(k, printed):
    assert str(ll.top_k(LOGITS, k=k)) == printed
