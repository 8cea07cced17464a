"""replay(receipt): the answer of a receipt, asked for again and compared bit for bit."""

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from logitlab.habits import answered
from logitlab.llms.options import OPTIONS
from logitlab.llms.receipts import (
    ENDS,
    FIELDS,
    ChangedAnswerError,
    ChangedModelError,
    ChangedOptionError,
    NewerReceiptError,
    NotAReceiptError,
    ReceiptError,
    edited,
    newer,
    recognised,
)
from logitlab.llms.responses import ChatResponse, CompletionResponse
from logitlab.messages import clipped, shown
from logitlab.sampling import Sampler

if TYPE_CHECKING:
    from logitlab.llms.builtin import BuiltIn


@answered()
def replay(
    receipt: Mapping[str, Any] | str | bytes | os.PathLike[str] | CompletionResponse | ChatResponse,
    llm: "BuiltIn | None" = None,
    *,
    trace: bool = False,
) -> CompletionResponse | ChatResponse:
    """Ask the built-in model for the answer of a receipt again, and return it when it is the same bit for bit.

    The same model, prompt, sampler and seed give the same tokens on every machine (docs/arithmetic.md), so a receipt
    that holds is a true one: somebody's copy of this model did answer this.

    Parameters
    ----------
    receipt : dict, str, bytes, path or response
        What `response.receipt` returned: the dict, its JSON, or the path of a file that holds the JSON. A response
        stands for its own receipt.
    llm : BuiltIn, optional
        The model to ask; without it, `BuiltIn()`. Its own options and sampler do not matter: the receipt has all.
    trace : bool
        Record what each token was drawn from, as `complete(..., trace=True)` does.

    Returns
    -------
    CompletionResponse or ChatResponse
        The answer; of the kind that the receipt is of.

    Raises
    ------
    ChangedAnswerError
        If the model answers otherwise: the message shows where, `.response` is what it said.
    ChangedOptionError
        If what the answer follows from was edited: `.field` is "prompt", "sampler", "seed", "options", ...
    ChangedModelError
        If the receipt is of another model than `llm`, or its model was edited.
    NewerReceiptError
        If a newer logitlab wrote the receipt, and this one cannot read it or answers otherwise.
    NotAReceiptError
        If there is no receipt in what was given.
    FileNotFoundError
        If there is no file at a path.

    Notes
    -----
    All of these but the last are a `ReceiptError`, a ValueError. A receipt is not signed: whoever edits one can also
    write its checks anew. Then the answer does not come out again, which is a ChangedAnswerError.

    Examples
    --------
    >>> from logitlab import replay
    >>> from logitlab.llms import BuiltIn
    >>> response = BuiltIn().complete("What is Singapore?", seed=1, num_predict=8)
    >>> print(replay(response.receipt))
    Singapore is ...
    >>> replay(response.receipt | {"seed": 2})
    Traceback (most recent call last):
    logitlab.llms.receipts.ChangedOptionError: the receipt was edited: its seed is not what it was written with
    """
    fields = recognised(_read(receipt))
    changed = edited(fields)
    _refuse_edited([name for name in changed if name != "answer"], fields)
    model = _model(llm)
    watch = model._takes["trace"].coerce(trace)
    said = fields["model"].get("sha256") if isinstance(fields["model"], dict) else None
    if said != model.sha256:
        _raise(
            ChangedModelError,
            f"the receipt is of another model: of the SHA-256 {shown(said)}, and {model} has {model.sha256!r}",
            "model",
        )
    response = _ask(model, fields, watch)
    _compare(fields, response, "answer" in changed)
    return response


def _raise(
    kind: type[ReceiptError], message: str, field: str | None = None, response: Any = None
) -> NoReturn:
    error = kind(message)
    error.field, error.response = field, response
    raise error


def _read(receipt: Any) -> Any:
    if isinstance(receipt, CompletionResponse | ChatResponse):
        return receipt.receipt
    if isinstance(receipt, str | bytes | bytearray):
        data = bytes(receipt) if isinstance(receipt, bytes | bytearray) else receipt.encode(errors="replace")
        if isinstance(receipt, str) and data.strip()[:1] not in (b"{", b"[", b'"', b"") and b"\n" not in data:
            data = _of_file(receipt)
    elif isinstance(receipt, os.PathLike):
        data = _of_file(receipt)
    else:
        return receipt
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise NotAReceiptError(
            f"a receipt must be JSON, and this is none ({error}): {shown(data[:200])}"
        ) from None


def _of_file(path: str | os.PathLike[str]) -> bytes:
    try:
        return Path(path).expanduser().read_bytes()
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        if isinstance(error, OSError) and error.errno not in (
            errno.ENOENT,
            errno.ENOTDIR,
            errno.ENAMETOOLONG,
        ):
            raise
        raise FileNotFoundError(f"there is no file with a receipt at {clipped(str(path))}") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def _refuse_edited(changed: list[str], fields: Mapping[str, Any]) -> None:
    if not changed:
        return
    if not any(name in FIELDS for name in changed) and newer(fields["logitlab"]):
        _raise(
            NewerReceiptError,
            f"logitlab {fields['logitlab']} wrote the receipt, and this version cannot read it",
        )
    kind = ChangedModelError if "model" in changed else ChangedOptionError
    first = "model" if "model" in changed else changed[0]
    which = " and its ".join(map(str, changed))
    verb = "is" if len(changed) == 1 else "are"
    _raise(kind, f"the receipt was edited: its {clipped(which)} {verb} not what it was written with", first)


def _model(llm: Any) -> "BuiltIn":
    from logitlab.llms.builtin import BuiltIn

    if llm is not None and not isinstance(llm, BuiltIn):
        raise TypeError(
            f"llm must be a BuiltIn, got {shown(llm)}: only the built-in model answers the same everywhere"
        )
    return BuiltIn() if llm is None else llm


def _ask(model: "BuiltIn", fields: Mapping[str, Any], trace: bool) -> CompletionResponse | ChatResponse:
    """Return the answer that follows from the fields; their checks hold, so what cannot be read was not ours."""
    try:
        kind = {"complete": CompletionResponse, "chat": ChatResponse}[fields["kind"]]
        sampler = Sampler.from_json(json.dumps(fields["sampler"]))
        options = {name: OPTIONS[name].coerce(fields["options"][name]) for name in ENDS}
        options["seed"] = OPTIONS["seed"].coerce(fields["seed"])
        if len(fields["options"]) != len(ENDS):
            raise ValueError(f"the options must be {', '.join(ENDS)}, got {shown(fields['options'])}")
        in_force = sampler.options | options | {"trace": trace}
        chunks = model._again(fields["prompt"], sampler, in_force, chat=kind is ChatResponse)
    except (KeyError, TypeError, ValueError) as error:
        if newer(fields["logitlab"]):
            raise NewerReceiptError(
                f"logitlab {fields['logitlab']} wrote the receipt, and this version cannot read it: {error}"
            ) from error
        raise NotAReceiptError(f"nothing can be asked with this receipt: {error!r}") from error
    if kind is ChatResponse:
        return model._whole(ChatResponse, chunks, in_force)
    return model._whole(CompletionResponse, chunks, in_force)


def _compare(
    fields: Mapping[str, Any], response: CompletionResponse | ChatResponse, was_edited: bool
) -> None:
    ours, theirs = response.receipt["answer"], fields.get("answer")
    if ours == theirs and not was_edited:
        return
    said = _difference(ours, theirs)
    if not was_edited and newer(fields["logitlab"]):
        message = f"logitlab {fields['logitlab']} wrote the receipt, and this older version answers otherwise: {said}"
        _raise(NewerReceiptError, message, "answer", response)
    why = "the receipt's answer was edited: " if was_edited else ""
    version = response.receipt["logitlab"]
    other = (
        ""
        if fields["logitlab"] == version
        else f" (logitlab {fields['logitlab']} wrote it, this is {version})"
    )
    _raise(ChangedAnswerError, f"{why}{said}{other}", "answer", response)


def _difference(ours: Mapping[str, Any], theirs: Any) -> str:
    """Say where an answer and the model's differ."""
    if not isinstance(theirs, Mapping) or not isinstance(theirs.get("text"), str):
        return f"it must be a text with its tokens, got {shown(theirs)}"
    text, claimed = ours["text"], theirs["text"]
    if text != claimed:
        pairs = zip(text, claimed, strict=False)
        at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(text), len(claimed)))
        return (
            f"after {at} equal characters the receipt says {shown(claimed[at : at + 40])}, "
            f"and the model {shown(text[at : at + 40])}"
        )
    other = [name for name in ours if ours[name] != theirs.get(name)]
    if not other:
        return "its check does not fit, though the model gives this answer"
    return "the text is the model's, but not " + ", ".join(
        f"its {name}: the receipt says {shown(theirs.get(name))}, the model {shown(ours[name])}"
        for name in other
    )
