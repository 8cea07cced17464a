"""A matplotlib figure that a notebook shows by itself, whether or not pyplot was imported."""

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
        self.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
        return buffer.getvalue()
