"""The options of models as type checkers see them, so that a misspelt one is found before a model is asked.

The tables in `logitlab.llms.options`, `ollama.fields` and `builtin` own the options and their meaning; a test holds
these names against theirs. Values are `Any`, as in `logitlab.keywords`: the tables check them.

What `complete` takes and `chat` does not, and the reverse, are apart. `LLM` has what all models take, each model
adds its own.
"""

from typing import Any, TypedDict

from logitlab.keywords import FirstOptions, Number, OllamaSteps

Flag = Any
Text = Any


class DrawOptions(FirstOptions, OllamaSteps, total=False):
    """What all models take in the `options` of a request."""

    num_ctx: Number
    num_keep: Number
    num_predict: Number
    seed: Number
    stop: Any  # a string or a list of strings


class AnswerOptions(DrawOptions, total=False):
    """What all models take in `complete` and in `chat`."""

    format: Any  # "json", a JSON Schema or a pydantic class
    logprobs: Flag
    shift: Flag
    system: Text
    think: Any  # a bool or a level
    top_logprobs: Number
    truncate: Flag


class CompleteOptions(AnswerOptions, total=False):
    """What all models take in `complete`."""

    context: Any  # the token ids of an earlier answer
    images: Any
    raw: Flag
    suffix: Text
    template: Text


class ChatOptions(AnswerOptions, total=False):
    """What all models take in `chat`."""

    tools: Any  # Python functions or schemas


class LLMOptions(CompleteOptions, ChatOptions, total=False):
    """What all models take in their constructors."""


class MachineOptions(TypedDict, total=False):
    """What only a server takes: options about its machine."""

    draft_num_predict: Number
    main_gpu: Number
    num_batch: Number
    num_gpu: Number
    num_thread: Number
    use_mmap: Flag


class ServerOptions(MachineOptions, total=False):
    """What only a server takes in a call."""

    keep_alive: Any  # seconds, or a string such as "10m"


class OllamaCompleteOptions(CompleteOptions, ServerOptions, total=False):
    """What `Ollama.complete` takes."""


class OllamaChatOptions(ChatOptions, ServerOptions, total=False):
    """What `Ollama.chat` takes."""


class OllamaCallOptions(LLMOptions, ServerOptions, total=False):
    """What a call of either kind takes: `Ollama.effective_options`."""


class EmbedOptions(DrawOptions, ServerOptions, total=False):
    """What `Ollama.embed` takes."""

    dimensions: Number
    truncate: Flag


class LlamaIndexNames(TypedDict, total=False):
    """What the constructor of LlamaIndex's Ollama takes, by its names."""

    additional_kwargs: Any
    base_url: Text
    context_window: Number
    json_mode: Flag
    request_timeout: Number
    thinking: Any


class OllamaOptions(LLMOptions, MachineOptions, LlamaIndexNames, total=False):
    """What `Ollama` takes beside its parameters."""


class ConnectOptions(OllamaOptions, ServerOptions, total=False):
    """What `connect` takes for a server's model: the parameters of `Ollama` too."""

    cert: Any
    headers: Any
    host: Text
    timeout: Number
    verify: Any
