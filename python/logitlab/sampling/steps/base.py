"""What every step has: checked parameters that never change, equality by value, and its row for the kernels."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from logitlab.messages import shown
from logitlab.sampling.parameters import PerRow, plain

# tokens and the numbers beside them, one pair for all rows or one for each
Lists = tuple[tuple[Any, Any], ...]

# (kind, ((parameter, value), ...), lists): see csrc/numpy/chain.c
Row = tuple[str, tuple[tuple[str, Any], ...], Lists]


class Seen(NamedTuple):
    """What a step with a state learns of the token that was drawn."""

    probability: Any
    surprise: Any  # -log2 of it


registry: dict[str, type["Step"]] = {}


def edges(*, strict: bool, ties: str, of_the_whole: bool = False) -> float:
    """Give several edge rules as one number: the bits of csrc/kernels/chain.h."""
    return float(strict | (ties == "keep") << 1 | of_the_whole << 2)


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
    csrc/kernels/steps; `options` says which keyword of Sampler sets which field, the first being the one that asks
    for the step; `numbers` are the fields that the kernel gets, in its order.
    """

    kind: ClassVar[str]
    options: ClassVar[Mapping[str, str]]
    numbers: ClassVar[tuple[str, ...]] = ()
    has_state: ClassVar[bool] = False
    looks_before: ClassVar[bool] = False  # at the distribution before the step, not at the one drawn from
    bans: ClassVar[bool] = False  # it removes tokens by name, not by their logits
    coins: ClassVar[int] = 0  # doubles that the step takes before the draw

    def __init_subclass__(cls) -> None:
        if "kind" in vars(cls):  # else it is what a family of steps shares
            registry[cls.kind] = cls

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = field.metadata["check"](f"{self.kind}: {field.name}", getattr(self, field.name))
            object.__setattr__(self, field.name, value)

    def row(self) -> Row:
        """Give what the kernels run."""
        values = tuple((f"{self.kind}: {name}", self.value(name)) for name in self.numbers)
        return self.kind, values, self.lists()

    def row_at(self, state: Any) -> Row:
        """Give the row with a state in place of the one it starts with, for the steps that have one."""
        raise TypeError(f"{shown(self)} has no state")

    def start(self) -> Any:
        """Give the state before the first token, for the steps that have one."""
        raise TypeError(f"{shown(self)} has no state")

    def after(self, state: Any, seen: Seen) -> Any:
        """Give the state after a token, for the steps that have one."""
        raise TypeError(f"{shown(self)} has no state")

    def value(self, name: str) -> Any:
        """Give one of `numbers` as the kernel takes it."""
        value = getattr(self, name)
        if isinstance(value, str):
            value = next(
                field.metadata["number"](value) for field in dataclasses.fields(self) if field.name == name
            )
        return plain(value)

    def lists(self) -> Lists:
        """Give the tokens and the numbers beside them, for the steps that have some."""
        return ()

    def replace(self, **fields: Any) -> Self:
        """Give the same step with some parameters changed."""
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
        """Give what JSON can hold; `from_dict` takes it back."""
        return {"step": self.kind} | {name: _plain(value) for name, value in self}

    @staticmethod
    def from_dict(plain: Mapping[str, Any]) -> "Step":
        """Make a step of what `to_dict` gave."""
        fields = dict(plain)
        kind = fields.pop("step", None)
        if kind not in registry:
            raise ValueError(f"step must be one of {', '.join(sorted(registry))}, got {shown(kind)}")
        return registry[kind](**{name: _from_plain(value) for name, value in fields.items()})
