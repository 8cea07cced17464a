"""The state of the screen as one plain dict: what `explorer.state` returns, and what a link to an exported page opens.

Each entry is a trait of the widget, whose range it has; the row and the text are no part of it. A wrong state changes
nothing. static/state.js is the same for the page, from the same traits.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from logitlab.explorer.controls import CONTROLS
from logitlab.extras import need
from logitlab.habits import hint
from logitlab.messages import shown

if TYPE_CHECKING:
    import traitlets
else:
    traitlets = need("traitlets", "explorer")

PANELS = (
    "bars",
    "arithmetic",
    "draws",
    "plane",
    "engines",
    "text",
    "sweep",
)  # of the stage: alone, or with another
TRAITS: Mapping[str, str] = {
    name: name
    for name in (
        *CONTROLS,
        *("engine", "seed", "draws", "selected", "shown", "predict", "zoom", "pins", "slider"),
    )
} | {"stage": "_stage"}  # `stage` is a method


def state_of(explorer: Any) -> dict[str, Any]:
    """Return the state: Python's own numbers, words, None, and lists and dicts of these, none of them shared."""
    state = {name: getattr(explorer, trait) for name, trait in TRAITS.items()}
    return state | {"pins": [dict(pin) for pin in state["pins"]]}


def apply_state(explorer: Any, state: Any) -> None:
    """Set what a state has, and leave what it has not; raise what is wrong with it, and set nothing."""
    if not isinstance(state, Mapping):
        raise TypeError(f"state must be a dict, got {shown(state)}")
    for name in state:
        if name not in TRAITS:
            raise ValueError(f"state has no {shown(name)}{hint(str(name), TRAITS)}")
    try:
        with explorer.hold_trait_notifications():
            for name, value in state.items():
                setattr(explorer, TRAITS[name], value)
    except traitlets.TraitError as error:
        raise ValueError(str(error)) from None
