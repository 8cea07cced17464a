"""The options of the built-in model, and of a model that may be it, as type checkers see them.

They are apart from those of a server's models because they need the sampler's steps, which a server's client does not
load.
"""

from logitlab.llms.keywords import (
    ChatOptions,
    CompleteOptions,
    Flag,
    LLMOptions,
    OllamaChatOptions,
    OllamaCompleteOptions,
)
from logitlab.sampling.steps import StepOptions


class BuiltInCompleteOptions(CompleteOptions, StepOptions, total=False):
    """What `BuiltIn.complete` takes."""

    trace: Flag


class BuiltInChatOptions(ChatOptions, StepOptions, total=False):
    """What `BuiltIn.chat` takes."""

    trace: Flag


class BuiltInOptions(LLMOptions, StepOptions, total=False):
    """What `BuiltIn` takes beside its parameters."""

    trace: Flag


class AnyCompleteOptions(OllamaCompleteOptions, StepOptions, total=False):
    """What one of the models takes in `complete`."""

    trace: Flag


class AnyChatOptions(OllamaChatOptions, StepOptions, total=False):
    """What one of the models takes in `chat`."""

    trace: Flag


class AnyOptions(AnyCompleteOptions, AnyChatOptions, total=False):
    """What one of the models takes in either."""
