"""A matplotlib figure that a notebook shows by itself, whether or not pyplot was imported."""

from io import BytesIO

try:
    from matplotlib.figure import Figure
except ImportError as error:
    raise ImportError("a plot needs matplotlib: pip install 'logitlab[notebook]'") from error


class Picture(Figure):
    """A Figure with a picture for the notebook."""

    def _repr_png_(self) -> bytes:
        buffer = BytesIO()
        self.savefig(buffer, format="png", dpi=110, bbox_inches="tight")
        return buffer.getvalue()
