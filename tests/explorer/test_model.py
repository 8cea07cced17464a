"""With the built-in model: the lines that the page offers give the row on the screen, also after the text went on."""

import numpy as np
import pytest

from logitlab import Explorer
from logitlab.llms import BuiltIn


@pytest.mark.model
@pytest.mark.parametrize("chat", [False, True])
def test_the_lines_give_the_row(chat):
    explorer = Explorer(BuiltIn(), "The capital of France is", chat=chat)
    for _ in range(3):
        scope = {}
        exec("\n".join(explorer._source["lines"]), scope)
        np.testing.assert_array_equal(scope["logits"], explorer.logits)
        explorer.follow(int(explorer.logits.argmax()))
