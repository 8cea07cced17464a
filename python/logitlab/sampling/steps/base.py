"""What every step has: checked parameters that never change, equality by value, and its row for the kernels."""

import dataclasses
import math
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from logitlab._kernels import STEPS
from logitlab.messages import shown
from logitlab.ranges import range_of
from logitlab.sampling.parameters import PerRow, plain

# tokens and the numbers beside them, one pair for all rows or one for each
Lists = tuple[tuple[Any, Any], ...]

# (kind, ((parameter, value), ...), lists): see csrc/numpy/chain.c
Row = tuple[str, tuple[tuple[str, Any], ...], Lists]


class Seen(NamedTuple):
    """What a step with a state learns of the token that was drawn."""

    probability: Any
    surprisal: Any  # -log2 of it


registry: dict[str, type["Step"]] = {}


def _hashable(value: Any) -> Any:
    return (value.shape, value.tobytes()) if isinstance(value, np.ndarray) else value


def _plain(value: Any) -> Any:
    """For JSON: lists for arrays and tuples, words for the floats that JSON has not."""
    if isinstance(value, PerRow):
        return {"per_row": _plain(value.values)}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def _from_plain(value: Any) -> Any:
    if isinstance(value, dict):
        return PerRow(_from_plain(value["per_row"]))
    if isinstance(value, list):
        return [_from_plain(each) for each in value]
    return float(value) if value in ("inf", "-inf") else value


def _brief(value: Any) -> str:
    return repr(value.tolist() if isinstance(value, np.ndarray) else value)


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Step:
    """One step of a sampler: immutable, equal by value.

    Subclasses are dataclasses whose fields are declared by logitlab.sampling.parameters. `kind` is the step's name in
    csrc/kernels/steps, whose table says what the step does and what the kernel gets. `options` says which keyword of
    Sampler sets which field, the first being the one that asks for the step; `takes` says the same of options that ask
    for another step, in whose place this one stands.
    """

    kind: ClassVar[str]
    options: ClassVar[Mapping[str, str]]
    takes: ClassVar[Mapping[str, str]] = {}
    looks_before: ClassVar[bool] = False  # at the distribution before the step, not at the one drawn from
    # of the table of steps:
    traits: ClassVar[frozenset[str]]
    numbers: ClassVar[tuple[str, ...]]  # what the kernel gets, in its order
    has_state: ClassVar[bool]
    coins: ClassVar[int]  # doubles that the step takes before the draw

    def __init_subclass__(cls) -> None:
        if "kind" in vars(cls):  # else it is what a family of steps shares
            registry[cls.kind] = cls
            cls.traits, parameters = STEPS[cls.kind]
            cls.numbers = tuple(name for name, *_ in parameters)
            cls.has_state, cls.coins = "state" in cls.traits, int("coin" in cls.traits)

    @classmethod
    def label(cls, name: str) -> str:
        """Return what messages call a field: the option that sets it, where there is one."""
        for option, field in (*cls.options.items(), *cls.takes.items()):
            if field == name:
                return option
        return f"{cls.kind}: {name}"

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            check = field.metadata["check"] or range_of(self.kind, field.name).check
            object.__setattr__(self, field.name, check(self.label(field.name), getattr(self, field.name)))

    def row(self) -> Row:
        """Return what the kernels run."""
        values = tuple((self.label(name), self.value(name)) for name in self.numbers)
        return self.kind, values, self.lists()

    def row_at(self, state: Any) -> Row:
        """Return the row with a state in place of the one it starts with, for the steps that have one."""
        raise TypeError(f"{shown(self)} has no state")

    def start(self) -> Any:
        """Return the state before the first token, for the steps that have one."""
        raise TypeError(f"{shown(self)} has no state")

    def after(self, state: Any, seen: Seen) -> Any:
        """Return the state after a token, for the steps that have one."""
        raise TypeError(f"{shown(self)} has no state")

    def value(self, name: str) -> Any:
        """Return one of `numbers` as the kernel takes it."""
        if name == "edges":
            return self._edges()
        value = getattr(self, name)
        if isinstance(value, str):
            value = next(
                field.metadata["number"](value) for field in dataclasses.fields(self) if field.name == name
            )
        return plain(value)

    def _edges(self) -> float:
        """Return the edge rules as one number: the bits of csrc/kernels/chain.h."""
        rules = dict(self)
        bits = bool(rules.get("strict")), rules.get("ties") == "keep", not rules.get("renormalise", True)
        return float(sum(bit << place for place, bit in enumerate(bits)))

    def lists(self) -> Lists:
        """Return the tokens and the numbers beside them, for the steps that have some."""
        return ()

    def removal(self, margin: float) -> str:
        """Say how far a token that the step removed lies from those that it kept, in logits over the temperature."""
        if margin == 0:
            return "its logit equals one that was kept, and lower tokens go first"
        factor = math.exp(min(margin, 700.0))
        return f"it lies {margin:.3g} below what was kept and would have to be {factor:.3g} times as likely"

    def replace(self, **fields: Any) -> Self:
        """Return the same step with some parameters changed."""
        return dataclasses.replace(self, **fields)

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Names and values of the parameters."""
        return ((field.name, getattr(self, field.name)) for field in dataclasses.fields(self))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._key() == other._key() if isinstance(other, Step) else False

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        return self.kind, *(_hashable(value) for _, value in self)

    def __repr__(self) -> str:
        shown = []
        for position, field in enumerate(dataclasses.fields(self)):
            value = getattr(self, field.name)
            if field.default is dataclasses.MISSING and position == 0:
                shown.append(_brief(value))
            elif field.default is dataclasses.MISSING or _hashable(value) != _hashable(field.default):
                shown.append(f"{field.name}={_brief(value)}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold; `from_dict` takes it back."""
        return {"step": self.kind} | {name: _plain(value) for name, value in self}

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> "Step":
        """Make a step of what `to_dict` gave."""
        fields = dict(plain)
        kind = fields.pop("step", None)
        if kind not in registry:
            raise ValueError(f"step must be one of {', '.join(sorted(registry))}, got {shown(kind)}")
        return registry[kind](**{name: _from_plain(value) for name, value in fields.items()})


def check_registry() -> None:
    """Raise TypeError where the classes are not what the table of steps says, at import and not in a result."""
    if set(registry) != set(STEPS):
        raise TypeError(f"steps.h and the classes differ in {', '.join(sorted(set(registry) ^ set(STEPS)))}")
    for kind, (traits, parameters) in STEPS.items():
        step = registry[kind]
        fields = {field.name: field for field in dataclasses.fields(step)}
        ranged = {name for name, what, *_ in parameters if what in ("real", "whole")}
        needed = ranged | {name for name, what, *_ in parameters if what == "flag"}
        if missing := needed - set(fields):
            raise TypeError(f"{step.__name__} lacks {', '.join(sorted(missing))}, which steps.h names")
        if strange := {name for name, field in fields.items() if not field.metadata["check"]} - ranged:
            raise TypeError(
                f"{step.__name__} has no range for {', '.join(sorted(strange))}; steps.h lacks it"
            )
        if bool({"tokens", "lists"} & traits) != (step.lists is not Step.lists):
            raise TypeError(f"{step.__name__} and steps.h differ in whether the step has lists")
        if step.has_state != (step.start is not Step.start):
            raise TypeError(f"{step.__name__} and steps.h differ in whether the step has a state")
