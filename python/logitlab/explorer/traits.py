"""The traits that a slider moves: they take what a `Sampler` takes, NumPy's scalars included, and say what they need.

None is off, in the constructor and afterwards. A wrong value is a TraitError, and nothing changes.
"""

import math
from collections.abc import Mapping
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

    def page(self) -> dict[str, Any]:
        """Return what the page checks a link by; the most of a token is the row's."""
        most = self.range.high
        check = {"least": self.range.low, "most": None if most == math.inf else most}
        return check | {"whole": self.range.whole, "none": self.allow_none}


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
            words = ", ".join(map(repr, known)) + (" or None" if self.allow_none else "")
            name = str(self.name).lstrip("_")
            raise traitlets.TraitError(f"{name} must be one of {words}, got {shown(value)}")
        return str(value)

    def page(self) -> dict[str, Any]:
        """Return what the page checks a link by."""
        return {"words": list(self.values or ()), "none": self.allow_none}


class Flag(traitlets.Bool[Any, Any]):
    """True or False, NumPy's too."""

    def validate(self, obj: Any, value: Any) -> bool:
        """Return the truth value as Python's own."""
        if not isinstance(value, bool | np.bool_):
            raise traitlets.TraitError(f"{self.name} must be True or False, got {shown(value)}")
        return bool(value)

    def page(self) -> dict[str, Any]:
        """Return what the page checks a link by."""
        return {"words": [False, True]}


class Pins(traitlets.TraitType[Any, Any]):
    """Settings that the screen keeps to compare with: a list of dicts, each with every control and the engine."""

    most = 2

    def make_dynamic_default(self) -> Any:
        """Return a list of its own for each explorer."""
        return []

    def validate(self, obj: Any, value: Any) -> list[dict[str, Any]]:
        """Return the settings with Python's own numbers, or raise what is wrong with the first wrong one."""
        needs = f"pins must be a list of at most {self.most} dicts"
        if not isinstance(value, list | tuple):
            raise traitlets.TraitError(f"{needs}, got {shown(value)}")
        if len(value) > self.most:
            raise traitlets.TraitError(f"{needs}, got {len(value)} of them")
        return [self._checked(obj, pin) for pin in value]

    def _checked(self, obj: Any, pin: Any) -> dict[str, Any]:
        names = (*CONTROLS, "engine")
        if not isinstance(pin, Mapping) or set(pin) != set(names):
            raise traitlets.TraitError(f"each of pins must be a dict of {', '.join(names)}, got {shown(pin)}")
        traits = obj.traits()
        return {name: traits[name].validate(obj, pin[name]) for name in names}

    def page(self) -> dict[str, Any]:
        """Return what the page checks a link by."""
        return {"pins": self.most}
