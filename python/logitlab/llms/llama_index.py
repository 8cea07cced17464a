"""Our models for LlamaIndex: `wrap(llm)` is a CustomLLM that any of its pipelines takes.

It exists for one reason: options arrive. LlamaIndex's own Ollama class drops what is given to `complete()`;
here every keyword goes to our model, which refuses what it does not know.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

try:
    from llama_index.core.base.llms import types
    from llama_index.core.bridge.pydantic import PrivateAttr
    from llama_index.core.llms.callbacks import llm_chat_callback, llm_completion_callback
    from llama_index.core.llms.custom import CustomLLM
except ImportError as error:
    raise ImportError("logitlab.llms.llama_index needs LlamaIndex: pip install llama-index-core") from error

from logitlab.llms.base import LLM
from logitlab.llms.builtin_keywords import AnyChatOptions, AnyCompleteOptions
from logitlab.llms.closable import Closable
from logitlab.llms.logprob import LogProb
from logitlab.llms.responses import ChatResponse, CompletionResponse
from logitlab.messages import shown

# Ollama's smallest default, on a CPU: a prompt that is planned for more would be cut silently.
_CONTEXT = 4096


if TYPE_CHECKING:  # LlamaIndex's decorators hide the options of a method from type checkers
    Method = TypeVar("Method", bound=Callable[..., Any])

    def _completes(method: Method) -> Method: ...
    def _chats(method: Method) -> Method: ...
else:
    _completes, _chats = llm_completion_callback(), llm_chat_callback()


class Wrapped(Closable, CustomLLM):
    """A model of logitlab as LlamaIndex sees it. `wrap` makes it."""

    context_window: int = _CONTEXT
    num_output: int = 256
    _llm: Any = PrivateAttr()  # an LLM, whose options may be more than those of all models

    def __init__(self, llm: LLM, **fields: Any) -> None:
        super().__init__(**fields)
        self._llm = llm

    @classmethod
    def class_name(cls) -> str:
        return "logitlab_llm"

    @property
    def metadata(self) -> types.LLMMetadata:
        return types.LLMMetadata(
            context_window=self.context_window,
            num_output=self.num_output,
            is_chat_model=True,
            model_name=str(getattr(self._llm, "model", self._llm)),
        )

    @_completes
    def complete(
        self, prompt: str, formatted: bool = False, **kwargs: Unpack[AnyCompleteOptions]
    ) -> types.CompletionResponse:
        return _completion(self._llm.complete(self._prompt(prompt, formatted), **kwargs))

    @_completes
    def stream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Unpack[AnyCompleteOptions]
    ) -> types.CompletionResponseGen:
        return (_completion(r) for r in self._llm.stream_complete(self._prompt(prompt, formatted), **kwargs))

    @_chats
    def chat(
        self, messages: Sequence[types.ChatMessage], **kwargs: Unpack[AnyChatOptions]
    ) -> types.ChatResponse:
        return _chat(self._llm.chat(messages, **kwargs))

    @_chats
    def stream_chat(
        self, messages: Sequence[types.ChatMessage], **kwargs: Unpack[AnyChatOptions]
    ) -> types.ChatResponseGen:
        return (_chat(r) for r in self._llm.stream_chat(messages, **kwargs))

    @_completes
    async def acomplete(
        self, prompt: str, formatted: bool = False, **kwargs: Unpack[AnyCompleteOptions]
    ) -> types.CompletionResponse:
        return _completion(await self._llm.acomplete(self._prompt(prompt, formatted), **kwargs))

    @_completes
    async def astream_complete(
        self, prompt: str, formatted: bool = False, **kwargs: Unpack[AnyCompleteOptions]
    ) -> types.CompletionResponseAsyncGen:
        stream = self._llm.astream_complete(self._prompt(prompt, formatted), **kwargs)
        return (_completion(r) async for r in stream)

    @_chats
    async def achat(
        self, messages: Sequence[types.ChatMessage], **kwargs: Unpack[AnyChatOptions]
    ) -> types.ChatResponse:
        return _chat(await self._llm.achat(messages, **kwargs))

    @_chats
    async def astream_chat(
        self, messages: Sequence[types.ChatMessage], **kwargs: Unpack[AnyChatOptions]
    ) -> types.ChatResponseAsyncGen:
        stream = self._llm.astream_chat(messages, **kwargs)
        return (_chat(r) async for r in stream)

    def close(self) -> None:
        """Close the model that answers."""
        self._llm.close()

    async def aclose(self) -> None:
        """Close the model that answers."""
        await self._llm.aclose()

    def _prompt(self, prompt: str, formatted: bool) -> str:
        return prompt if formatted else self.completion_to_prompt(prompt)


def wrap(llm: LLM, *, context_window: int | None = None, num_output: int | None = None) -> Wrapped:
    """Return a LlamaIndex model that answers with `llm`.

    Parameters
    ----------
    llm : LLM
        `Ollama(...)` or `BuiltIn()`; its options are the defaults of every call.
    context_window, num_output : int, optional
        What LlamaIndex plans prompts with; default: the model's `num_ctx` (4096 where it has none) and
        `num_predict` (256 where it has none).

    Examples
    --------
    >>> from logitlab.llms import Ollama
    >>> llm = wrap(Ollama("gemma:7b", temperature=0.6, top_k=50))
    >>> llm.metadata.model_name
    'gemma:7b'
    >>> print(llm.complete("What is Singapore?"))
    Singapore is a city.

    An index takes it as ``index.as_query_engine(llm=llm)``.
    """
    if not isinstance(llm, LLM):
        raise TypeError(
            f"wrap must be given a model of logitlab.llms, such as Ollama('gemma:7b'), got {shown(llm)}"
        )
    known = _without_asking(llm)
    return Wrapped(
        llm,
        context_window=context_window or known.get("num_ctx") or _CONTEXT,
        num_output=num_output or max(known.get("num_predict", -1), 0) or 256,
    )


def _without_asking(llm: LLM) -> Mapping[str, Any]:
    """Return the effective options that are known here; a server's own are not worth a request."""
    in_force = llm._in_force(llm._given)
    return in_force if isinstance(in_force, dict) else llm._given


def _completion(response: CompletionResponse) -> types.CompletionResponse:
    return types.CompletionResponse(
        text=response.text,
        delta=response.delta,
        raw=response.raw,
        logprobs=_logprobs(response.logprobs),
        additional_kwargs=response.additional_kwargs,
    )


def _chat(response: ChatResponse) -> types.ChatResponse:
    said = response.message
    message = types.ChatMessage(
        role=said.role, content=said.content, additional_kwargs=said.additional_kwargs
    )
    return types.ChatResponse(
        message=message,
        delta=response.delta,
        raw=response.raw,
        logprobs=_logprobs(response.logprobs),
        additional_kwargs=response.additional_kwargs,
    )


def _logprobs(entries: list[LogProb] | None) -> list[list[types.LogProb]] | None:
    """Per position the token that was drawn, and then the best ones."""
    if entries is None:
        return None
    return [
        [
            types.LogProb(token=each.token, logprob=each.logprob, bytes=each.bytes)
            for each in (entry, *entry.top_logprobs)
        ]
        for entry in entries
    ]
