"""What is typed out of habit gets the sentence that helps: in every model, constructor, method and stream."""

import asyncio

import pytest
from wire.stub import Stub, ndjson, recorded, respond

from logitlab.llms import Ollama
from logitlab.llms.builtin import BuiltIn
from logitlab.llms.habits import AIMS, ELSEWHERE, HABITS
from logitlab.llms.options import OPTIONS

TURNS = [{"role": "user", "content": "hi"}]

# habit -> what its sentence must name
HELPS = {
    "stream": ("stream_complete()", "stream_chat()"),
    "streaming": ("stream_complete()", "stream_chat()"),
    "text": ("complete(prompt)",),
    "api_base": ("Ollama(", "host="),
    "verbose": ("timings",),
    "callbacks": ("stream_complete()",),
    "max_retries": ("OllamaError",),
    "width": ("request(",),
    "options": ("temperature=",),
    "response_format": ("format=",),
    "model": ("Ollama(",),
    "timeout": ("Ollama(", "timeout="),
    "request_timeout": ("Ollama(", "request_timeout="),
    "host": ("Ollama(", "host="),
    "headers": ("Ollama(", "headers="),
    "n": ("seed=",),
    "num_return_sequences": ("seed=",),
    "api_key": ("OLLAMA_API_KEY", "Authorization"),
    "formatted": ("raw=True",),
    "functions": ("tools=",),
    "is_function_calling_model": ("tools=",),
    "do_sample": ("temperature=0",),
    "echo": ("prompt",),
    "mirostat": ("0.30",),
    "tfs_z": ("0.30",),
    "max_tokens": ("num_predict",),
    "max_new_tokens": ("num_predict",),
    "repetition_penalty": ("repeat_penalty",),
    "random_state": ("seed",),
    "n_ctx": ("num_ctx",),
}
ONLY_CALLS = {"model", "timeout", "request_timeout", "host", "headers"}  # the constructor takes these
SAMPLERS = {"tfs_z"}  # an option of the built-in model's sampler


def asynchronously(method):
    async def call(*args, **options):
        return await method(*args, **options)

    return lambda *args, **options: asyncio.run(call(*args, **options))


def calls(llm):
    return [
        lambda **o: llm.complete("hi", **o),
        lambda **o: llm.chat(TURNS, **o),
        lambda **o: llm.stream_complete("hi", **o),
        lambda **o: llm.stream_chat(TURNS, **o),
        lambda **o: asynchronously(llm.acomplete)("hi", **o),
        lambda **o: asynchronously(llm.achat)(TURNS, **o),
        lambda **o: llm.astream_complete("hi", **o),
        lambda **o: llm.astream_chat(TURNS, **o),
    ]


def helped(call, name):
    with pytest.raises(TypeError) as caught:
        call(**{name: 1})
    said = str(caught.value)
    assert f"no option {name!r}" in said
    for words in HELPS[name]:
        assert words in said


@pytest.mark.parametrize("name", HELPS)
def test_every_call_of_a_server_and_its_constructor(name):
    with Stub(lambda request: ndjson({"response": "", "done": True})) as stub:
        ways = calls(Ollama("m", stub.url))
        if name not in ONLY_CALLS:
            ways.append(lambda **o: Ollama("m", stub.url, **o))
        for call in ways:
            helped(call, name)
    assert stub.requests == []


@pytest.mark.parametrize("name", sorted({*HELPS} - SAMPLERS - {*AIMS}))
def test_every_call_of_the_built_in_model_and_its_constructor(llm, name):
    for call in [*calls(llm), lambda **o: BuiltIn(llm.path, **o)]:
        helped(call, name)


@pytest.mark.parametrize("name", ["num_gpu", "num_batch", "main_gpu", "use_mmap"])
def test_what_is_about_a_machine_is_no_guess_of_another_name(llm, name):
    with pytest.raises(TypeError, match=f"'{name}'.*about a server and its machine") as caught:
        llm.complete("hi", **{name: 1})
    assert "did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("think", True, "does not think"),
        ("format", "json", "grammar"),
        ("tools", [{}], "functions"),
        ("images", [b"x"], "text only"),
        ("truncate", True, "longer than its context"),
        ("shift", True, "context is full"),
        ("suffix", "x", "suffix"),
    ],
)
def test_what_the_built_in_model_cannot_do_has_a_reason(llm, name, value, reason):
    for call in [*calls(llm), lambda **o: BuiltIn(llm.path, **o)]:
        with pytest.raises(ValueError, match=f"^{name}=.*{reason}"):
            call(**{name: value})
    assert llm.complete("hi", num_predict=1, **{name: type(value)()}).text is not None


@pytest.mark.parametrize("habit", AIMS)
def test_a_habit_that_aims_at_what_the_model_cannot_do_has_the_reason(llm, habit):
    for call in calls(llm):
        with pytest.raises(TypeError, match=f"no option '{habit}'.*the built-in model") as caught:
            call(**{habit: 1})
        assert AIMS[habit] in str(caught.value)


def test_keep_alive_is_about_a_server(llm):
    for call in [*calls(llm), lambda **o: BuiltIn(llm.path, **o)]:
        with pytest.raises(TypeError, match=r"keep_alive.*a server"):
            call(keep_alive="10m")


def test_a_habit_never_hides_an_option():
    """Names that every model takes are no habits, and what is suggested exists."""
    assert not {*Ollama._takes} & {*BuiltIn._takes} & {*HABITS}
    # an option of a server's, and of the built-in model, whose threads are its constructor's, a habit
    assert {*OPTIONS} & {*HABITS, *ELSEWHERE} <= {"num_thread"}
    assert {*ELSEWHERE.values(), *AIMS.values()} <= {*Ollama._takes}


@pytest.mark.parametrize("path", ["/api/generate", "/api/chat"])
@pytest.mark.parametrize(
    "off",
    [{"format": ""}, {"format": None}, {"top_k": -1}, {"top_k": 0}, {"top_p": 1}, {"min_p": 0}, {"seed": -1},
     {"tools": []}, {"images": []}, {"raw": False}, {"suffix": ""}, {"template": ""}, {"context": []},
     {"system": ""}, {"stop": []}, {"top_logprobs": 0}, {"keep_alive": None}, {"think": False}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("where", ["call", "constructor"])
def test_off_as_each_engine_spells_it(path, off, where):
    chat = path == "/api/chat"
    last = {"done": True, **({"message": {"content": "hi"}} if chat else {"response": "hi"})}
    with Stub(lambda request: ndjson(last)) as stub:
        llm = Ollama("m", stub.url, **(off if where == "constructor" else {}))
        given = off if where == "call" else {}
        assert (llm.chat(TURNS, **given) if chat else llm.complete("hi", **given)).text == "hi"
    body = stub.requests[-1].json
    assert "format" not in body
    assert body.get("options", {}).get("top_k", 0) == 0


def test_off_in_a_call_switches_off_what_the_object_has():
    with Stub(lambda request: ndjson({"response": "hi", "done": True})) as stub:
        llm = Ollama("m", stub.url, format="json", top_k=5, think=True)
        llm.complete("hi", format="", top_k=-1, think=False)
        llm.complete("hi", format=None)  # None is "not set"
    first, second = (request.json for request in stub.requests)
    assert "format" not in first
    assert (first["options"], first["think"]) == ({"top_k": 0}, False)
    assert second["format"] == "json"


@pytest.mark.parametrize("name", ["json_mode", "thinking", "context_window"])
def test_the_constructor_takes_llama_indexs_names(name):
    value, ours = {
        "json_mode": (True, "format"),
        "thinking": ("low", "think"),
        "context_window": (512, "num_ctx"),
    }[name]
    with Stub(lambda request: ndjson({"response": "hi", "done": True})) as stub:
        Ollama("m", stub.url, **{name: value}).complete("hi")
        body = stub.requests[-1].json
        with pytest.raises(TypeError, match=f"{ours} is given twice"):
            Ollama("m", stub.url, **{name: value, ours: "json" if ours == "format" else value})
    assert {**body, **body.get("options", {})}[ours] == ("json" if name == "json_mode" else value)


def test_a_modelfile_that_spells_off_in_another_way():
    show = (
        b'{"parameters": "top_k -1\\ntop_p 1.5\\nmin_p -1\\ntemperature -1", "details": {"format": "gguf"}}'
    )
    answers = {"/api/show": respond(show), "/api/version": recorded("002-version")}
    with Stub(lambda request: answers[request.path]) as stub:
        options = Ollama("m", stub.url).effective_options()
    assert [options[name] for name in ("top_k", "top_p", "min_p", "temperature")] == [0, 1, 0, 0]
    assert options.source["top_k"] == "Modelfile"


@pytest.mark.parametrize(
    ("name", "value"), [("system", "Be brief."), ("template", "{{ .Prompt }}"), ("context", [1])]
)
@pytest.mark.parametrize("where", ["call", "constructor", "raw in the constructor"])
def test_a_raw_prompt_has_no_place_for_what_a_template_takes(name, value, where):
    with Stub(lambda request: ndjson({"response": "hi", "done": True})) as stub:
        own = {"call": {}, "constructor": {name: value}, "raw in the constructor": {"raw": True}}[where]
        given = {
            "call": {name: value, "raw": True},
            "constructor": {"raw": True},
            "raw in the constructor": {name: value},
        }
        llm = Ollama("m", stub.url, **own)
        with pytest.raises(ValueError, match=f"raw=True.*{name}="):
            llm.complete("hi", **given[where])
        assert stub.requests == []
        llm.complete("hi", **given[where] | {name: type(value)()})  # what asks for nothing switches it off
    assert stub.requests[0].json["raw"] is True
