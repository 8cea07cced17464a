"""A server cuts a prompt that is longer than its context silently; the client says so where it shows."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
from wire.stub import Stub, ndjson

from logitlab.llms import Ollama

LONG = "word " * 6000  # 30 000 bytes
LAST: dict[str, Any] = {"done": True, "done_reason": "stop", "eval_count": 2}
IDS = [0] * 6003

CALLS: dict[str, Callable[..., str]] = {
    "complete": lambda llm, **options: llm.complete(LONG, **options).text,
    "stream": lambda llm, **options: list(llm.stream_complete(LONG, **options))[-1].text,
    "chat": lambda llm, **options: llm.chat([{"role": "user", "content": LONG}], **options).text,
    "stream_chat": lambda llm, **options: (
        list(llm.stream_chat([{"role": "user", "content": LONG}], **options))[-1].text
    ),
}


def answering(**told: Any) -> Stub:
    words = {"response": "x", "message": {"role": "assistant", "content": "x"}}
    return Stub(lambda request: ndjson(words | LAST | told))


@pytest.mark.parametrize("way", CALLS)
@pytest.mark.parametrize(
    ("told", "facts"),
    [
        ({"prompt_eval_count": 2050, "context": IDS}, ["2050", "6001"]),
        ({"prompt_eval_count": 4000, "context": IDS}, ["4000", "6001"]),
        ({"prompt_eval_count": 2050}, ["2050", "30000 bytes"]),
    ],
    ids=["half", "two thirds", "no ids"],
)
def test_a_cut_prompt_is_told(way: str, told: dict[str, Any], facts: list[str]) -> None:
    with answering(**told) as stub, pytest.warns(UserWarning, match="the server read") as caught:
        assert CALLS[way](Ollama("m", stub.url)) == "x"
    (message,) = {str(warning.message) for warning in caught}
    for fact in [*facts, "truncate=False", "num_ctx"]:
        assert fact in message


@pytest.mark.parametrize("way", CALLS)
@pytest.mark.parametrize(
    "told",
    [
        {"prompt_eval_count": 6001, "context": IDS},
        {
            "prompt_eval_count": 6002,
            "context": IDS,
        },  # a token that begins every text is counted, and has no id
        {"prompt_eval_count": 5900, "context": IDS},  # tokenized again it may come out a little longer
        {"prompt_eval_count": 6001},
        {"prompt_eval_count": 300},  # nobody's context is so small: an old server that counts what is new
        {"context": IDS},
        {
            "prompt_eval_count": 10,
            "context": [0] * 40,
            "eval_count": None,
        },  # how many of them are the answer's?
        {},
    ],
    ids=str,
)
def test_a_whole_prompt_is_not(way: str, told: dict[str, Any]) -> None:
    with answering(**told) as stub, warnings.catch_warnings():
        warnings.simplefilter("error")
        assert CALLS[way](Ollama("m", stub.url)) == "x"


def test_who_refused_the_cut_is_not_told_of_one() -> None:
    with answering(prompt_eval_count=2050) as stub, warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Ollama("m", stub.url).complete(LONG, truncate=False).text == "x"


def test_an_error_made_of_the_warning_loses_no_words() -> None:
    with answering(prompt_eval_count=2050) as stub, warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning) as caught:
            Ollama("m", stub.url).complete(LONG)
    assert caught.value.partial.text == "x"
