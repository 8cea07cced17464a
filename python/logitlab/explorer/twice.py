"""What a cell shows of an explorer: the widget, and below it a picture for wherever the widget does not come alive.

One output with both would do, if every reader took what it can show. nbconvert, and so JupyterLab's own export to HTML,
takes the widget where its state is saved, and asks a network for what draws it: offline nothing is seen. So the picture
is an output of its own, which every reader shows, and which the live widget hides by the name in its class
(static/picture.js).
"""

import re
from collections.abc import Mapping
from typing import Any

from logitlab.extras import need

_NAMED = re.compile(r' ll-picture-\w+(?=">)')


def show_both(widget: Mapping[str, Any], metadata: Mapping[str, Any], name: str) -> None:
    """Send the two outputs to the front end: `widget` is the bundle of one that has both."""
    publish = need("IPython.display", "explorer").publish_display_data
    picture = f'<div class="ll-picture ll-picture-{name}">{widget["text/html"]}</div>'
    publish({**widget, "text/html": ""}, {**metadata})  # what cannot show the widget has the picture below
    publish({"text/html": picture})


def is_picture(data: Mapping[str, Any], name: str | None = None) -> bool:
    """Whether an output is the picture of an explorer, or of the one with this name."""
    return f'<div class="ll-picture ll-picture-{name or ""}' in data.get("text/html", "")


def without_name(html: str) -> str:
    """Return a picture as it is without its widget: the name is another one in each run."""
    return _NAMED.sub("", html)
