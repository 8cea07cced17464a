"""One answer of the built-in model under construction: tokens go in, chunks in Ollama's words come out."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from logitlab import argtop_k, log_softargmax
from logitlab.llms import receipts
from logitlab.llms.base import Chunk
from logitlab.llms.drawn import DrawnToken, of_trace
from logitlab.llms.logprob import LogProb
from logitlab.llms.smol.gguf_file import Floats
from logitlab.llms.smol.text import Text
from logitlab.llms.smol.tokenizer import Tokenizer
from logitlab.sampling import Sampler, Trace


class Answer:
    """One answer under construction, told in Ollama's words."""

    def __init__(
        self,
        name: str,
        tokenizer: Tokenizer,
        sha256: str,
        prompt: Sequence[int],
        sampler: Sampler,
        options: Mapping[str, Any],
        chat: bool,
    ) -> None:
        self._name = name
        self._tokenizer = tokenizer
        self._sha256 = sha256
        self._prompt = prompt
        self._sampler = sampler
        self._options = options
        self._chat = chat
        self._text = Text(options["stop"])
        self._said: list[str] = []
        self.tokens: list[int] = []
        self.traces: list[Trace] = []  # of the tokens that no chunk has told yet
        # not told yet, with where the token begins: it is told with its text, or cut off with it
        self._logprobs: list[tuple[int, LogProb]] = []
        self._watched: list[tuple[int, DrawnToken]] = []
        self._length = 0  # of the text told
        self._drawn = 0
        self._started = time.perf_counter_ns()
        self.reason = ""  # why the answer ended: empty until it has

    def watch(self, token: int, logits: Floats, model: Any) -> None:
        """Record what the next token was drawn from; `model` has the texts of tokens."""
        looking_back: dict[str, Any] = {
            "history": [*self._prompt, *self.tokens],
            "generated": len(self.tokens),
        }
        trace = self._sampler.trace(logits, tokens=model, **looking_back)
        self.traces.append(trace)
        if token not in self._tokenizer.ends:
            tosses = any(step.coins for step in self._sampler.steps)  # a trace is of coins that fall
            probs = self._sampler.probs(logits, **looking_back) if tosses else trace.after
            drawn = of_trace(token, logits, trace, probs, self._tokenizer)
            self._watched.append((self._text.decoded, drawn))

    def add(self, token: int, logits: Floats) -> Chunk | None:
        """Return the text that one more token makes certain, if any."""
        self._drawn += 1
        if token in self._tokenizer.ends:
            self.reason = "stop"
            return None
        self.tokens.append(token)
        piece = self._tokenizer.piece(token)
        if self._options.get("logprobs"):
            entry = self._logprob(token, piece, logits)
            self._logprobs.append((self._text.decoded, entry))
        delta = self._text.add(piece)
        if self._text.stopped:
            self.reason = "stop"
        elif self._drawn == self._options["num_predict"]:
            self.reason = "length"
        return self._chunk(delta) if delta else None

    def end(self) -> Chunk:
        """Return what was held back, and the account of the whole."""
        chunk = self._chunk(self._text.flush())
        if not self._text.stopped:  # tokens without a text of their own
            chunk.logprobs = [*chunk.logprobs, *(entry for _, entry in self._logprobs)]
            chunk.drawn = [*chunk.drawn, *(drawn for _, drawn in self._watched)]
        account: dict[str, Any] = {
            "done_reason": self.reason or "length",  # without a reason the context is full
            "prompt_eval_count": len(self._prompt),
            "eval_count": self._drawn,
            "total_duration": time.perf_counter_ns() - self._started,
            "tokens": self.tokens,
        }
        text = "".join(self._said)
        chunk.raw = self._raw(text, done=True) | account
        chunk.receipt = self._receipt(text, account["done_reason"])
        chunk.additional_kwargs = account | dict(chunk.additional_kwargs)
        return chunk

    def _receipt(self, text: str, done_reason: str) -> dict[str, Any]:
        return receipts.write(
            {
                "model": {"name": self._name, "sha256": self._sha256},
                "kind": "chat" if self._chat else "complete",
                "prompt": list(self._prompt),
                "sampler": json.loads(self._sampler.to_json()),
                "seed": self._options["seed"],
                "options": {name: self._options[name] for name in receipts.ENDS},
                "answer": receipts.answer(text, self.tokens, done_reason),
            }
        )

    def _logprob(self, token: int, piece: bytes, logits: Floats) -> LogProb:
        """Return a token's log-probability under the raw logits, and those of the best as many as were asked for."""
        logprobs = log_softargmax(logits)

        def entry(each: int, piece: bytes) -> LogProb:
            return LogProb(piece.decode(errors="replace"), float(logprobs[each]), list(piece), each)

        told = entry(token, piece)
        wanted = self._options.get("top_logprobs", 0)
        best = argtop_k(logits, wanted)[::-1].tolist() if wanted else []
        pieces = map(self._tokenizer.piece, best)
        return replace(told, top_logprobs=list(map(entry, best, pieces)))

    def _chunk(self, delta: str) -> Chunk:
        self._said.append(delta)
        self._length += len(delta)
        logprobs = [entry for start, entry in self._logprobs if start < self._length]
        self._logprobs = self._logprobs[len(logprobs) :]
        watched = [drawn for start, drawn in self._watched if start < self._length]
        self._watched = self._watched[len(watched) :]
        chunk = Chunk(delta, self._raw(delta, done=False), logprobs, drawn=watched)
        if self._options.get("trace"):
            traces, self.traces = self.traces, []
            chunk.additional_kwargs = {"traces": traces}
        return chunk

    def _raw(self, text: str, done: bool) -> dict[str, Any]:
        said = {"message": {"role": "assistant", "content": text}} if self._chat else {"response": text}
        return {"model": self._name, **said, "done": done}
