"""Receipts: what an answer followed from, and what it was, so that anybody can ask for it again.

A receipt is a plain dict that `json.dumps` takes. It holds a check of each field, a digest of that field as JSON, so
that a receipt that was edited can be told from one whose answer does not come out again. A check is not a signature:
whoever edits a receipt can also write new checks. The answer is what nobody can forge, because `replay` asks the model.

The checks survive what programs do to JSON on its way: blanks, the order of keys, 1.0 written as 1.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from logitlab.messages import shown

FORMAT = 1  # of the fields below; another set of them, or another meaning of one, is another format
FIELDS = ("format", "logitlab", "model", "kind", "prompt", "sampler", "seed", "options", "answer")

ENDS = ("num_predict", "num_ctx", "stop")  # the options that end an answer


class ReceiptError(ValueError):
    """A receipt that there is not, or that does not hold.

    Attributes
    ----------
    field : str or None
        The field of the receipt that is wrong, where it is one.
    response : CompletionResponse, ChatResponse or None
        What the model answered, where it was asked.
    """

    field: str | None = None
    response: Any = None


class NoReceiptError(ReceiptError):
    """The response has no receipt: it is a server's, or the answer did not come to its end."""


class NotAReceiptError(ReceiptError):
    """What was given is not a receipt of logitlab, or one that nothing can be made of."""


class NewerReceiptError(ReceiptError):
    """A newer version of logitlab wrote the receipt, and this one cannot read it or answers otherwise."""


class ChangedModelError(ReceiptError):
    """The receipt is of another model than the one at hand, or its model was edited."""


class ChangedOptionError(ReceiptError):
    """Something that the answer follows from was edited: the prompt, the sampler, the seed, an option."""


class ChangedAnswerError(ReceiptError):
    """The text or the tokens of the receipt are not what the model answers."""


def write(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a receipt of this version: the fields that are given, this version's own, and the checks."""
    from logitlab import __version__

    receipt = {"format": FORMAT, "logitlab": __version__, **fields}
    return receipt | {"checks": {name: check(value) for name, value in receipt.items()}}


def answer(text: str, tokens: Iterable[int], done_reason: str) -> dict[str, Any]:
    """Return what a receipt says of an answer.

    The digest is the SHA-256 of the token ids in decimal, with commas between them:
    ``printf 1,2,3 | sha256sum`` for the tokens 1, 2 and 3.

    Examples
    --------
    >>> answer("a b", [97, 303], "stop")["sha256"][:8]
    '9709f4c0'
    """
    ids = list(tokens)
    digest = hashlib.sha256(",".join(map(str, ids)).encode()).hexdigest()
    return {"text": text, "tokens": len(ids), "sha256": digest, "done_reason": done_reason}


def check(value: Any) -> str:
    """Return the first 16 hexadecimal digits of the SHA-256 of a value as JSON: sorted keys, no blanks, ASCII.

    Examples
    --------
    >>> check({"b": 1.0, "a": [2]}) == check({"a": [2], "b": 1})
    True
    """
    text = json.dumps(_whole(value), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _whole(value: Any) -> Any:
    """Return the value with 1 for 1.0: not every program that passes JSON on keeps them apart."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {name: _whole(item) for name, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list | tuple) else value


def recognised(value: Any) -> dict[str, Any]:
    """Return a receipt of a format that this version reads.

    Raises
    ------
    NotAReceiptError, NewerReceiptError
        For anything else.
    """
    if not isinstance(value, Mapping):
        raise NotAReceiptError(
            f"a receipt must be a dict, the JSON of one, or the path of a file, got {shown(value)}"
        )
    absent = [name for name in ("format", "logitlab", "checks") if name not in value]
    if absent:
        raise NotAReceiptError(f"this is not a receipt of logitlab: it has no {' and no '.join(absent)}")
    form = value["format"]
    if isinstance(form, bool) or not isinstance(form, int) or form < 1:
        raise NotAReceiptError(f"the format of a receipt must be an integer >= 1, got {shown(form)}")
    if form > FORMAT:
        raise NewerReceiptError(
            f"the receipt has format {form}, written by logitlab {shown(value['logitlab'])}; this version reads "
            f"formats up to {FORMAT}: install a newer logitlab"
        )
    if not isinstance(value["checks"], Mapping) or not isinstance(value["logitlab"], str):
        raise NotAReceiptError(
            "this is not a receipt of logitlab: its checks must be a dict and its logitlab a version"
        )
    return dict(value)


def edited(receipt: Mapping[str, Any]) -> list[str]:
    """Return the fields that are not as they were when the receipt was written, in the order of FIELDS.

    A field that no receipt of this format has is one of them, whatever its check.
    """
    checks = receipt["checks"]
    own = [name for name in FIELDS if name not in receipt or not _holds(checks.get(name), receipt[name])]
    return own + sorted({*receipt, *checks} - {*FIELDS, "checks"}, key=str)


def _holds(kept: Any, value: Any) -> bool:
    try:
        return bool(kept == check(value))
    except (TypeError, ValueError, RecursionError):  # no JSON at all
        return False


def newer(version: str) -> bool:
    """Return whether a version of logitlab is newer than this one.

    Examples
    --------
    >>> newer("99.0"), newer("0.0.1"), newer("unknown")
    (True, False, False)
    """
    from logitlab import __version__

    return _numbers(version) > _numbers(__version__)


def _numbers(version: str) -> list[int]:
    return [int(digits[:9]) for digits in re.findall(r"\d+", version, re.ASCII)[:3]]
