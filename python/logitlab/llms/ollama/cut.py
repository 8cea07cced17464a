"""A prompt that is longer than the context is cut by the server, silently: this says so, as far as it shows.

The last object of an answer says how many tokens were read. How many there were to read is known for a prompt in a
template, whose answer has the ids of all of them in `context`; elsewhere only the size of the text is known, and a text
of ten bytes for each token read is hardly whole (English has four or five, most code and most other languages fewer).
"""

import warnings
from collections.abc import Mapping
from typing import Any

from logitlab.llms.base import Request

_ADVICE = "truncate=False makes such a prompt an error, and a larger num_ctx reads more of it"
_BYTES = 10  # for each token
_FEWEST = 1000  # tokens read: a smaller context than 2000 is nobody's default


def warn_of_a_cut(raw: Mapping[str, Any], request: Request) -> None:
    """Warn where the last object of an answer shows that the prompt was cut, unless a cut was refused."""
    texts = [request.prompt or "", *(message.content for message in request.messages)]
    size = sum(len(text.encode("utf-8", "replace")) for text in texts)
    told = unread(raw, size)
    if told and request.given.get("truncate") is not False:
        warnings.warn(told, stacklevel=2)


def unread(raw: Mapping[str, Any], size: int) -> str:
    """Return a warning about a prompt of `size` bytes, given the last object of the answer; "" if all seems well.

    Examples
    --------
    >>> unread({"prompt_eval_count": 2050, "eval_count": 2, "context": [0] * 6003}, 30_000).partition(":")[0]
    'the server read 2050 of about 6001 tokens of the prompt, and cut the others'
    >>> unread({"prompt_eval_count": 6}, 24)
    ''
    """
    read, said, context = (raw.get(name) for name in ("prompt_eval_count", "eval_count", "context"))
    if not isinstance(read, int) or not isinstance(said, int):
        return ""
    if isinstance(context, list):
        there = len(context) - said
        if there > 1.2 * read + 8:  # the ids are those of the text tokenized again: a few more or fewer
            return (
                f"the server read {read} of about {there} tokens of the prompt, and cut the others: {_ADVICE}"
            )
    elif read >= _FEWEST and size > _BYTES * read:
        return (
            f"the server read {read} tokens of a prompt of {size} bytes, so it has probably cut it: {_ADVICE}"
        )
    return ""
