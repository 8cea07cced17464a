"""One line that finds a model to answer: the server's, or else the built-in one, and says which.

`Ollama(model=...)` never answers with another model; this is the explicit way to let a notebook run where no
server is. The environment variable LOGITLAB_CONNECT decides beforehand: "builtin" takes the built-in model
without asking the network, "ollama" never takes it. Tests and committed outputs use it.
"""

import inspect
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Unpack, overload

from logitlab.llms.base import LLM
from logitlab.llms.keywords import ConnectOptions
from logitlab.llms.options import is_off
from logitlab.messages import shown

if TYPE_CHECKING:
    from logitlab.llms.ollama import Ollama

_VARIABLE = "LOGITLAB_CONNECT"


@overload
def connect(model: str, *, fallback: None, **options: Unpack[ConnectOptions]) -> "Ollama": ...
@overload
def connect(
    model: str, *, fallback: str | LLM | None = "builtin", **options: Unpack[ConnectOptions]
) -> LLM: ...
def connect(model: str, *, fallback: str | LLM | None = "builtin", **options: Unpack[ConnectOptions]) -> LLM:
    """Return the model called `model` of an Ollama server, or `fallback` where there is none; prints which and why.

    Parameters
    ----------
    model : str
        The name on the server, for example "gemma:7b".
    fallback : "builtin", LLM or None
        Who answers when the server cannot: the built-in model, a model of yours, or nobody: then the
        server's error is raised.
    **options
        For every call, as `Ollama` takes them, LlamaIndex's names included. What is about a server or its
        machine (`host`, `timeout`, `headers`, `keep_alive`, `num_gpu`, ...) matters only to it. The
        built-in model follows the rest as far as it can; what it cannot follow is printed with the reason.
        A `fallback` of yours answers as you made it.

    Returns
    -------
    LLM
        The model that answers; printing it says which.

    Raises
    ------
    OllamaError
        If nobody but the server may answer and it cannot; also if it answers that it failed.

    Examples
    --------
    With ``LOGITLAB_CONNECT=builtin`` in the environment:

    >>> llm = connect("gemma:7b")
    Instead of gemma:7b: SmolLM2-135M-Instruct.Q4_1 in this process, because LOGITLAB_CONNECT=builtin
    >>> connect("gemma:7b", fallback=None)
    Traceback (most recent call last):
    ConnectionError: no server is asked for gemma:7b (LOGITLAB_CONNECT=builtin), ...
    """
    if not model or not isinstance(model, str):
        raise TypeError(f"model must be the name of a model, such as 'gemma:7b', got {shown(model)}")
    if not (fallback is None or fallback == "builtin" or isinstance(fallback, LLM)):
        raise TypeError(f"fallback must be 'builtin', a model or None, got {shown(fallback)}")
    chosen = os.environ.get(_VARIABLE, "")
    if chosen not in ("", "builtin", "ollama"):
        raise ValueError(f"{_VARIABLE} must be 'builtin', 'ollama' or unset, got {shown(chosen)}")
    if chosen == "builtin":
        return _instead(model, fallback, f"{_VARIABLE}=builtin", options)
    from logitlab.llms.ollama import ModelNotFoundError

    try:
        llm = _server(model, options)
    except (ConnectionError, TimeoutError, ModelNotFoundError, ImportError) as error:
        if fallback is None or chosen == "ollama":
            raise
        return _instead(model, fallback, str(error), options)
    print(f"{llm} answers")
    return llm


def _server(model: str, options: Mapping[str, Any]) -> LLM:
    """Return the model of a server that answers and has it; else the error that says what is missing."""
    from logitlab.llms.ollama import Ollama

    llm = Ollama(model, **options)
    llm.check()
    return llm


def _end(sentence: str) -> str:
    """Return the full stop that a sentence lacks."""
    return "" if sentence.endswith(".") else "."


def _instead(model: str, fallback: str | LLM | None, why: str, options: Mapping[str, Any]) -> LLM:
    if fallback is None:
        raise ConnectionError(
            f"no server is asked for {model} ({why}), and with fallback=None nobody else may answer"
        )
    asked = _for_an_answer(options)
    if isinstance(fallback, LLM):
        llm, left = fallback, _listed(asked, f"{fallback} answers with its own options")
    else:
        llm, left = _builtin(asked)
    print(f"Instead of {model}: {llm}, because {why}{left and f'{_end(why)} Without {left}'}")
    return llm


def _for_an_answer(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `options` ask of an answer, by Ollama's names: without what is about a server or its machine."""
    from logitlab.llms.ollama.fields import TAKES
    from logitlab.llms.ollama.names import understood

    connection = of_the_server()
    named, asked = understood({name: options.get(name) for name in connection}, options)
    return {
        name: value
        for name, value in asked.items()
        if name not in named and not (name in TAKES and TAKES[name].machine)
    }


def of_the_server() -> set[str]:
    """Return the parameters of `Ollama` that say where the server is and how it is spoken to."""
    from logitlab.llms.ollama import Ollama

    parameters = inspect.signature(Ollama).parameters.values()
    return {p.name for p in parameters if p.kind is not p.VAR_KEYWORD} - {"model"}


def _builtin(asked: dict[str, Any]) -> tuple[LLM, str]:
    """Return the built-in model with what it can follow, and what it cannot, with the reasons."""
    from logitlab.llms.builtin import BuiltIn

    takes = BuiltIn._takes
    reasons = {name: takes[name].cannot for name in asked if name in takes and takes[name].cannot}
    left = [_listed({name: asked[name]}, why) for name, why in reasons.items() if not is_off(asked[name])]
    followed = {name: value for name, value in asked.items() if name not in reasons}
    longest = BuiltIn().longest_context
    if (context := followed.get("num_ctx")) and takes["num_ctx"].coerce(context) > longest:
        left.append(_listed({"num_ctx": context}, f"its context holds {longest} tokens"))
        followed["num_ctx"] = longest
    return BuiltIn(**followed), ", ".join(left)


def _listed(options: dict[str, Any], why: str) -> str:
    """Options as they were given and why they are not followed; nothing if there are none."""
    given = ", ".join(f"{name}={shown(value)}" for name, value in options.items() if value is not None)
    return given and f"{given} ({why})"
