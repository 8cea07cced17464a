"""The traits that a slider moves: they take what a `Sampler` takes, NumPy's scalars included, and say what they need.

None is off, in the constructor and afterwards. A wrong value is a TraitError, and nothing changes.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from logitlab.explorer.controls import CONTROLS
from logitlab.extras import need
from logitlab.messages import shown
from logitlab.ranges import Range

if TYPE_CHECKING:
    import traitlets
else:
    traitlets = need("traitlets", "explorer")


class Number(traitlets.TraitType[Any, Any]):
    """A number in a range; `off` is what None stands for, where it is not a value of its own."""

    def __init__(self, range_: Range, default: Any, *, off: Any = None, **options: Any) -> None:
        super().__init__(default, **options)
        self.range = range_
        self.off = off

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the number as Python's own, or raise what is wrong with it."""
        name = str(self.name)
        if value is None and self.off is not None:
            return self.off
        try:
            return self.range.one(name, value)
        except (TypeError, ValueError) as error:
            raise traitlets.TraitError(str(error)) from None


class Slider(Number):
    """The number of a control: what its step takes and the page can show."""

    def __init__(self, name: str) -> None:
        control = CONTROLS[name]
        super().__init__(control.range, control.off, off=control.off)
        self.tag(sync=True)
        self.shown = control.shown

    def validate(self, obj: Any, value: Any) -> Any:
        """Return the number as Python's own, or raise what is wrong with it."""
        checked = super().validate(obj, value)
        if self.shown and checked != 0 and not self.shown.low <= checked <= self.shown.high:
            raise traitlets.TraitError(str(self.shown.outside(str(self.name), value)))
        return checked


class Word(traitlets.Enum[Any]):
    """One of some words."""

    def validate(self, obj: Any, value: Any) -> str:
        """Return the word."""
        known = self.values or ()
        if not isinstance(value, str) or value not in known:
            words = ", ".join(map(repr, known))
            raise traitlets.TraitError(f"{self.name} must be one of {words}, got {shown(value)}")
        return str(value)


class Flag(traitlets.Bool[Any, Any]):
    """True or False, NumPy's too."""

    def validate(self, obj: Any, value: Any) -> bool:
        """Return the truth value as Python's own."""
        if not isinstance(value, bool | np.bool_):
            raise traitlets.TraitError(f"{self.name} must be True or False, got {shown(value)}")
        return bool(value)
