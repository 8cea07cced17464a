"""One line that finds a model to answer: the server's, or else the built-in one, and says which.

`Ollama(model=...)` never answers with another model; this is the explicit way to let a notebook run where no
server is. The environment variable LOGITLAB_CONNECT decides beforehand: "builtin" takes the built-in model
without asking the network, "ollama" never takes it. Tests and committed outputs use it.
"""

import os
from typing import Any

from logitlab.llms.base import LLM
from logitlab.messages import shown

_VARIABLE = "LOGITLAB_CONNECT"

# Which server and how it is spoken to: of no meaning to a model in this process.
_OF_A_SERVER = {"host", "base_url", "timeout", "request_timeout", "headers", "keep_alive"}


def connect(model: str, *, fallback: str | LLM | None = "builtin", **options: Any) -> LLM:
    """The model called `model` of an Ollama server, or `fallback` where there is none; prints which and why.

    Parameters
    ----------
    model : str
        The name on the server, for example "gemma:7b".
    fallback : "builtin", LLM or None
        Who answers when the server can not: the built-in model, a model of yours, or nobody: then the
        server's error is raised.
    **options
        For every call, as the constructors take them. What is about the server (`host`, `timeout`,
        `headers`, `keep_alive`) matters only to it.

    Returns
    -------
    LLM
        The model that answers; printing it says which.

    Raises
    ------
    OllamaError
        If nobody but the server may answer and it can not; also if it answers that it failed.

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
        raise TypeError(f"connect needs the name of a model, such as 'gemma:7b', not {shown(model)}")
    if not (fallback is None or fallback == "builtin" or isinstance(fallback, LLM)):
        raise TypeError(f"fallback needs to be 'builtin', a model or None, not {shown(fallback)}")
    chosen = os.environ.get(_VARIABLE, "")
    if chosen not in ("", "builtin", "ollama"):
        raise ValueError(f"{_VARIABLE} needs to be 'builtin', 'ollama' or unset, not {shown(chosen)}")
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


def _server(model: str, options: dict[str, Any]) -> LLM:
    """The model of a server that answers and has it; else the error that says what is missing."""
    from logitlab.llms.ollama import Ollama

    llm = Ollama(model, **options)
    llm.check()
    return llm


def _instead(model: str, fallback: str | LLM | None, why: str, options: dict[str, Any]) -> LLM:
    if fallback is None:
        raise ConnectionError(
            f"no server is asked for {model} ({why}), and with fallback=None nobody else may answer"
        )
    if isinstance(fallback, LLM):
        llm = fallback
    else:
        from logitlab.llms.builtin import BuiltIn

        llm = BuiltIn(**{name: value for name, value in options.items() if name not in _OF_A_SERVER})
    print(f"Instead of {model}: {llm}, because {why}")
    return llm
