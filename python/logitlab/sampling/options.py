"""Flat options, as engines' requests have them, to steps in an engine's order, and back."""

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from logitlab.habits import hint
from logitlab.messages import shown
from logitlab.sampling.engines import Engine
from logitlab.sampling.steps.base import Step, registry

# other names for the same thing
ALIASES = {
    "repetition_penalty": "repeat_penalty",
    "dynamic_temperature_range": "dynatemp_range",
    "bad_words_ids": "ban_tokens",
    "min_tokens": "min_new_tokens",
}


def known() -> dict[str, list[tuple[str, str]]]:
    """Return every option with the (step, parameter) pairs that it sets."""
    table: dict[str, list[tuple[str, str]]] = {}
    for kind, step in registry.items():
        for option, parameter in step.options.items():
            table.setdefault(option, []).append((kind, parameter))
    return table


def _elsewhere(name: str) -> str:
    """Say where a name belongs that is no option."""
    if name in ("logits", "size", "axis", "rng", "workers", "history", "generated"):
        return f"it belongs to the draw, as in sampler.sample(logits, {'' if name == 'logits' else f'{name}=...'})"
    return ""


def of_the_sampler(name: str) -> str:
    """Say where an option belongs that was given to a method."""
    own = ALIASES.get(name, name)
    return f"it belongs to the sampler, as in Sampler({own}=...).sample(logits)" if own in known() else ""


def asks_for(kind: str) -> str:
    """Return the option that asks for a step; the others only change it."""
    return next(iter(registry[kind].options))


def named(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are not None by their own names; an unknown one is a TypeError with the nearest name."""
    table, given = known(), {}
    for name, value in options.items():
        own = ALIASES.get(name, name)
        if own not in table:
            near = hint(name, [*table, *ALIASES], _elsewhere)
            raise TypeError(f"{shown(name)} is not an option of a sampler{near}")
        if value is not None:
            given[own] = value
    return given


def kinds_of(given: Mapping[str, Any]) -> list[str]:
    """Return the kinds of steps that options, by their own names, ask for."""
    kinds = [kind for kind in registry if asks_for(kind) in given]
    replaced = {option for kind in kinds for option in registry[kind].takes}
    return [kind for kind in kinds if asks_for(kind) not in replaced]


def _parameters(kind: str, given: Mapping[str, Any], engine: Engine) -> dict[str, Any]:
    step = registry[kind]
    parameters = dict(engine.edges.get(kind, {}))
    options = {**step.options, **step.takes}
    return parameters | {parameter: given[option] for option, parameter in options.items() if option in given}


def steps_of(options: Mapping[str, Any], engine: Engine) -> tuple[Step, ...]:
    """Make the steps that options ask for, in the engine's order.

    Raises
    ------
    TypeError
        For a name that is not an option, with the nearest that is.
    ValueError
        For a step that the engine does not have, or an option that only changes a step nobody asked for.
    """
    given = named(options)
    kinds = kinds_of(given)
    if missing := [kind for kind in kinds if kind not in engine.order]:
        raise ValueError(f"the engine {engine.name!r} has no {missing[0]}; it has {', '.join(engine.order)}")
    table = known()
    for option in given:
        users = [kind for kind, _ in table[option]]
        if not any(kind in users or option in registry[kind].takes for kind in kinds):
            raise ValueError(f"{option} needs {' or '.join(asks_for(kind) for kind in users)} beside it")
    return tuple(registry[kind](**_parameters(kind, given, engine)) for kind in engine.order if kind in kinds)


def options_of(steps: Iterable[Step]) -> dict[str, Any]:
    """Return the options that steps stand for: what asks for them, and what differs from a default."""
    options: dict[str, Any] = {}
    for step in steps:
        defaults = {field.name: field.default for field in fields(step)}
        for position, (option, parameter) in enumerate(step.options.items()):
            value = getattr(step, parameter)
            default = defaults[parameter]
            if position == 0 or default is MISSING or (value is not default and value != default):
                options[option] = value
        options |= {option: getattr(step, parameter) for option, parameter in step.takes.items()}
    return options
