"""The figure for a paper: nothing is cut or covered, and its marks are the screen's."""

import numpy as np
import pytest

from logitlab import Explorer
from logitlab.explorer.chance import counts_of

pytest.importorskip("matplotlib", reason="matplotlib is not installed")
from matplotlib.backends.backend_agg import FigureCanvasAgg

SETTINGS = [
    {"temperature": 0.8, "top_k": 40, "top_p": 0.9, "draws": 100},
    {"temperature": 1.0, "draws": 100},
    {"temperature": 0.0, "draws": 10_000},
    {"temperature": 0.2, "draws": 1},
    {"temperature": 3.0, "draws": 0, "shown": 30},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_nothing_is_cut_or_covered(settings):
    """The positions of all texts in pixels: inside the picture, and none on another or on the key."""
    x = np.random.default_rng(3).normal(0, 2, 5000).astype(np.float32)
    x[[7, 70]] = 11.0, 10.0
    explorer = Explorer(x, tokens=[f" token {i}" for i in range(5000)], seed=4)
    for name, value in settings.items():
        setattr(explorer, name, value)
    figure = explorer.figure()
    FigureCanvasAgg(figure).draw()
    [axes] = figure.axes
    labels = list(axes.texts)
    assert len(labels) == len(axes.get_yticklabels()) == settings.get("shown", 12) + 1
    assert sum("%" in label.get_text() for label in labels) == len(labels)
    keys = [key.get_window_extent() for key in figure.legends]
    assert len(keys) == bool(settings["draws"])
    boxes = [
        text.get_window_extent() for text in [*labels, *axes.get_yticklabels(), axes.title, axes.xaxis.label]
    ]
    width, height = figure.canvas.get_width_height()
    for box in [*boxes, *keys]:
        assert 0 <= box.x0 < box.x1 <= width
        assert 0 <= box.y0 < box.y1 <= height
    every = [*boxes, *keys]
    assert not [(i, j) for i, a in enumerate(every) for j, b in enumerate(every[:i]) if a.overlaps(b)]
    for label, bar in zip(
        labels, axes.patches, strict=True
    ):  # a percentage stands right of its bar and marks
        assert label.get_position()[0] >= bar.get_width()


def test_the_interval_is_the_screens():
    explorer = Explorer([2.0, 1.0, 0.5, -1.0])
    explorer.draws = 100
    [axes] = explorer.figure().axes
    [lines] = axes.containers[1][2]
    ends = np.array([segment[:, 0] for segment in lines.get_segments()])
    expected = [counts_of(100, float(p))[:2] for p in explorer.probs]
    np.testing.assert_allclose(ends * 100, expected, atol=1e-9)


def test_the_table_says_what_is_in_force():
    """Also where no step is."""
    data = Explorer([1.0, 2.0])._repr_mimebundle_()
    html = (data[0] if isinstance(data, tuple) else data)["text/html"]
    assert "<caption>temperature 1, every token left</caption>" in html
    assert "Sampler([])" not in html
