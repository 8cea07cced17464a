"""A step of each kind, with numbers from its ranges in the table of steps."""

import dataclasses

from logitlab.ranges import Range, range_of
from logitlab.sampling.steps.base import registry

NEEDED = {
    "bias": {1: -1.0},
    "tokens": [1],
    "eos": 1,
}  # of the parameters without a range: a step does nothing, or cannot be, without them


def fields(kind):
    return {field.name: field for field in dataclasses.fields(registry[kind])}


def ranged(kind, name):
    """The Range that a numeric field is checked by, or None."""
    check = fields(kind)[name].metadata["check"]
    owner = range_of(kind, name) if check is None else getattr(check, "__self__", None)
    return owner if isinstance(owner, Range) else None


def inside(low, high, above):
    """A number that is in a range, and not where a step is off."""
    return 0.5 if high == 1.0 else max(low, 0) + 1.5 + above


def step_of(kind, **given):
    needed = {}
    for name, field in fields(kind).items():
        if field.default is dataclasses.MISSING or (field.default is None and name in NEEDED):
            found = ranged(kind, name)
            needed[name] = NEEDED[name] if found is None else inside(found.low, found.high, found.above)
            if found is not None and found.whole:
                needed[name] = int(needed[name])
    return registry[kind](**(needed | given))
