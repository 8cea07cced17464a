"""One mistake has one message, whoever finds it: a step, a sampler, the fast call, a model, a client, a slider.

Which ways a wrong value can come in differs by option; each that there is must say the same words.
"""

import dataclasses
import math

import pytest

import logitlab as ll
from logitlab import Explorer, Sampler
from logitlab.explorer.controls import CONTROLS
from logitlab.llms import BuiltIn, Ollama
from logitlab.llms.ollama.fields import TAKES
from logitlab.ranges import range_of
from logitlab.sampling.options import known
from logitlab.sampling.steps.base import registry

BESIDE = {  # what an option needs beside it to be taken at all
    "repeat_last_n": {"repeat_penalty": 1.5},
    "dynatemp_exponent": {"dynatemp_range": 0.5},
    "xtc_threshold": {"xtc_probability": 0.5},
    "dry_base": {"dry_multiplier": 0.5},
    "dry_allowed_length": {"dry_multiplier": 0.5},
    "dry_penalty_last_n": {"dry_multiplier": 0.5},
    "smoothing_curve": {"smoothing_factor": 0.5},
    "min_new_tokens": {"eos_token_id": 1},
}
CASES = [
    (option, kind, parameter)
    for option, users in known().items()
    for kind, parameter in users
    if parameter in registry[kind].numbers
]


def wrong_values(kind, parameter):
    """What lies outside of a parameter's range, a NaN, and what is no number."""
    range_ = range_of(kind, parameter)
    below = min(range_.low - 2, math.nextafter(range_.low, -math.inf))  # -1 is vLLM's top_k = 0
    yield range_.low if range_.above else int(below) if range_.whole else below
    if range_.high < math.inf:
        yield math.nextafter(range_.high, math.inf)
    yield 1.5 if range_.whole else math.nan
    yield "x"


def said(call):
    """The message of the error; a step takes an array of numbers as well, and says so."""
    with pytest.raises((TypeError, ValueError), match=" must be ") as raised:
        call()
    return str(raised.value).replace(" (or an array of them)", "")


def step_of(kind, parameter, value):
    given = {parameter: value}
    for field in dataclasses.fields(registry[kind]):
        if field.default is dataclasses.MISSING and field.name != parameter:
            given[field.name] = 1 if field.name == "eos" else 0.5
    return registry[kind](**given)


def ways(option, kind, parameter, value, llm):
    given = BESIDE.get(option, {}) | {option: value}
    yield lambda: step_of(kind, parameter, value)
    yield lambda: Sampler(**given)
    yield lambda: ll.sample([1.0, 2.0], **given)
    yield lambda: llm.complete("a", num_predict=1, **given)
    yield lambda: BuiltIn(llm.path, **given)
    if option in TAKES and TAKES[option].step is not None:  # others have a range of the server's own
        yield lambda: Ollama("m", "localhost:1").complete("a", **given)
        yield lambda: Ollama("m", "localhost:1", **given)
    if option in CONTROLS:
        yield lambda: Explorer([1.0, 2.0], **given)


@pytest.mark.parametrize(("option", "kind", "parameter"), CASES)
def test_every_way_says_the_same(option, kind, parameter, llm):
    for value in wrong_values(kind, parameter):
        messages = {said(way) for way in ways(option, kind, parameter, value, llm)}
        assert len(messages) == 1, messages
        (message,) = messages
        assert message.startswith(f"{option} must be ")
        assert message.endswith(f", got {value!r}")
