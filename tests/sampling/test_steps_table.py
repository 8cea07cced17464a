"""`logitlab._kernels.STEPS` describes the steps as they are.

The classes take names, ranges and traits from it, a class that does not fit it fails at import, and the steps behave as
their traits and their off values say.
"""

import math

import numpy as np
import pytest

from logitlab import Sampler
from logitlab._kernels import STEPS
from logitlab.llms.options import OPTIONS
from logitlab.sampling.steps import Temperature, base
from logitlab.sampling.steps.base import Step, registry

from .examples import fields, step_of

ROW = np.linspace(-3.0, 4.0, 40).astype(np.float32)
ROW[7] = ROW[9] = ROW[30]
HISTORY = [3, 7, 3, 39, 38, 7, 3, 39]
PARAMETERS = [(kind, *parameter) for kind, (_, parameters) in STEPS.items() for parameter in parameters]


def trace(*steps):
    sampler = Sampler(list(steps))
    return sampler.trace(
        ROW, history=HISTORY, state=sampler.start() or None, coins=[0.0] * sum(step.coins for step in steps)
    )


def probs(*steps):
    return trace(*steps).after


def kept(*steps):
    return set(np.flatnonzero(trace(*steps).removed_by == len(steps)))


def test_it_lists_every_step_and_cannot_be_changed():
    assert set(STEPS) == set(registry)
    with pytest.raises(TypeError):
        STEPS["top_k"] = ()


@pytest.mark.parametrize("kind", STEPS)
def test_the_kernels_get_the_parameters_that_the_table_names(kind):
    names = tuple(name for name, *_ in STEPS[kind][1])
    assert registry[kind].numbers == names
    assert len(step_of(kind).row()[1]) == len(names)
    rules = {"strict": 1, "ties": 2, "renormalise": 4}
    for name, what, _, high, *_ in STEPS[kind][1]:
        if what == "edges":
            assert high == sum(bit for rule, bit in rules.items() if rule in fields(kind)), name


WRONG = {
    "a step without a class": (lambda table: table | {"unheard_of": (frozenset(), ())}, "unheard_of"),
    "a class without a step": (lambda table: {k: v for k, v in table.items() if k != "top_k"}, "top_k"),
    "a parameter that the class lacks": (
        lambda table: table | {"top_a": (table["top_a"][0], (("b", "real", 0.0, 1.0, False, 0.0),))},
        "TopA lacks b",
    ),
    "a field without a range": (
        lambda table: table | {"smoothing": (table["smoothing"][0], table["smoothing"][1][:1])},
        "Smoothing has no range for curve",
    ),
    "lists that the class lacks": (
        lambda table: table | {"top_a": (table["top_a"][0] | {"lists"}, table["top_a"][1])},
        "TopA.*lists",
    ),
    "a state that the class lacks": (
        lambda table: table | {"mirostat": (table["mirostat"][0] - {"state"}, table["mirostat"][1])},
        "Mirostat.*state",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_table_that_the_classes_do_not_fit_fails_at_import(wrong, monkeypatch):
    change, says = WRONG[wrong]
    table = change(dict(STEPS))
    monkeypatch.setattr(base, "STEPS", table)
    for kind in set(table) & set(registry):
        monkeypatch.setattr(registry[kind], "has_state", "state" in table[kind][0])
    with pytest.raises(TypeError, match=says):
        base.check_registry()


@pytest.mark.parametrize(
    ("kind", "name", "what", "low", "high", "above", "off"),
    [p for p in PARAMETERS if p[2] in ("real", "whole")],
)
def test_a_value_outside_of_the_range_is_refused(kind, name, what, low, high, above, off):
    below = low if above else math.nextafter(low, -math.inf) if what == "real" else int(low) - 1
    beyond = [below] if high == math.inf else [below, math.nextafter(high, math.inf)]
    for value in beyond:
        with pytest.raises(ValueError, match=" must be ") as raised:
            step_of(kind, **{name: value})
        said = str(raised.value)
        assert said.startswith(f"{registry[kind].label(name)} must be ")
        assert said.endswith(f", got {value}")


@pytest.mark.parametrize(
    ("kind", "name", "what", "low", "high", "above", "off"), [p for p in PARAMETERS if p[-1] is not None]
)
def test_a_step_does_nothing_where_it_is_off(kind, name, what, low, high, above, off):
    given = {name: int(off) if what == "whole" else off}
    if name == "range":  # with no range, a dynamic temperature is a plain one
        given["temperature"] = 1.0
    assert probs(step_of(kind, **given)).tobytes() == probs().tobytes()
    if name == registry[kind].numbers[0] and kind not in ("min_new_tokens", "xtc", "top_k", "tail_free"):
        assert probs(step_of(kind)).tobytes() != probs().tobytes()


@pytest.mark.parametrize("kind", STEPS)
def test_traits_are_those_of_the_class(kind):
    traits, step = STEPS[kind][0], registry[kind]
    assert ("coin" in traits) == (step.coins == 1)
    assert ("state" in traits) == step.has_state
    lists = step_of(kind).lists()
    assert ({"tokens", "lists"} & traits != set()) == (step.lists is not Step.lists)
    if lists and "tokens" in traits:
        assert lists[0][1] is None
    elif lists:
        per_sequence = 2 if "lists_with_numbers" in traits else 1
        assert len(lists[0][1]) % per_sequence == 0


@pytest.mark.parametrize("kind", STEPS)
def test_a_filter_removes_tokens_by_rank_where_it_says_so(kind):
    traits = STEPS[kind][0]
    step = step_of(kind)
    left = [kept(Temperature(T), step) for T in (0.3, 1.0, 3.0)]
    if "by_rank" in traits:
        assert left[0] == left[1] == left[2]
        assert len(left[0]) < len(ROW)
    elif "filter" not in traits and "changes_logits" not in traits:
        assert [len(tokens) for tokens in left] == [len(ROW)] * 3


@pytest.mark.parametrize("kind", [kind for kind, (traits, _) in STEPS.items() if "filter" in traits])
def test_the_best_token_stays_but_where_the_trait_says_it_may_go(kind):
    best = int(np.argmax(ROW))
    stays = [best in kept(step_of(kind, **options)) for options in ({}, *_tight(kind))]
    assert all(stays) or "removes_best" in STEPS[kind][0]
    assert not all(stays) or "removes_best" not in STEPS[kind][0]


def _tight(kind):
    """Parameters at which a step that may remove the best does so."""
    return {"typical_p": [{"p": 0.2}], "xtc": [{"probability": 1.0, "threshold": 0.1}]}.get(kind, [])


@pytest.mark.parametrize(
    ("option", "kind"),
    [("temperature", "temperature"), ("top_k", "top_k"), ("top_p", "top_p"), ("min_p", "min_p"),
     ("typical_p", "typical_p"), ("repeat_penalty", "repetition_penalty")],
)  # fmt: skip
def test_a_models_option_has_the_steps_range_within_float32(option, kind):
    """What an engine cannot hold in 32 bits is refused; nothing else is."""
    _, _, low, high, above, _ = STEPS[kind][1][0]
    row = OPTIONS[option]
    assert row.low == (float(np.finfo(np.float32).smallest_subnormal) if above else low)
    assert row.high == min(high, 2**31 - 1 if option == "top_k" else float(np.finfo(np.float32).max))
