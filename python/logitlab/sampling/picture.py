"""A matplotlib figure that a notebook shows by itself, whether or not pyplot was imported."""

import warnings
from io import BytesIO
from typing import TYPE_CHECKING

from logitlab.extras import need

if TYPE_CHECKING:
    from matplotlib.figure import Figure
else:
    Figure = need("matplotlib.figure", "notebook").Figure


class Picture(Figure):
    """A Figure with a picture for the notebook."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        with warnings.catch_warnings():  # tokens have characters that no font has; a box stands for them
            warnings.filterwarnings("ignore", "Glyph .* missing from")
            self.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
        return buffer.getvalue()
