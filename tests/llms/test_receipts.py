"""A receipt has all that an answer follows from: replay answers the same, and tells every change apart."""

import asyncio
import copy
import hashlib
import json
import pickle
from typing import ClassVar

import pytest
from wire.stub import Stub, ndjson

from logitlab import Sampler, __version__, replay
from logitlab.llms import (
    LLM,
    BuiltIn,
    ChangedAnswerError,
    ChangedModelError,
    ChangedOptionError,
    ChatResponse,
    CompletionResponse,
    NewerReceiptError,
    NoReceiptError,
    NotAReceiptError,
    Ollama,
    ReceiptError,
)
from logitlab.llms.base import Chunk
from logitlab.llms.receipts import FIELDS, check

from . import tiny

PROMPT = "the Singapore"
MESSAGES = [
    {"role": "user", "content": "the"},
    {"role": "assistant", "content": "an"},
    {"role": "user", "content": "Sing"},
]


async def drained(stream):
    return [response async for response in stream]


WAYS = {
    "complete": lambda llm, **options: llm.complete(PROMPT, **options),
    "stream_complete": lambda llm, **options: list(llm.stream_complete(PROMPT, **options))[-1],
    "acomplete": lambda llm, **options: asyncio.run(llm.acomplete(PROMPT, **options)),
    "astream_complete": lambda llm, **options: asyncio.run(drained(llm.astream_complete(PROMPT, **options)))[
        -1
    ],
    "chat": lambda llm, **options: llm.chat(MESSAGES, **options),
    "stream_chat": lambda llm, **options: list(llm.stream_chat(MESSAGES, **options))[-1],
    "achat": lambda llm, **options: asyncio.run(llm.achat(MESSAGES, **options)),
    "astream_chat": lambda llm, **options: asyncio.run(drained(llm.astream_chat(MESSAGES, **options)))[-1],
}
OPTIONS = [
    {"seed": 3},
    {"temperature": 0},
    {"seed": None, "temperature": 2.0},
    {"seed": -1},
    {"seed": 4294967294, "top_k": 0, "top_p": 1, "min_p": 0.01},
    {"seed": 1, "stop": ["e", "the end"], "temperature": 1.5},
    {"seed": 1, "num_predict": 1},
    {"seed": 2, "num_predict": -1, "num_ctx": 60},
    {
        "seed": 5,
        "repeat_penalty": 1.3,
        "presence_penalty": 0.5,
        "frequency_penalty": 0.25,
        "repeat_last_n": -1,
    },
    {"seed": 6, "logit_bias": {100: float("-inf"), 101: 2.5}, "min_new_tokens": 4},
    {"seed": 7, "xtc_probability": 0.5, "dry_multiplier": 0.8, "typical_p": 0.7},
    {"seed": 8, "system": "an or", "logprobs": True, "top_logprobs": 2, "trace": True},
    {"seed": 9, "temperature": 0.1 + 0.2, "ban_tokens": [[9], [7, 8]]},
]


@pytest.mark.parametrize("way", WAYS)
def test_the_answer_of_a_receipt_comes_out_again(tiny_model, way):
    """Whatever the other model's own options are, in each form that a receipt may come in."""
    llm, other = (
        BuiltIn(tiny_model.path, num_predict=12),
        BuiltIn(tiny_model.path, seed=99, stop="a", top_k=1),
    )
    for options in OPTIONS:
        response = WAYS[way](llm, **options)
        again = replay(json.dumps(response.receipt), other)
        assert type(again) is (ChatResponse if "chat" in way else CompletionResponse)
        assert (again.text, again.raw["tokens"]) == (response.text, response.raw["tokens"])
        assert again.receipt == response.receipt
        assert again.options["seed"] == response.options["seed"]


def test_a_receipt_says_what_the_answer_follows_from(llm, tiny_model):
    response = llm.complete(PROMPT, seed=3, num_predict=8, stop="zzz", temperature=0.5, raw=True)
    receipt = response.receipt
    assert set(receipt) == {*FIELDS, "checks"}
    assert receipt["model"] == {
        "name": "tiny",
        "sha256": hashlib.sha256(tiny_model.path.read_bytes()).hexdigest(),
    }
    assert receipt["prompt"] == llm.tokenize(PROMPT)
    assert Sampler.from_json(json.dumps(receipt["sampler"])) == Sampler.defaults(temperature=0.5, min_p=0.0)
    assert (receipt["seed"], receipt["kind"], receipt["logitlab"]) == (3, "complete", __version__)
    assert receipt["options"] == {"num_predict": 8, "num_ctx": 160, "stop": ["zzz"]}
    tokens = response.raw["tokens"]
    assert receipt["answer"] == {
        "text": response.text,
        "tokens": len(tokens),
        "sha256": hashlib.sha256(",".join(map(str, tokens)).encode()).hexdigest(),
        "done_reason": "length",
    }


def test_a_sampler_of_ones_own_is_in_it(tiny_model):
    sampler = Sampler(temperature=0.7, top_k=9, epsilon_cutoff=0.01, engine="transformers")
    response = BuiltIn(tiny_model.path, sampler=sampler).complete(PROMPT, seed=1, num_predict=9, top_k=7)
    assert response.receipt["sampler"] == json.loads(sampler.replace(top_k=7).to_json())
    assert replay(response.receipt, BuiltIn(tiny_model.path)).text == response.text


def test_the_forms_of_a_receipt(llm, tmp_path):
    """Also as programs rewrite JSON on its way: indented, in another order, 1.0 as 1, with a byte-order mark."""
    response = llm.complete(PROMPT, seed=3, num_predict=4, temperature=1.0)
    receipt = response.receipt
    text = (
        json.dumps(receipt, indent=2, sort_keys=True, ensure_ascii=False)
        .replace("1.0,", "1,")
        .replace("1.0\n", "1\n")
    )
    assert '"temperature": 1\n' in text
    path = tmp_path / "receipt.json"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    for form in (receipt, text, text.encode(), path, str(path), response, f"\n {json.dumps(receipt)}"):
        assert replay(form, llm).text == response.text
    assert replay(receipt, llm, trace=True).additional_kwargs["traces"] is not None


def test_it_survives_copies_and_is_nobody_elses(llm):
    response = llm.complete(PROMPT, seed=3, num_predict=4)
    for twin in (copy.copy(response), copy.deepcopy(response), pickle.loads(pickle.dumps(response))):
        assert twin.receipt == response.receipt
    response.receipt["sampler"]["steps"].clear()
    response.receipt["seed"] = 4
    assert replay(response.receipt, llm).text == response.text


def rewritten(receipt, **fields):
    """A receipt with other fields, and with checks that fit them."""
    changed = {name: value for name, value in {**receipt, **fields}.items() if name != "checks"}
    return changed | {"checks": {name: check(value) for name, value in changed.items()}}


def changes(receipt):
    """Each place of a receipt with another value in it."""
    steps = receipt["sampler"]["steps"]
    yield "logitlab", "9.9.9"
    yield "model", receipt["model"] | {"sha256": "0" * 64}
    yield "model", receipt["model"] | {"name": "gpt"}
    yield "kind", "chat"
    for prompt in (receipt["prompt"][:-1], [*receipt["prompt"], 7], receipt["prompt"][::-1], [], "the", None):
        yield "prompt", prompt
    for at in range(len(steps)):
        yield "sampler", receipt["sampler"] | {"steps": steps[:at] + steps[at + 1 :]}
        for name, value in steps[at].items():
            new = (
                not value if isinstance(value, bool) else value + 1 if isinstance(value, int | float) else "x"
            )
            yield (
                "sampler",
                receipt["sampler"] | {"steps": [*steps[:at], steps[at] | {name: new}, *steps[at + 1 :]]},
            )
    yield "sampler", receipt["sampler"] | {"engine": "vllm"}
    for seed in (4, 3.5, "3", None, True):
        yield "seed", seed
    for name, value in {"num_predict": 9, "num_ctx": 80, "stop": ["the"]}.items():
        yield "options", receipt["options"] | {name: value}
        yield "options", {other: kept for other, kept in receipt["options"].items() if other != name}
    yield "options", receipt["options"] | {"top_k": 5}
    for name, value in {"text": "no", "tokens": 7, "sha256": "0" * 64, "done_reason": "stop"}.items():
        yield "answer", receipt["answer"] | {name: value}
        yield "answer", {other: kept for other, kept in receipt["answer"].items() if other != name}
    yield "answer", None


def test_each_edit_is_told_from_the_others(llm):
    receipt = llm.complete(PROMPT, seed=3, num_predict=8, repeat_penalty=1.2).receipt
    kinds = {"model": ChangedModelError, "answer": ChangedAnswerError}
    edits = list(changes(receipt))
    assert len(edits) > 45
    for field, value in edits:
        with pytest.raises(kinds.get(field, ChangedOptionError), match=f"edited.*{field}|edited: ") as raised:
            replay(receipt | {field: value}, llm)
        assert raised.value.field == field
        assert (raised.value.response is None) is (field != "answer")
    for field in FIELDS[2:]:
        with pytest.raises(kinds.get(field, ChangedOptionError)) as raised:
            replay({name: value for name, value in receipt.items() if name != field}, llm)
        assert raised.value.field == field
        checks = receipt["checks"] | {field: "0" * 16}
        with pytest.raises(kinds.get(field, ChangedOptionError)):
            replay(receipt | {"checks": checks}, llm)
    with pytest.raises(ChangedOptionError, match="temperature"):
        replay(receipt | {"temperature": 0.5}, llm)


def test_several_edits_are_all_named(llm):
    receipt = llm.complete(PROMPT, seed=3, num_predict=8).receipt
    with pytest.raises(ChangedOptionError, match="its prompt and its seed are not what"):
        replay(receipt | {"seed": 5, "prompt": [7], "answer": receipt["answer"] | {"text": "no"}}, llm)


def test_edits_with_new_checks_do_not_come_out(llm):
    """The answer is then another one, or nothing can be asked; but for what changes no answer."""
    receipt = llm.complete(PROMPT, seed=3, num_predict=8, repeat_penalty=1.2).receipt
    harmless, kinds = 0, set()
    for field, value in changes(receipt):
        try:
            again = replay(rewritten(receipt, **{field: value}), llm)
        except ReceiptError as error:
            kinds.add(type(error))
        else:
            harmless += 1
            assert again.receipt["answer"] == receipt["answer"]
    assert kinds == {ChangedAnswerError, ChangedModelError, NotAReceiptError}
    assert harmless < 20
    for seed in (4, 5, 6):
        with pytest.raises(
            ChangedAnswerError, match=r"equal characters the receipt says .* and the model"
        ) as raised:
            replay(rewritten(receipt, seed=seed), llm)
        assert (
            raised.value.response.text
            == llm.complete(PROMPT, seed=seed, num_predict=8, repeat_penalty=1.2).text
        )


def test_another_text_with_the_same_tokens_and_the_reverse(llm):
    receipt = llm.complete(PROMPT, seed=3, num_predict=8).receipt
    text = receipt["answer"]["text"]
    with pytest.raises(
        ChangedAnswerError, match=f"after {len(text)} equal characters the receipt says '!', and the model ''"
    ):
        replay(rewritten(receipt, answer=receipt["answer"] | {"text": text + "!"}), llm)
    with pytest.raises(ChangedAnswerError, match="the text is the model's, but not its sha256"):
        replay(rewritten(receipt, answer=receipt["answer"] | {"sha256": "0" * 64}), llm)


def test_another_model_is_named(llm, tmp_path):
    receipt = llm.complete(PROMPT, seed=3, num_predict=8).receipt
    other = BuiltIn(tiny.write(tmp_path / "other.gguf", seed=1).path)
    with pytest.raises(
        ChangedModelError, match=f"{receipt['model']['sha256']}.*other.*{other.sha256}"
    ) as raised:
        replay(receipt, other)
    assert raised.value.field == "model"


def test_versions(llm):
    """An older or newer receipt holds where its answer comes out; where not, the message has both versions."""
    receipt = llm.complete(PROMPT, seed=3, num_predict=8).receipt
    for version in ("0.0.1", "99.1"):
        assert replay(rewritten(receipt, logitlab=version), llm).text == receipt["answer"]["text"]
    other = receipt["answer"] | {"text": "no"}
    with pytest.raises(NewerReceiptError, match=r"99\.1"):
        replay(rewritten(receipt, logitlab="99.1", answer=other), llm)
    with pytest.raises(ChangedAnswerError, match=rf"0\.0\.1 wrote it, this is {__version__}"):
        replay(rewritten(receipt, logitlab="0.0.1", answer=other), llm)
    for new in (
        {"format": 2},
        {"format": 2, "sampler": None, "more": 1},
        {"logitlab": "99.1", "more": 1},
        {"logitlab": "99.1", "sampler": {"engine": "ollama", "steps": [{"step": "telepathy"}]}},
        {"logitlab": "99.1", "options": receipt["options"] | {"grammar": ""}},
    ):
        with pytest.raises(NewerReceiptError):
            replay(rewritten(receipt, **new), llm)
    with pytest.raises(NewerReceiptError, match=r"format 7.*logitlab '99\.1'.*up to 1"):
        replay({"format": 7, "logitlab": "99.1", "checks": None}, llm)


@pytest.mark.parametrize(
    "value",
    [
        {}, [], None, 3, 2.5, object(), "", b"", "{", "[1, 2]", '"a"', "{'a': 1}", "\n", b"\xff\xfe{",
        '{"format": NaN}', "[" * 100_000, '{"format": 1}', {"answer": "a"}, "not JSON\nat all",
    ],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_what_is_no_receipt(llm, value):
    with pytest.raises(NotAReceiptError) as raised:
        replay(value, llm)
    assert len(str(raised.value)) < 1000


def test_formats_and_checks_that_are_none(llm):
    receipt = llm.complete(PROMPT, seed=3, num_predict=2).receipt
    for form in (0, -1, True, "1", 1.5, None):
        with pytest.raises(NotAReceiptError, match="format"):
            replay(receipt | {"format": form}, llm)
    for changed in ({"checks": []}, {"logitlab": 3}):
        with pytest.raises(NotAReceiptError):
            replay(receipt | changed, llm)
    with pytest.raises(ChangedOptionError):
        replay(receipt | {"prompt": [object()]}, llm)


def test_a_file_that_is_not_there(llm, tmp_path):
    for path in (
        tmp_path / "none.json",
        str(tmp_path / "none.json"),
        "none.json",
        "none.json" * 100,
        "none.json\0",
    ):
        with pytest.raises(FileNotFoundError, match=r"none\.json") as raised:
            replay(path, llm)
        assert len(str(raised.value)) < 500


def test_only_the_built_in_model_is_asked(llm):
    receipt = llm.complete(PROMPT, seed=3, num_predict=2).receipt
    with pytest.raises(TypeError, match="BuiltIn"):
        replay(receipt, Ollama("m"))
    with pytest.raises(TypeError, match="trace must be True or False"):
        replay(receipt, llm, trace="no")


def test_a_stream_has_its_receipt_at_its_end(llm):
    for stream in (
        llm.stream_complete(PROMPT, seed=3, num_predict=5),
        llm.stream_chat(MESSAGES, seed=3, num_predict=5),
    ):
        *before, last = stream
        assert len(before) > 1
        for response in before:
            with pytest.raises(NoReceiptError, match="before its end"):
                response.receipt  # noqa: B018
        assert replay(last, llm).text == last.text


def test_an_interrupted_answer_has_none(llm, interrupted_after_100_and_101):
    with pytest.raises(KeyboardInterrupt) as raised:
        llm.complete(PROMPT, num_predict=5)
    assert raised.value.partial.text
    with pytest.raises(NoReceiptError, match="before its end"):
        raised.value.partial.receipt  # noqa: B018


def test_other_models_say_why_they_have_none():
    class Echo(LLM):
        _takes: ClassVar = {}

        def _stream(self, request):
            yield Chunk("a", {"done": True})

    done = {"model": "m", "response": "Hi", "message": {"role": "assistant", "content": "Hi"}, "done": True}
    with Stub(lambda request: ndjson(done)) as stub:
        llm = Ollama("m", stub.url)
        responses = [
            llm.complete("a"),
            llm.chat(MESSAGES),
            *llm.stream_complete("a"),
            *llm.stream_chat(MESSAGES),
        ]
    for response in [*responses, Echo().complete("a"), pickle.loads(pickle.dumps(responses[0]))]:
        with pytest.raises(
            NoReceiptError, match="only the built-in model's answers have a receipt: no server"
        ):
            response.receipt  # noqa: B018
    with pytest.raises(NoReceiptError, match="no model wrote"):
        replay(CompletionResponse("a"))


def test_errors_can_be_pickled(llm):
    receipt = llm.complete(PROMPT, seed=3, num_predict=2).receipt
    with pytest.raises(ReceiptError) as raised:
        replay(receipt | {"seed": 5}, llm)
    twin = pickle.loads(pickle.dumps(raised.value))
    assert (type(twin), str(twin), twin.field) == (ChangedOptionError, str(raised.value), "seed")
