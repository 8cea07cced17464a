"""One line on standard error while a server is silent: what is known, once for each model.

From outside nobody can tell whether a server loads a model, reads a long prompt, or serves others first. Fifty
streams that wait for the same model are one line. After five minutes it may be said again: so long Ollama keeps a
model that nobody asks, unless it is configured otherwise, and then loading it is news.
"""

import sys
import time
from threading import Lock

_AGAIN = 300.0  # seconds
_said: dict[tuple[str, str | None], float] = {}
_lock = Lock()


def say(base: str, model: str | None, seconds: float) -> None:
    """Print that the server at `base` has been silent for `seconds`, unless that was said of the model lately."""
    now = time.monotonic()
    with _lock:
        last = _said.get((base, model))
        if last is not None and now - last < _AGAIN:
            return
        _said[base, model] = now
    what = (
        f"loading {model}, reading the prompt, or busy (`ollama ps` lists what is loaded)"
        if model
        else "busy"
    )
    print(f"No answer from Ollama at {base} for {seconds:g} s: it is {what}.", file=sys.stderr, flush=True)
