"""What steps with a state share: where it starts is where the kernel's first numbers come from."""

from dataclasses import dataclass
from typing import Any, ClassVar

from logitlab._kernels import STEPS
from logitlab.messages import shown
from logitlab.ranges import Range, range_of
from logitlab.sampling.parameters import Number, number, plain
from logitlab.sampling.steps.base import Row, Seen, Step


@dataclass(frozen=True, eq=False, repr=False)
class Stateful(Step):
    """A step with a state, which is the first of its `numbers`, or a tuple of the first."""

    state: ClassVar[tuple[Range, ...]] = ()  # what the numbers of the state may be

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "kind" in vars(cls):
            kinds = [name for name, what, *_ in STEPS[cls.kind][1] if what == "state"]
            cls.state = tuple(range_of(cls.kind, name) for name in kinds)

    def row_at(self, state: Any) -> Row:
        """Return the row with a state, which is checked, in place of the one it starts with."""
        values = state if isinstance(state, tuple) else (state,)
        names = [f"{self.kind}: {name}" for name in self.numbers[: len(self.state)]]
        if len(values) != len(names):
            numbers = " and ".join(self.numbers[: len(names)])
            raise ValueError(f"the state of {self.kind} must be {numbers}, got {shown(state)}")
        checked = [range_.check(*named) for range_, *named in zip(self.state, names, values, strict=True)]
        kind, parameters, lists = self.row()
        return kind, (*zip(names, checked, strict=True), *parameters[len(names) :]), lists

    def value(self, name: str) -> Any:
        """Return the state as it starts, or a parameter."""
        start = self.start()
        values = start if isinstance(start, tuple) else (start,)
        at = self.numbers.index(name)
        return values[at] if at < len(values) else super().value(name)


@dataclass(frozen=True, eq=False, repr=False)
class SurprisalTarget(Stateful):
    """A target tau for the surprisal of the tokens in bits, held by a state mu that follows it at the rate eta."""

    tau: Number = number(5.0, range_=Range(0.0, 1e6, above=True))
    eta: Number = number(0.1, range_=Range(0.0, 1e6))

    def start(self) -> Any:
        """Return the state before the first token: mu = 2 tau."""
        return 2.0 * plain(self.tau)

    def after(self, mu: Any, seen: Seen) -> Any:
        """Return the state after a token: mu - eta (surprisal - tau)."""
        return mu - plain(self.eta) * (seen.surprisal - plain(self.tau))
