"""The effective options: each one's value and source, asked of the server only when somebody looks."""

import asyncio
import re
from typing import Any

import pytest
from wire.stub import Answer, Request, Stub, ndjson, recorded, respond

from logitlab.llms import Ollama
from logitlab.llms.ollama.effective import Unknown, effective, modelfile

DONE = {"response": "x", "done": True}
DEFAULT = "Ollama's default (0.33)"


def server(
    version: str = "0.33.0-rc2",
    parameters: str = 'stop    "<|im_start|>"\ntemperature    0.2',
    **shown: Any,
) -> Any:
    def answer(request: Request) -> bytes | Answer:
        if request.path == "/api/version":
            return ndjson({"version": version})
        if request.path == "/api/show":
            return ndjson({"parameters": parameters, "details": {"format": "gguf"}} | shown)
        return ndjson(DONE | {"message": {"role": "assistant", "content": "x"}})

    return Stub(answer)


def test_each_value_has_its_source() -> None:
    with server() as stub:
        llm = Ollama("m", stub.url, top_k=10, top_p=0.5)
        options = llm.effective_options(top_p=0.7, seed=42, logprobs=True)
    assert options == {
        "temperature": 0.2,
        "top_k": 10,
        "top_p": 0.7,
        "min_p": 0.0,
        "typical_p": 1.0,
        "repeat_last_n": 64,
        "repeat_penalty": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "seed": 42,
        "stop": ["<|im_start|>"],
        "num_predict": -1,
        "num_keep": 4,
        "num_ctx": options["num_ctx"],
    }
    assert isinstance(options["num_ctx"], Unknown)
    assert options.source == dict.fromkeys(options, DEFAULT) | {
        "temperature": "Modelfile",
        "stop": "Modelfile",
        "top_k": "object",
        "top_p": "call",
        "seed": "call",
    }


def test_a_temperature_of_one_is_also_cut() -> None:
    with server(parameters="") as stub:
        options = Ollama("m", stub.url).effective_options(temperature=1.0)
    assert (options["temperature"], options["top_k"], options["top_p"]) == (1.0, 40, 0.9)
    lines = str(options).splitlines()
    assert re.fullmatch(r"option +value +from", lines[0])
    assert re.fullmatch(r"temperature +1\.0 +call", lines[1])
    assert re.fullmatch(r"top_k +40 +Ollama's default \(0\.33\)", lines[2])


def test_the_seed_is_not_known_unless_given() -> None:
    with server() as stub:
        llm = Ollama("m", stub.url)
        response = llm.complete("hi")
        assert stub.requests[0].json == {"model": "m", "prompt": "hi"}
        assert "does not tell" in repr(response.options["seed"])
        assert "does not tell" in repr(llm.complete("hi", seed=-1).options["seed"])
        assert llm.complete("hi", seed=3).options["seed"] == 3


def test_a_call_is_one_request() -> None:
    with server() as stub:
        llm = Ollama("m", stub.url)
        response = llm.complete("hi", top_k=5)
        list(llm.stream_complete("hi", logprobs=True))
        assert [request.path for request in stub.requests] == ["/api/generate"] * 2
        assert response.options["temperature"] == 0.2
        assert (response.options["top_k"], response.options["top_p"]) == (5, 0.9)
        assert [request.path for request in stub.requests[2:]] == ["/api/version", "/api/show"]
        assert llm.effective_options()["temperature"] == 0.2  # asks again: the model may have been changed
        assert [request.path for request in stub.requests[4:]] == ["/api/version", "/api/show"]


def test_many_answers_share_what_was_asked_after_them() -> None:
    with server() as stub:
        llm = Ollama("m", stub.url)
        responses = [llm.complete("hi") for _ in range(5)]
        assert [response.options["temperature"] for response in responses] == [0.2] * 5
        assert len(stub.requests) == 5 + 2
        assert llm.complete("hi").options["temperature"] == 0.2
        assert len(stub.requests) == 5 + 2 + 3


@pytest.mark.parametrize(
    ("version", "source", "penalty"),
    [
        ("0.33.2", DEFAULT, "1.0"),
        ("0.34.0", "Ollama's default in 0.33; the server is 0.34.0", "1.0"),
        (
            "0.12.11",
            "Ollama's default in 0.33; the server is 0.12.11",
            "unknown: 1.1 before August 2026, 1.0 since",
        ),
        ("0.330.0", "Ollama's default in 0.33; the server is 0.330.0", "1.0"),
        ("dev", "Ollama's default in 0.33; the server is dev", "1.0"),
    ],
)
def test_the_version_read_from(version: str, source: str, penalty: str) -> None:
    with server(version) as stub:
        options = Ollama("m", stub.url).effective_options()
        given = Ollama("m", stub.url).effective_options(repeat_penalty=1.2)
    assert options.source["top_k"] == source
    assert repr(options["repeat_penalty"]) == penalty
    assert given["repeat_penalty"] == 1.2


def test_recorded_modelfiles() -> None:
    def answer(request: Request) -> bytes:
        return recorded("002-version" if request.path == "/api/version" else "006-show-smol")

    with Stub(answer) as stub:
        options = Ollama("smollm2", stub.url).effective_options()
    assert options["stop"] == ["<|im_start|>", "<|im_end|>"]
    assert options.source["stop"] == "Modelfile"
    assert options.source["temperature"] == DEFAULT


def test_parameters_as_the_server_writes_them() -> None:
    text = 'num_ctx                        4096\nstop       "a \\"b\\""\ntop_p    0.95\nuse_mmap   true'
    assert modelfile({"parameters": text}) == {
        "num_ctx": 4096,
        "stop": ['a "b"'],
        "top_p": 0.95,
        "use_mmap": True,
    }
    assert modelfile({}) == {}


def test_options_are_a_copy() -> None:
    with server() as stub:
        response = Ollama("m", stub.url).complete("hi")
        response.options["temperature"] = 99
        assert response.options["temperature"] == 0.2


def test_a_server_that_is_gone_by_then() -> None:
    """What was given is known, the rest is said not to be."""
    top = [{"token": "x", "logprob": -0.1, "bytes": []}]
    entry = top[0] | {"top_logprobs": top}
    with Stub(lambda request: ndjson(DONE | {"logprobs": [entry]})) as stub:
        llm = Ollama("m", stub.url, min_p=0.1)
        response = llm.complete("hi", top_k=3, top_logprobs=1)
    assert response.text == "x"
    options = response.options
    assert (options["top_k"], options["min_p"], options["top_logprobs"]) == (3, 0.1, 1)
    assert isinstance(options["temperature"], Unknown)
    assert "could not be asked" in repr(options["temperature"])
    with pytest.raises(ValueError, match=r"needs .*could not be asked"):
        response.sampling_distribution()


@pytest.mark.parametrize("way", ["complete", "stream", "chat", "async"])
@pytest.mark.parametrize(
    ("modified", "known"),
    [
        ("2026-11-24T05:00:00.123456789Z", True),
        ("2026-11-24T06:30:00+01:00", True),
        ("2026-11-24T07:00:00Z", False),
        ("2026-11-23T22:30:00.5-08:00", False),
        (None, True),
        ("yesterday", True),
    ],
)
def test_options_are_those_of_the_call(modified: str | None, known: bool, way: str) -> None:
    """A model that was changed after the answer tells nothing of what the answer was drawn with."""
    created = {"created_at": "2026-11-24T05:56:49.686699136Z"}
    shown = {"parameters": "temperature 1.2", "details": {"format": "gguf"}, "modified_at": modified}

    def answer(request: Request) -> bytes:
        if request.path == "/api/version":
            return ndjson({"version": "0.33.0"})
        return ndjson(
            shown if request.path == "/api/show" else DONE | {"message": {"content": "x"}} | created
        )

    with Stub(answer) as stub:
        llm = Ollama("m", stub.url)
        calls: dict[str, Any] = {
            "complete": lambda: llm.complete("hi", top_k=7),
            "stream": lambda: list(llm.stream_complete("hi", top_k=7))[-1],
            "chat": lambda: llm.chat([{"role": "user", "content": "hi"}], top_k=7),
            "async": lambda: asyncio.run(llm.acomplete("hi", top_k=7)),
        }
        options = calls[way]().options
        assert options["top_k"] == 7
        assert llm.effective_options()["temperature"] == 1.2
    assert (options["temperature"] == 1.2) is known
    assert isinstance(options["top_p"], Unknown) is not known
    assert ("was changed" in repr(options["temperature"])) is not known


def test_what_only_the_models_file_sets() -> None:
    """Ollama has no option for them, and its runner obeys the file; what Ollama sends overrules the file."""
    about = {
        "general.sampling.sequence": "temperature;top_k;min_p",
        "general.sampling.xtc_probability": 0.5,
        "general.sampling.temp": 0.1,
        "general.sampling.top_k": 3,
        "general.sampling.mirostat": "x",
        "general.sampling.mirostat_tau": None,
        "general.architecture": "llama",
    }
    with server(parameters="", model_info=about) as stub:
        options = Ollama("m", stub.url).effective_options(temperature=1.5)
        response = Ollama("m", stub.url).complete("hi")
        assert response.options["sequence"] == "temperature;top_k;min_p"
    assert (options["sequence"], options.source["sequence"]) == ("temperature;top_k;min_p", "model file")
    assert (options["temperature"], options["top_k"]) == (1.5, 40)
    assert (options.source["temperature"], options.source["top_k"]) == ("call", DEFAULT)
    assert options["xtc_probability"] == 0.5
    assert options["xtc_threshold"] == 0.1
    assert options.source["xtc_threshold"].startswith("llama.cpp's default")
    assert not [name for name in options if "mirostat" in name]
    for name in ("top_p", "typical_p", "repeat_penalty", "xtc_probability"):
        assert "leaves it out" in options.source[name]
    with server(parameters="", model_info={"general.sampling.mirostat": 2}) as stub:
        options = Ollama("m", stub.url).effective_options()
    assert (options["mirostat"], options["mirostat_tau"], options["mirostat_eta"]) == (2, 5.0, 0.1)
    assert "mirostat takes its place" in options.source["top_k"]
    assert options.source["temperature"] == DEFAULT
    for about in (
        None,
        {},
        {"general.sampling.sequence": ""},
        {"general.sampling.xtc_probability": float("nan")},
    ):
        assert "sequence" not in effective("0.33.0", {"model_info": about} if about else {}, {}, {})


@pytest.mark.parametrize("where", ["call", "object", "Modelfile"])
@pytest.mark.parametrize("zero", [0, 0.0])
def test_a_typical_p_of_zero_is_off(where: str, zero: float) -> None:
    """Ollama leaves a zero out of what it sends to its runner."""
    with server(parameters=f"typical_p {zero}" if where == "Modelfile" else "") as stub:
        llm = Ollama("m", stub.url, **({"typical_p": zero} if where == "object" else {}))
        options = llm.effective_options(**({"typical_p": zero} if where == "call" else {}))
    assert (options["typical_p"], options.source["typical_p"]) == (1.0, "0 is off")


@pytest.mark.parametrize("where", ["call", "object"])
@pytest.mark.parametrize("num_ctx", [None, 8192])
@pytest.mark.parametrize("way", ["complete", "chat"])
def test_the_whole_context_as_history(where: str, num_ctx: int | None, way: str) -> None:
    """The runner refuses -1: the context's length is sent, or what no context reaches."""
    given = {"repeat_last_n": -1, "num_ctx": num_ctx}
    own, call = ({}, given) if where == "call" else (given, {})
    with server() as stub:
        llm = Ollama("m", stub.url, **own)
        if way == "complete":
            response: Any = llm.complete("hi", **call)
        else:
            response = llm.chat([{"role": "user", "content": "hi"}], **call)
        sent = stub.requests[0].json["options"]["repeat_last_n"]
        options = llm.effective_options(**call)
        assert response.options["repeat_last_n"] == sent
    assert sent == (num_ctx or 2**20)
    assert (options["repeat_last_n"], options.source["repeat_last_n"]) == (sent, where)


@pytest.mark.parametrize("version", ["0.29.9", "0.33.0", "0.40.1"])
def test_what_no_server_obeys_any_more(version: str) -> None:
    """Modelfiles still set mirostat; Ollama before 0.30 obeyed, and its successors have no such option."""
    with server(version, parameters="mirostat 2\ntfs_z 0.5\ntop_k 7") as stub:
        options = Ollama("m", stub.url).effective_options()
    assert options["top_k"] == 7
    obeyed = version == "0.29.9"
    assert ("mirostat" in options) is ("tfs_z" in options) is obeyed
    assert ("mirostat" in options.source["top_k"]) is obeyed


@pytest.mark.parametrize("answer", [ndjson({"version": None}), ndjson({}), respond(b"404", status="404 N")])
def test_a_server_without_a_version(answer: bytes) -> None:
    """What imitates Ollama may not say its version; the rest is told all the same."""

    def answers(request: Request) -> bytes:
        if request.path == "/api/version":
            return answer
        return ndjson({"parameters": "top_k 7"} if request.path == "/api/show" else DONE)

    with Stub(answers) as stub:
        llm = Ollama("m", stub.url)
        options = llm.effective_options()
        assert llm.complete("hi").options["top_k"] == 7
    assert (options["top_k"], options.source["top_k"]) == (7, "Modelfile")
    assert "of an unknown version" in options.source["top_p"]


def test_wrong_options() -> None:
    with pytest.raises(TypeError, match="temperature"):
        Ollama("m").effective_options(temprature=1)
    with Stub(lambda request: respond(b"[]")) as stub, pytest.raises(Exception, match="JSON object"):
        Ollama("m", stub.url).effective_options()
