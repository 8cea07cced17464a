"""The one table of everything that can be asked of a model, by Ollama's names.

A row says what kind of value an option takes, its range, where a request carries it and what it means. A model
declares the rows it takes. Nothing is dropped silently: a value of the wrong kind or out of range is an error that says
what was needed and what came, an unknown name is a TypeError that suggests the nearest one.

An option of a sampler's step takes what the step takes, in the same words when it is wrong; that an engine holds it in
32 bits is said here. The names, the other ranges and where a field goes are those of Ollama's `api/types.go`.
"""

import math
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from logitlab.messages import shown
from logitlab.ranges import Range, range_of

_PLAIN = (bool, int, float, str, bytes, list, tuple, dict)
# What engines hold in 32 bits: a larger number is infinity for them, a smaller positive one is 0.
FLOAT32 = 3.4028234663852886e38
_LEAST = 2.0**-149
_INT32 = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Option:
    """One row: `kind` turns a value into what is sent or refuses it; `place` is where a request has it."""

    name: str
    kind: Callable[["Option", Any], Any]
    meaning: str
    low: float = -math.inf
    high: float = math.inf
    step: Range | None = None  # what the sampler's step takes, which `low` and `high` may narrow
    refused: Mapping[float, str] = field(default_factory=dict)  # value inside the range -> why it is refused
    place: Literal["options", "request"] = "options"
    machine: bool = False  # about a server or its machine: it changes no answer
    off: Mapping[float, float] = field(default_factory=dict)  # another engine's spelling -> the same in ours
    cannot: str = ""  # why this model does not do it: only a value that asks for nothing is taken

    def coerce(self, value: Any) -> Any:
        """`value` as this option takes it, or a TypeError or ValueError that says what was needed.

        None is returned for what an option that this model cannot follow does not ask for.
        """
        if self.cannot:
            if is_off(value):
                return None
            raise ValueError(f"{self.name}={shown(value)}: {self.cannot}")
        return self.kind(self, value)


def is_off(value: Any) -> bool:
    """Whether a value asks for nothing: None, False, 0 and what is empty, as a server takes them."""
    return value is None or (isinstance(value, _PLAIN) and not value)


def integer(option: Option, value: Any) -> int:
    """Return an integer; 50.0 is 50, while 1.7, True, "50", NaN and inf are refused."""
    limits = _limits(option, whole=True)
    number = _number(option, value, limits)
    if not math.isfinite(number) or number != int(number):
        raise limits.outside(option.name, value)
    return int(_inside(option, int(number), value, limits))


def real(option: Option, value: Any) -> float:
    """Return a finite number; True, "0.8", NaN and inf are refused."""
    limits = _limits(option, whole=False)
    return float(_inside(option, float(_number(option, value, limits)), value, limits))


def flag(option: Option, value: Any) -> bool:
    """Return True or False; nothing that merely counts as such is taken (a NumPy bool is one)."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    raise TypeError(f"{option.name} must be True or False, got {shown(value)}")


def string(option: Option, value: Any) -> str:
    """Return a string."""
    if not isinstance(value, str):
        raise TypeError(f"{option.name} must be a string, got {shown(value)}")
    return value


def texts(option: Option, value: Any) -> list[str]:
    """Return a list of strings, none of them empty; a single string is a list of one."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise TypeError(f"{option.name} must be a string or a list of strings, got {shown(value)}")
    if "" in items:
        raise ValueError(f"{option.name} must be strings that are not empty, got {shown(value)}")
    return list(items)


def as_the_sampler(option: Option, value: Any) -> Any:
    """Return what the sampler's step takes: it is checked where the sampler is made."""
    return value


def _limits(option: Option, *, whole: bool) -> Range:
    """Return what the step takes, or else the option; the largest integer of a type is no bound worth telling."""
    if option.step is not None:
        return option.step
    return Range(option.low, math.inf if option.high >= _INT32 else option.high, whole=whole)


def _number(option: Option, value: Any, limits: Range) -> Any:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise limits.wrong_type(option.name, value)
    return value


def _inside(option: Option, number: float, value: Any, limits: Range) -> float:
    number = option.off.get(number, number)
    for range_ in (limits, Range(option.low, option.high, whole=limits.whole)):
        if not (number > range_.low if range_.above else number >= range_.low) or not number <= range_.high:
            raise range_.outside(option.name, value)
    if not math.isfinite(number):
        raise ValueError(f"{option.name} must be finite, got {shown(value)}")
    if number in option.refused:
        raise ValueError(f"{option.name}={shown(value)}: {option.refused[number]}")
    return number


_NEVER_ENDS = "an answer must have at least one token; Ollama would take 0 as no limit"


def _of_a_step(
    name: str, kind: str, parameter: str, meaning: str, off: Mapping[float, float] | None = None
) -> Option:
    """Return the row of a step's parameter, within what 32 bits hold."""
    range_ = range_of(kind, parameter)
    if range_.whole:
        return Option(name, integer, meaning, range_.low, min(range_.high, _INT32), range_, off=off or {})
    least = _LEAST if range_.above and range_.low == 0 else max(range_.low, -FLOAT32)
    return Option(name, real, meaning, least, min(range_.high, FLOAT32), range_)


OPTIONS: dict[str, Option] = {
    row.name: row
    for row in (
        _of_a_step("temperature", "temperature", "temperature", "divides the logits; 0 takes the largest"),
        _of_a_step("top_k", "top_k", "k", "keep the k largest logits; 0 is off, and so is vLLM's -1", off={-1: 0}),
        _of_a_step("top_p", "top_p", "p", "keep the smallest set with this mass; 1 is off"),
        _of_a_step("min_p", "min_p", "p", "drop what is below this fraction of the largest probability; 0 is off"),
        _of_a_step("typical_p", "typical_p", "p", "keep the most typical mass; 1 is off"),
        _of_a_step("repeat_penalty", "repetition_penalty", "penalty", "divides a seen token's logit; 1 is off"),
        _of_a_step("repeat_last_n", "repetition_penalty", "last_n", "how far penalties look back; -1 is all"),
        _of_a_step("presence_penalty", "presence_penalty", "penalty", "subtracted once from a seen token"),
        _of_a_step("frequency_penalty", "frequency_penalty", "penalty", "subtracted per occurrence"),
        # Ollama keeps 32 bits of a seed, the highest of which stands for -1: another seed would be cut
        # silently.
        Option("seed", integer, "of the random numbers; -1 draws one", low=-1, high=2**32 - 2),
        Option("stop", texts, "strings that end the answer and are not part of it"),
        Option("num_predict", integer, "most tokens of an answer; -1 is no limit", low=-2, high=_INT32,
               refused={0: _NEVER_ENDS}),
        Option("num_keep", integer, "tokens kept when the context is full", low=-1, high=_INT32),
        Option("num_ctx", integer, "tokens of the context", low=1, high=_INT32),
        Option("num_batch", integer, "tokens read at once", low=1, high=_INT32, machine=True),
        Option("num_gpu", integer, "layers on a GPU; -1 chooses, 0 is none", low=-1, high=_INT32, machine=True),
        Option("main_gpu", integer, "which GPU", low=0, high=_INT32, machine=True),
        Option("num_thread", integer, "threads; 0 chooses", low=0, high=_INT32, machine=True),
        Option("use_mmap", flag, "map the weights instead of reading them", machine=True),
        Option("draft_num_predict", integer, "tokens that a draft model guesses", low=0, high=_INT32, machine=True),
        Option("raw", flag, "take the prompt as it is, without the chat template", place="request"),
        Option("logprobs", flag, "tell each token's log-probability", place="request"),
        Option("top_logprobs", integer, "tell so many best tokens too", low=0, high=20, place="request"),
        Option("system", string, "the system message", place="request"),
    )
}  # fmt: skip


def rows(*names: str, **changed: dict[str, Any]) -> dict[str, Option]:
    """Return the rows called `names`, and those of `changed` with some fields replaced: what a model takes."""
    taken = {name: OPTIONS[name] for name in names}
    return taken | {name: replace(OPTIONS[name], **fields) for name, fields in changed.items()}


def coerce(name: str, value: Any, taken: Mapping[str, Option] = OPTIONS, who: str = "a model") -> Any:
    """`value` as the option `name` takes it.

    Examples
    --------
    >>> coerce("top_k", 50.0), coerce("stop", "END")
    (50, ['END'])
    >>> coerce("top_k", 1.7)
    Traceback (most recent call last):
    ValueError: top_k must be an integer >= 0, got 1.7
    >>> coerce("temprature", 1)
    Traceback (most recent call last):
    TypeError: a model has no option 'temprature'; did you mean 'temperature'?
    """
    if name not in taken:
        raise unknown(name, taken, who)
    return taken[name].coerce(value)


def collect(given: Mapping[str, Any], taken: Mapping[str, Option], who: str) -> dict[str, Any]:
    """Every option of `given` coerced; None is "not set", as in Ollama's requests, and left out."""
    for name in given:
        if name not in taken:
            raise unknown(name, taken, who)
    coerced = {name: taken[name].coerce(value) for name, value in given.items() if value is not None}
    return {name: value for name, value in coerced.items() if value is not None}


def unknown(name: str, taken: Mapping[str, Option], who: str) -> TypeError:
    """Return the error for a name that `who` does not take: what helps, or the nearest name that it does take."""
    import difflib  # only here: errors are rare, imports are not

    from logitlab.habits import called
    from logitlab.llms.habits import AIMS, ELSEWHERE, sentence

    names = sorted(name for name, row in taken.items() if not row.cannot)
    begin = f"{who} has no option {shown(name)}"
    guess = ELSEWHERE.get(name) or next((each for each in called(name) if each in names), name)
    if guess in names:
        return TypeError(f"{begin}; did you mean {guess!r}?")
    aim = AIMS.get(name, guess)
    if aim in taken and taken[aim].cannot:
        return TypeError(f"{begin}, and {aim} cannot be followed: {taken[aim].cannot}")
    if helps := sentence(name) or sentence(guess):
        return TypeError(f"{begin}: {helps}")
    if guess in OPTIONS and OPTIONS[guess].machine:
        return TypeError(f"{begin}: it is about a server and its machine ({OPTIONS[guess].meaning})")
    if near := difflib.get_close_matches(name, names, n=1):
        return TypeError(f"{begin}; did you mean {near[0]!r}?")
    return TypeError(f"{begin}; it takes {', '.join(names)}")
