"""What people write who come from other libraries, and what it is called here.

One table for all functions and methods, those in C included, which ask here when a call does not fit: `softmax(x,
dim=0)`, `top_k(x, top_k=5)` and `Sampler(temp=0.5)` each have one answer. A name that is in the table never gets the
nearest-looking name instead.
"""

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from types import ModuleType
from typing import Any, NamedTuple, ParamSpec, TypeVar

from logitlab.messages import shown

P = ParamSpec("P")
R = TypeVar("R")


class Habit(NamedTuple):
    """The names that stand for it here, of which the first that a function has is meant; and what else to say."""

    names: tuple[str, ...] = ()
    said: str = ""  # beside the name, or in its place where there are no names


_PROBABILITIES = "probabilities p become logits by np.log(p)"
_DISTINCT = "the tokens of one call are independent draws; distinct ones are argtop_k(x + gumbel, k)"
_AXIS_STAYS = "the axis stays, unless one number is all that is left of it: np.expand_dims(result, axis)"
_BEST_FIRST = 'best first is order="descending"'
_THREADS = "a number of threads, or -1 for every core"
_AS_FLOAT = "convert the array: x.astype(dtype)"

HABITS: Mapping[str, Habit] = {
    # temperature
    "T": Habit(("temperature",)),
    "temperature": Habit(("T",)),
    "temp": Habit(("temperature", "T")),
    "tau": Habit(("temperature", "T")),
    "t": Habit(("temperature", "T")),
    "beta": Habit(("temperature", "T"), "an inverse temperature beta is the temperature 1 / beta"),
    # what is kept
    "k": Habit(("top_k",)),
    "topk": Habit(("top_k", "k")),
    "top_k": Habit(("k",)),
    "p": Habit(("top_p",), _PROBABILITIES),
    "topp": Habit(("top_p",)),
    "nucleus": Habit(("top_p",)),
    # the array
    "x": Habit(("logits", "what")),
    "logits": Habit(("x", "what")),
    "input": Habit(("x", "logits", "what")),
    "a": Habit(("x", "logits", "what")),
    "scores": Habit(("x", "logits", "what")),
    "logprobs": Habit(("x", "logits", "what")),
    "probs": Habit(("logits", "x", "what"), _PROBABILITIES),
    "probabilities": Habit(("logits", "x", "what"), _PROBABILITIES),
    "pvals": Habit(("logits", "x", "what"), _PROBABILITIES),
    "weights": Habit(("logits", "x", "what"), _PROBABILITIES),
    "dim": Habit(("axis",)),
    "axes": Habit(("axis",)),
    # one token for each row
    "labels": Habit(("tokens",)),
    "label": Habit(("tokens",)),
    "targets": Habit(("tokens",)),
    "target": Habit(("tokens",)),
    "y_true": Habit(("tokens",)),
    "index": Habit(("tokens",)),
    "indices": Habit(("tokens", "return_indices")),
    "token": Habit(("tokens",)),
    "ids": Habit(("tokens",)),
    "ignore_index": Habit((), "the rows to ignore are left out: token_logprobs(logits[keep], tokens[keep])"),
    "reduction": Habit((), "one number for each row: the loss is -token_logprobs(logits, tokens).mean()"),
    "weight": Habit((), "one number for each row: weigh the result"),
    "label_smoothing": Habit((), "the mean of all of a row's logarithms is log_softargmax(logits).mean(-1)"),
    # draws
    "seed": Habit(("rng",), "an int, or a Generator as np.random.default_rng(seed) makes it"),
    "random_seed": Habit(("rng", "seed")),
    "random_state": Habit(("rng", "seed")),
    "generator": Habit(("rng", "seed")),
    "rng": Habit(("seed",)),
    "key": Habit(("rng", "seed")),
    "num_samples": Habit(("size",)),
    "n_samples": Habit(("size",)),
    "n": Habit(("size", "k")),
    "num": Habit(("size", "k")),
    "shape": Habit(("size",)),
    "draws": Habit(("size",)),
    "replace": Habit((), _DISTINCT),
    "replacement": Habit((), _DISTINCT),
    "do_sample": Habit((), "the greedy choice is a temperature of 0"),
    # threads
    "n_jobs": Habit(("workers",), _THREADS),
    "n_workers": Habit(("workers",), _THREADS),
    "num_workers": Habit(("workers",), _THREADS),
    "max_workers": Habit(("workers",), _THREADS),
    "num_threads": Habit(("workers",), _THREADS),
    "n_threads": Habit(("workers",), _THREADS),
    "nthreads": Habit(("workers",), _THREADS),
    "num_thread": Habit(("workers",), _THREADS),
    "threads": Habit(("workers",), _THREADS),
    "jobs": Habit(("workers",), _THREADS),
    "processes": Habit(("workers",), _THREADS),
    "cores": Habit(("workers",), _THREADS),
    "parallel": Habit(("workers",), _THREADS),
    # of the functions that are elsewhere called softmax and topk
    "dtype": Habit((), _AS_FLOAT),
    "keepdims": Habit((), _AXIS_STAYS),
    "keepdim": Habit((), _AXIS_STAYS),
    "where": Habit((), "give what is left out a logit of -inf: np.where(mask, x, -np.inf)"),
    "mask": Habit((), "give what is left out a logit of -inf: np.where(mask, -np.inf, x)"),
    "largest": Habit((), "the smallest are those of -x"),
    "sorted": Habit((), "the values always come in order"),
    "descending": Habit(("order",), _BEST_FIRST),
    "ascending": Habit(("order",), _BEST_FIRST),
    "reverse": Habit(("order",), _BEST_FIRST),
    "return_index": Habit(("return_indices",)),
    "return_values": Habit(("return_indices",), "True gives (values, indices)"),
    "b": Habit((), "a weight b of each element is added as its logarithm: logsumexp(x + np.log(b))"),
    "return_sign": Habit((), "there are no signs: every weight is positive"),
    # an explorer
    "vocab": Habit(("tokens",)),
    "vocabulary": Habit(("tokens",)),
    "names": Habit(("tokens",)),
    "words": Habit(("tokens",)),
    "prompt": Habit(("text",)),
    "model": Habit(("what",)),
    "llm": Habit(("what",)),
    # the past
    "tokens": Habit(("history",)),
    "input_ids": Habit(("history",)),
    "prev_tokens": Habit(("history",)),
}


def called(name: str) -> tuple[str, ...]:
    """Return what a name of another library is called here, in the order in which it is meant."""
    return HABITS.get(name, Habit()).names


def hint(name: str, names: Iterable[str], elsewhere: Callable[[str], str] = lambda _: "") -> str:
    """Return the end of a message about a name that a function does not have, or nothing.

    Parameters
    ----------
    name : str
        What was written.
    names : iterable of str
        What the function has.
    elsewhere : callable, optional
        Says where a name belongs that the function does not have.

    Examples
    --------
    >>> hint("dim", ["x", "axis"]), hint("tempreature", ["temperature"])
    (': it is called axis= here', "; did you mean 'temperature'?")
    """
    own = list(names)
    habit = HABITS.get(name, Habit())
    found = next((each for each in habit.names if each in own), None)
    if found is not None:
        return f": it is called {found}= here" + (f"; {habit.said}" if habit.said else "")
    instead = "" if habit.names else habit.said
    if said := next((said for each in (name, *habit.names) if (said := elsewhere(each))), instead):
        return f": {said}"
    near = difflib.get_close_matches(name[:100], own, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; it takes {', '.join(own)}"


def unexpected(
    function: str, name: str, names: Iterable[str], elsewhere: Callable[[str], str] = lambda _: ""
) -> str:
    """Return the message about a keyword that a function does not have."""
    return f"{function}() got an unexpected keyword argument {shown(name)}{hint(name, names, elsewhere)}"


def too_many(function: str, positional: int, args: tuple[Any, ...], others: Iterable[str]) -> str:
    """Return the message about arguments that have to go by name: `others` are the names, in order."""
    taken = f"{positional} positional argument" + "s" * (positional != 1)
    said = f"{function}() takes at most {taken}, got {len(args)}"
    keywords = list(others)
    if not keywords:
        return said
    return f"{said}: the others go by name, such as {keywords[0]}={shown(args[positional])}"


def axis_needed(axis: Any) -> str:
    """Return the message about an axis that is not one."""
    said = f"axis must be an integer, a tuple of integers or None, got {shown(axis)}"
    if isinstance(axis, list) or getattr(axis, "ndim", 0) != 0:
        said += ": several axes are a tuple"
    return said


def rng_needed(rng: Any) -> str:
    """Return the message about what is no source of random numbers."""
    said = f"rng must be a Generator, a BitGenerator, a SeedSequence, an int or None, got {shown(rng)}"
    kind = type(rng)
    home = rng.__name__ if isinstance(rng, ModuleType) else kind.__module__
    if home.partition(".")[0] == "torch" and not isinstance(rng, ModuleType):
        return f"{said}: use np.random.default_rng(generator.initial_seed())"
    if home == "random" or home.startswith("numpy.random"):
        return (
            f"{said}: use np.random.default_rng(seed); np.random.seed() and random.seed() have no effect here"
        )
    if getattr(rng, "__module__", "").startswith("numpy.random") or isinstance(rng, type):
        return f"{said}: it has to be called first, as in np.random.default_rng(seed)"
    if isinstance(rng, list | tuple) or getattr(rng, "ndim", 0) != 0:
        return f"{said}: several integers make a np.random.SeedSequence"
    return said


def temperature_needed(temperature: None) -> str:
    """Return the message about T=None."""
    return f"T must be a real number >= 0 (or an array of them), got {temperature}: leave it out for T = 1"


def answered(elsewhere: Callable[[str], str] = lambda _: "") -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let calls that do not fit a function be answered from the table.

    Parameters
    ----------
    elsewhere : callable, optional
        Says where a name belongs that the function does not have.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def call(*args: P.args, **keywords: P.kwargs) -> R:
            try:
                return function(*args, **keywords)
            except TypeError as error:
                within = error.__traceback__ is not None and error.__traceback__.tb_next is not None
                said = "" if within else misfit(function, args, keywords, elsewhere)
                if not said:
                    raise
            raise TypeError(said)

        return call

    return decorate


def misfit(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    keywords: Mapping[str, Any],
    elsewhere: Callable[[str], str] = lambda _: "",
) -> str:
    """Return what to say of arguments that do not fit a function; nothing where Python says it well."""
    parameters = list(inspect.signature(function).parameters.values())
    if parameters and parameters[0].name == "self":
        parameters, args = parameters[1:], args[1:]
    name = function.__qualname__.removesuffix(".__init__")
    named = [each.name for each in parameters if each.kind is not inspect.Parameter.VAR_KEYWORD]
    for keyword in keywords:
        if keyword not in named:
            return unexpected(name, keyword, named, elsewhere)
    positional = sum(each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for each in parameters)
    return too_many(name, positional, args, named[positional:]) if len(args) > positional else ""
