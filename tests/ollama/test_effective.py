"""What was in force: each option's value and source, asked of the server only when somebody looks."""

import re
from typing import Any

import pytest
from wire.stub import Answer, Request, Stub, ndjson, recorded, respond

from logitlab.llms import Ollama
from logitlab.llms.ollama.effective import Unknown, modelfile

DONE = {"response": "x", "done": True}
DEFAULT = "Ollama's default (0.33)"


def server(
    version: str = "0.33.0-rc2", parameters: str = 'stop    "<|im_start|>"\ntemperature    0.2'
) -> Any:
    def answer(request: Request) -> bytes | Answer:
        if request.path == "/api/version":
            return ndjson({"version": version})
        if request.path == "/api/show":
            return ndjson({"parameters": parameters, "details": {"format": "gguf"}})
        return ndjson(DONE)

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
        assert llm.effective_options()["temperature"] == 0.2
        assert [request.path for request in stub.requests[2:]] == ["/api/version", "/api/show"]


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
    with Stub(lambda request: ndjson(DONE)) as stub:
        response = Ollama("m", stub.url).complete("hi", top_k=3)
    assert response.text == "x"
    with pytest.raises(ConnectionError):
        _ = response.options


def test_wrong_options() -> None:
    with pytest.raises(TypeError, match="temperature"):
        Ollama("m").effective_options(temprature=1)
    with Stub(lambda request: respond(b"[]")) as stub, pytest.raises(Exception, match="JSON object"):
        Ollama("m", stub.url).effective_options()
