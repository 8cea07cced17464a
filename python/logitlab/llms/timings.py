"""How long an answer took: a server's nanoseconds as seconds, its counts as tokens per second."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Timings:
    """Times in seconds. A server leaves out what is zero or does not apply; it is None here.

    Attributes
    ----------
    total : float or None
        From the request's arrival to the answer's end.
    load : float or None
        Loading the model.
    prompt : float or None
        Reading the prompt, of `prompt_tokens` tokens.
    answer : float or None
        Writing the answer, of `tokens` tokens (the one that ended it included).
    """

    total: float | None = None
    load: float | None = None
    prompt: float | None = None
    prompt_tokens: int | None = None
    answer: float | None = None
    tokens: int | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Timings":
        """From the fields of a last object, in Ollama's words.

        Examples
        --------
        >>> Timings.of({"eval_count": 12, "eval_duration": 400_000_000}).tokens_per_second
        30.0
        """
        return cls(
            _seconds(said.get("total_duration")),
            _seconds(said.get("load_duration")),
            _seconds(said.get("prompt_eval_duration")),
            said.get("prompt_eval_count"),
            _seconds(said.get("eval_duration")),
            said.get("eval_count"),
        )

    @property
    def tokens_per_second(self) -> float | None:
        """Tokens of the answer per second."""
        return self.tokens / self.answer if self.tokens and self.answer else None

    @property
    def prompt_tokens_per_second(self) -> float | None:
        """Tokens of the prompt per second."""
        return self.prompt_tokens / self.prompt if self.prompt_tokens and self.prompt else None


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / 1e9
