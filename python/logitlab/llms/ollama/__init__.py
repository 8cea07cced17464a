"""Models of an Ollama server: `Ollama(model)`, and everything that can go wrong with it."""

from logitlab.llms.ollama.errors import (
    ModelNotFoundError,
    OllamaConnectionError,
    OllamaError,
    OllamaIncompleteError,
    OllamaProtocolError,
    OllamaResponseError,
    OllamaTimeoutError,
)
from logitlab.llms.ollama.model import Ollama

__all__ = [
    "ModelNotFoundError",
    "Ollama",
    "OllamaConnectionError",
    "OllamaError",
    "OllamaIncompleteError",
    "OllamaProtocolError",
    "OllamaResponseError",
    "OllamaTimeoutError",
]
