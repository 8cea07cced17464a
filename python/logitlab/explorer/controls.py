"""The table of the Explorer's controls, one for each step that the page has.

What a control is stands here and nowhere else: the widget's traits and arguments are made from it, and `make wasm`
writes it for the page, static/parameters.js, and compiles the kernels of these steps. Ranges and off values are those
of the table of steps. A new control is a row here, and its argument and trait in widget.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from logitlab._kernels import STEPS
from logitlab.ranges import Range, off_value, range_of
from logitlab.sampling.options import asks_for


@dataclass(frozen=True)
class Control:
    """One number of the sampler: a slider with stops, and a field for the exact value."""

    kind: str  # of the step; the control's name is the option that asks for it
    key: str  # on the stage
    hint: str
    stops: tuple[
        float | tuple[float, float, float], ...
    ]  # numbers, and (first, last, step); () for a whole number:
    # the page chooses some up to the size of the vocabulary
    ticks: tuple[float, ...] = ()  # marks under the slider, off included; () as for `stops`
    most: float | None = None  # the largest number that the field takes, where the step has no bound
    least: float | None = None  # the smallest one above 0 that the page can show
    words: Mapping[float, str] = field(
        default_factory=dict
    )  # what a screen reader says of a value; of off, "off"

    @property
    def name(self) -> str:
        """The option of a `Sampler`."""
        return asks_for(self.kind)

    @property
    def off(self) -> Any:
        """The value at which the step does nothing."""
        off = off_value(self.kind)
        if off is None:
            raise ValueError(f"a control needs a value that is off; {self.kind} has none")
        return off

    @property
    def range(self) -> Range:
        """The numbers that the step takes."""
        return range_of(self.kind)

    @property
    def shown(self) -> Range | None:
        """The numbers that the page can show, where they are fewer."""
        if self.least is None or self.most is None:
            return None
        return Range(self.least, self.most, words=f"0 or in [{self.least:g}, {self.most:g}]")

    def asking(self) -> Any:
        """Return a value at which the step does something."""
        return 0.5 if self.range.high == 1.0 else 2 if self.range.whole else 2.0

    def page(self) -> dict[str, Any]:
        """Return what the page knows of it; every saved notebook carries it, so what the page assumes is left out."""
        traits = STEPS[self.kind][0]
        told = {
            "kind": self.kind if self.kind != self.name else None,
            "least": self.range.low or None,  # else 0
            "above": self.least,  # 0, or from here on
            "most": self.range.high if self.most is None else self.most,
            "off": self.off,
            "whole": self.range.whole or None,
            "stops": [list(stop) if isinstance(stop, tuple) else stop for stop in self.stops] or None,
            "ticks": list(self.ticks) or None,
            "words": {f"{value:g}": word for value, word in self.words.items()}
            or None,  # else "off" where it is off
            "hint": self.hint,
            "key": self.key,
            "scales": "scales" in traits or None,  # sets a temperature
            "ranks": ("filter" not in traits or "by_rank" in traits)
            or None,  # the same tokens at every temperature
        }
        return {name: value for name, value in told.items() if value is not None}


_CONTROLS = (
    Control(
        "temperature",
        "T",
        "logits / T: below 1 sharper, above 1 flatter",
        stops=((0, 2, 0.05), 2.25, 2.5, 2.75, 3, 3.5, 4, 5, 7, 10),
        ticks=(0, 0.5, 1, 1.5, 2, 3, 5, 10),
        least=1e-6,
        most=1e6,
        words={0: "0: always the best token"},
    ),
    Control("top_k", "K", "keeps the k best; 0 is off", stops=(), most=1e9),
    Control(
        "top_p",
        "N",  # of nucleus; P pins
        "keeps the best until they share P; 1 is off",
        stops=((0, 0.98, 0.02), 0.99, 0.995, 0.999, 1),
        ticks=(0, 0.5, 0.9, 1),
    ),
    Control(
        "min_p",
        "M",
        "keeps what is P times as likely as the best; 0 is off",
        stops=(0, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, (0.01, 0.1, 0.01), (0.15, 1, 0.05)),
        ticks=(0, 0.01, 0.1, 0.5, 1),
    ),
)

CONTROLS: Mapping[str, Control] = MappingProxyType({control.name: control for control in _CONTROLS})
