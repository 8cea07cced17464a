"""An answer that only loaded the model: so ends a question that asks nothing, and it looks like an empty answer."""

import warnings
from collections.abc import Mapping
from typing import Any


def warn_of_a_load(raw: Mapping[str, Any], chat: bool) -> None:
    """Warn where the last object of an answer says that the model was loaded and asked nothing."""
    if raw.get("done_reason") == "load":
        empty = "the conversation has no message that asks something" if chat else "the prompt is empty"
        warnings.warn(f"the server has only loaded the model, as {empty}", stacklevel=2)
