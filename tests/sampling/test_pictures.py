"""A token's text stands in every picture as it is: a dollar sign in it begins no formula."""

import re

import numpy as np
import pytest

from logitlab import Explorer, Sampler, compare, diverge

Text = pytest.importorskip("matplotlib.text", reason="matplotlib is not installed").Text
TOKENS = ["$x^", "$\\frac{$", "a\\$b", "$5$"]
ROW = np.log([0.4, 0.3, 0.2, 0.1])


class Prices:
    """A model with the same row after every text."""

    def tokenize(self, text):
        return [0]

    def detokenize(self, tokens):
        return "".join(TOKENS[token] for token in tokens)

    def next_logits(self, tokens):
        return ROW


PLOTS = {
    "trace": lambda: Sampler(top_k=3).trace(ROW, tokens=TOKENS).plot(),
    "compare": lambda: compare(ROW, top_k=3, temperature=2.0, tokens=TOKENS).plot(),
    "diverge": lambda: diverge(Sampler(temperature=0.1), Sampler(temperature=9.0), Prices(), "").plot(),
    "no divergence": lambda: diverge(Sampler(top_k=1), Sampler(top_k=1), Prices(), "").plot(),
    "explorer": lambda: Explorer(ROW, tokens=TOKENS).figure(),
}


@pytest.mark.parametrize("plot", PLOTS)
def test_dollar_signs(plot, tmp_path):
    figure = PLOTS[plot]()
    figure.savefig(tmp_path / "drawn.png")
    shown = [text for text in figure.findobj(Text) if "$" in text.get_text()]
    assert shown
    for text in shown:
        assert not text.get_parse_math() or not re.search(r"(?<!\\)\$", text.get_text()), text
        assert any(
            token in text.get_text().replace("\\$", "$") for token in ("$x^", "$5$", "$\\frac{$", "a$b")
        )
