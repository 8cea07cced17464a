"""The model in this process: SmolLM2-135M-Instruct, drawn from token by token by logitlab's own sampler.

It takes Ollama's options and defaults, so that a notebook means the same on both, but for two: an answer has
at most 256 tokens and the context 2048. Unlike a server it also shows what it draws from: the logits of its
whole vocabulary. It has 135 million parameters and invents facts.
"""

import os
import secrets
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, ClassVar, SupportsIndex, Unpack
from weakref import WeakValueDictionary

from logitlab._kernels import threads_of
from logitlab.llms.base import LLM, Chunk, Request, never
from logitlab.llms.builtin_keywords import BuiltInOptions
from logitlab.llms.options import OPTIONS, Option, as_the_sampler, flag, rows
from logitlab.llms.responses import ChatMessage
from logitlab.llms.smol.answer import Answer
from logitlab.llms.smol.digest import sha256_of
from logitlab.llms.smol.find import find
from logitlab.llms.smol.folder import weights_folder
from logitlab.llms.smol.generate import generate
from logitlab.llms.smol.gguf_file import Floats, GGUFFile
from logitlab.llms.smol.network import Network
from logitlab.llms.smol.tokenizer import Tokenizer
from logitlab.messages import shown
from logitlab.ollama_defaults import DEFAULTS as OLLAMA
from logitlab.sampling import Sampler
from logitlab.sampling.options import asks_for, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logitlab.llms.builtin_keywords import BuiltInChatOptions, BuiltInCompleteOptions
    from logitlab.llms.messages import Messages
    from logitlab.llms.responses import ChatResponse, CompletionResponse
    from logitlab.llms.worker import AsyncStream

_DEFAULTS: dict[str, Any] = {
    **{name: OLLAMA[name] for name in ("temperature", "top_k", "top_p")},
    "min_p": 0.0,
    "seed": -1,
    "num_predict": 256,
    "num_ctx": 2048,
    "stop": [],
    "raw": False,
    "logprobs": False,
}
_SAMPLING = known()  # every option of a step
_PENALTIES = {asks_for(kind) for kind, _ in _SAMPLING["repeat_last_n"]}

# What a server may be asked for and this model cannot do: only the value that asks for nothing is taken.
_CANNOT = {
    "think": "the built-in model does not think before it answers",
    "format": "no grammar holds the built-in model to a format",
    "tools": "the built-in model was not trained to call functions",
    "images": "the built-in model reads text only",
    "suffix": "the built-in model cannot fill in what stands before a suffix",
    "template": "the built-in model has one chat template; raw=True leaves it out",
    "context": "the built-in model takes a conversation as its messages, in chat()",
    "truncate": "the built-in model refuses a prompt that is longer than its context",
    "shift": "an answer of the built-in model ends when the context is full",
    "num_keep": "an answer of the built-in model ends when the context is full",
}
_ROLES = ("system", "user", "assistant")


class _Model:
    """What is read from one file, shared by every BuiltIn of that file."""

    def __init__(self, path: Path) -> None:
        file = GGUFFile(path)
        self.name = path.stem
        self.sha256 = sha256_of(path)
        self.tokenizer = Tokenizer(file)
        self.network = Network(file, len(self.tokenizer), weights_folder())


_loaded: WeakValueDictionary[tuple[str, int, int], _Model] = WeakValueDictionary()
_loading = Lock()


def _load(path: Path) -> _Model:
    about = path.stat()
    key = (str(path.resolve()), about.st_mtime_ns, about.st_size)
    with _loading:
        model = _loaded.get(key)
        if model is None:
            model = _loaded[key] = _Model(path)
    return model


class _InForce(dict[str, Any]):
    """The effective options of a call, and the sampler that was made of them."""

    def __init__(self, options: Mapping[str, Any], sampler: Sampler) -> None:
        super().__init__(options)
        self.sampler = sampler

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)  # a copy is the options alone: it draws nothing


class BuiltIn(LLM):
    """SmolLM2-135M-Instruct in this process: no server, no account.

    Parameters
    ----------
    path : path, optional
        A GGUF file of the same family. Without it, the file that the environment variable LOGITLAB_MODEL
        names; else the model itself, which is fetched once (98 MB, Apache-2.0) into the user's cache
        (`~/.cache` on Linux; XDG_CACHE_HOME names another folder). A cache that cannot hold it is an OSError.
    sampler : logitlab.Sampler, optional
        Draws the tokens, in place of Ollama's chain; sampling options then change this sampler.
    workers : int, optional
        How many threads compute a token, as in `logitlab.softargmax`: -1 is every core that this process
        may use, None the value of `logitlab.set_workers`. The text is the same for any number.
    **options
        temperature (0.8), top_k (40), top_p (0.9), min_p (0), every other option of a `Sampler`, seed,
        num_predict (256; -1 goes on until the context is full), num_ctx (2048), stop, system, raw, logprobs,
        top_logprobs, trace (what each token was drawn from: a response's `.drawn` and `.show()`, and the
        traces in its `.additional_kwargs`): for every call that does not set them itself. Without a seed every
        answer draws one; it is in the answer's `.options`. Ollama's `think`, `format`, `tools` and the like are
        taken only where they ask for
        nothing, as `think=False` does.

    Notes
    -----
    Each token is one draw of `logitlab.sample(logits, temperature=, top_k=, top_p=, min_p=, rng=)`, or of the
    sampler, whose history is the prompt and the answer so far; `rng` is
    `numpy.random.Generator(PCG64(seed))`: the same prompt, options and seed give the same text on
    every machine, whatever was asked before (docs/arithmetic.md). The `.receipt` of an answer has all of it,
    and `logitlab.replay` asks for the answer again.

    `complete` and `chat` put the text into the model's chat template (without the system message that the
    template's authors put in front); `raw=True` does not. An instance may be used from several threads: one
    token is computed at a time, and a stream that is not read to its end holds nothing up.

    Examples
    --------
    >>> llm = BuiltIn(temperature=0.6)
    >>> print(llm.complete("What is Singapore?", seed=1, num_predict=8))
    Singapore is ...
    """

    _takes: ClassVar[Mapping[str, Option]] = rows(
        "temperature", "top_k", "top_p", "min_p", "seed", "num_ctx", "num_predict", "stop", "system", "raw",
        "logprobs", "top_logprobs",
    ) | {
        name: OPTIONS.get(name) or Option(name, as_the_sampler, "an option of a sampler's step")
        for name in _SAMPLING
    } | {
        name: Option(name, as_the_sampler, "of a server", place="request", cannot=why)
        for name, why in _CANNOT.items()
    } | {"trace": Option("trace", flag, "tell each token's trace", place="request")}  # fmt: skip

    _no_receipt = "the answer has no receipt before its end; it is in the last response of the stream"

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        sampler: Sampler | None = None,
        workers: SupportsIndex | None = None,
        **options: Unpack[BuiltInOptions],
    ) -> None:
        given: dict[str, Any] = {**options}  # more than all models take
        super().__init__(**given)
        if sampler is not None and not isinstance(sampler, Sampler):
            raise TypeError(f"sampler must be a logitlab.Sampler, got {shown(sampler)}")
        threads_of(workers)  # a wrong number is an error now
        self.sampler, self.workers = sampler, workers
        self.path = find(path)
        self._held: _Model | None = _load(self.path)
        self._name = self._model.name
        self._in_force(self._given)

    if TYPE_CHECKING:  # the methods are LLM's, the options this model's

        def complete(self, prompt: str, **options: Unpack[BuiltInCompleteOptions]) -> CompletionResponse: ...
        def stream_complete(
            self, prompt: str, **options: Unpack[BuiltInCompleteOptions]
        ) -> Iterator[CompletionResponse]: ...
        async def acomplete(
            self, prompt: str, **options: Unpack[BuiltInCompleteOptions]
        ) -> CompletionResponse: ...
        def astream_complete(
            self, prompt: str, **options: Unpack[BuiltInCompleteOptions]
        ) -> AsyncStream[CompletionResponse]: ...
        def chat(self, messages: Messages, **options: Unpack[BuiltInChatOptions]) -> ChatResponse: ...
        def stream_chat(
            self, messages: Messages, **options: Unpack[BuiltInChatOptions]
        ) -> Iterator[ChatResponse]: ...
        async def achat(self, messages: Messages, **options: Unpack[BuiltInChatOptions]) -> ChatResponse: ...
        def astream_chat(
            self, messages: Messages, **options: Unpack[BuiltInChatOptions]
        ) -> AsyncStream[ChatResponse]: ...

    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"_held": None}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.__dict__.update(state)
        self._held = _load(self.path)

    def close(self) -> None:
        """Free what the model holds: connections or memory; closing twice is no error."""
        super().close()
        self._held = None

    @property
    def _model(self) -> _Model:
        if self._held is None:
            raise ValueError("this model was closed: make a new one, or ask before its close()")
        return self._held

    def __str__(self) -> str:
        return f"{self._name} in this process"

    def __repr__(self) -> str:
        return f"BuiltIn({str(self.path)!r})"

    @property
    def model(self) -> str:
        """The name of the model that answers."""
        return self._name

    @property
    def sha256(self) -> str:
        """The SHA-256 of the model's file, in hexadecimal: what a receipt knows the model by."""
        return self._model.sha256

    @property
    def longest_context(self) -> int:
        """The most tokens that `num_ctx` may be: what the model was trained for."""
        return int(self._model.network.context)

    @property
    def ends(self) -> frozenset[int]:
        """The tokens that end an answer."""
        return frozenset(self._model.tokenizer.ends)

    def tokenize(self, text: str, *, chat: bool = False) -> list[int]:
        """Return the token ids of `text`, as it is or, with `chat`, as the model is asked it."""
        if chat:
            text = _template(_led([ChatMessage("user", text)], self._given.get("system")))
        return self._model.tokenizer.encode(text)

    def detokenize(self, tokens: Iterable[int]) -> str:
        """Return the text of token ids; bytes that are no character become U+FFFD."""
        return self._model.tokenizer.decode(tokens)

    def next_logits(self, text: str | Iterable[int], *, chat: bool = False) -> Floats:
        """Return the logits of every token of the vocabulary, as the one that follows `text`.

        Parameters
        ----------
        text : str or sequence of int
            A text or its token ids, taken as they are.
        chat : bool
            Put the text into the chat template first: these are the logits of an answer's first token.

        Returns
        -------
        ndarray
            float32 of shape (vocabulary,): 49152 for SmolLM2.

        Raises
        ------
        ValueError
            For a text of no tokens or of more than the context holds.
        """
        tokens = self._tokens(text, chat)
        context = self._context(self._given)
        if not 0 < len(tokens) <= context:
            raise ValueError(
                f"the text must have 1 to {context} tokens, the length of the context, got {len(tokens)}"
            )
        return self._next(tokens, context).copy()

    def _next(self, tokens: Sequence[int], context: int) -> Floats:
        """Return the logits after tokens (read-only), by a cache of a context that long."""
        network = self._model.network
        with network.pool.lend(tokens, context, self.workers) as cache:
            logits = network.read(cache, tokens, never)
            assert logits is not None
            return logits

    def _tokens(self, text: str | Iterable[int], chat: bool) -> list[int]:
        if isinstance(text, str):
            return self.tokenize(text, chat=chat)
        if chat:
            raise TypeError("chat=True needs a text, not token ids")
        return self._model.tokenizer.check(text)

    def _in_force(self, given: dict[str, Any]) -> dict[str, Any]:
        options = _DEFAULTS | given
        if options.get("top_logprobs"):
            if given.get("logprobs") is False:
                raise ValueError("top_logprobs needs logprobs=True")
            options["logprobs"] = True
        if self.sampler is not None:  # its steps, and what was given, are all that is effective
            options = {
                name: value for name, value in options.items() if name not in _SAMPLING or name in given
            }
            options = self.sampler.options | options
        sampler = self._sampler(given)
        options["num_ctx"] = self._context(given)
        if options["seed"] == -1:
            options["seed"] = secrets.randbelow(2**32 - 1)
        options["stop"] = list(options["stop"])
        return _InForce(options, sampler)

    def _context(self, given: Mapping[str, Any]) -> int:
        """How many tokens the context of a call holds."""
        wanted, longest = int(given.get("num_ctx", _DEFAULTS["num_ctx"])), self.longest_context
        if wanted > longest and "num_ctx" in given:
            raise ValueError(f"num_ctx must be <= {longest} for {self.model}, got {given['num_ctx']}")
        return min(wanted, longest)

    def _sampler(self, given: Mapping[str, Any]) -> Sampler:
        """Return the sampler of a call: Ollama's defaults or our own, changed by what was given."""
        changed = {name: value for name, value in given.items() if name in _SAMPLING}
        own = {} if self.sampler is None else self.sampler.options
        if not _PENALTIES & {*changed, *own}:  # how far back a penalty looks that there is not
            changed.pop("repeat_last_n", None)
        if "min_new_tokens" in changed and "eos_token_id" not in changed:
            changed["eos_token_id"] = sorted(self._model.tokenizer.ends)
        if self.sampler is not None:
            return self.sampler.replace(**changed)
        defaults = {name: value for name, value in _DEFAULTS.items() if name in _SAMPLING}
        return Sampler(**(defaults | changed))

    def _stream(self, request: Request) -> Generator[Chunk, None, None]:
        prompt = self._prompt(request)
        options = request.options
        sampler = options.sampler if isinstance(options, _InForce) else self._sampler(request.given)
        yield from self._drawing(
            prompt, sampler, options, chat=request.prompt is None, cancelled=request.cancelled
        )

    def _drawing(
        self,
        prompt: Sequence[int],
        sampler: Sampler,
        options: Mapping[str, Any],
        *,
        chat: bool,
        cancelled: Callable[[], bool] = never,
    ) -> Generator[Chunk, None, None]:
        """Return the answer that follows from a prompt's tokens, a sampler, and the options in force beside it."""
        model = self._model
        answer = Answer(model.name, model.tokenizer, model.sha256, prompt, sampler, options, chat)
        drawing = generate(
            model.network, prompt, sampler, options["seed"], options["num_ctx"], cancelled, self.workers
        )
        with closing(drawing) as drawn:
            for token, logits in drawn:
                if options.get("trace"):
                    answer.watch(token, logits, self)
                if (chunk := answer.add(token, logits)) is not None:
                    yield chunk
                if answer.reason:
                    break
        yield answer.end()

    def _prompt(self, request: Request) -> list[int]:
        raw, system = request.options["raw"], request.options.get("system")
        if request.prompt is None:
            if raw:
                raise ValueError("raw=True is for complete(): a conversation needs the chat template")
            text = _template(_led(request.messages, system))
        elif raw:
            if system:
                raise ValueError("system= needs the chat template, which raw=True leaves out")
            text = request.prompt
        else:
            text = _template(_led([ChatMessage("user", request.prompt)], system))
        tokens = self._model.tokenizer.encode(text)
        self._check_room(tokens, request.options["num_ctx"])
        return tokens

    def _check_room(self, prompt: Sequence[int], context: int) -> None:
        if not prompt:
            raise ValueError("the prompt has no tokens: with raw=True it needs a text to go on from")
        if len(prompt) >= context:
            raise ValueError(
                f"the prompt has {len(prompt)} tokens and the context holds {context}, an answer included"
            )

    def _again(
        self, prompt: Iterable[int], sampler: Sampler, options: Mapping[str, Any], *, chat: bool
    ) -> Generator[Chunk, None, None]:
        """Return what `replay` asks: an answer from token ids; `options` are the seed and those that end an answer."""
        tokens = self._model.tokenizer.check(prompt)
        context = self._context(options)
        self._check_room(tokens, context)
        return self._drawing(tokens, sampler, {**options, "num_ctx": context}, chat=chat)


def _led(messages: Sequence[ChatMessage], system: str | None) -> list[ChatMessage]:
    """Return the conversation with the system message in front, if there is one."""
    if not system:
        return list(messages)
    if any(message.role == "system" for message in messages):
        raise ValueError("system= is given, and the conversation has a system message of its own")
    return [ChatMessage("system", system), *messages]


def _template(messages: Iterable[ChatMessage]) -> str:
    """Return the conversation in ChatML, in which SmolLM2 was tuned, with the answer begun.

    The default system message of the file's template is left out: with it the model takes "Singapore" for Sri Lanka.
    """
    turns = list(messages)
    if not turns:
        raise ValueError("chat needs at least one message")
    for turn in turns:
        if turn.role not in _ROLES:
            raise ValueError(f"role must be one of {', '.join(_ROLES)}, got {shown(turn.role)}")
        if turn.additional_kwargs:
            raise TypeError(
                "the built-in model takes a role and a content, both text, and cannot take a message's "
                f"{', '.join(turn.additional_kwargs)}"
            )
    said = "".join(f"<|im_start|>{turn.role}\n{turn.content}<|im_end|>\n" for turn in turns)
    return f"{said}<|im_start|>assistant\n"
