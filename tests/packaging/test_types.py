"""mypy and pyright accept what works, and find a misspelt name or option and a wrong dtype."""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from logitlab.llms import LLM, BuiltIn, Ollama, builtin_keywords, keywords
from logitlab.llms.ollama.embedding import TAKES as EMBED
from logitlab.llms.ollama.fields import ONLY_CHAT, ONLY_GENERATE
from logitlab.llms.ollama.names import LLAMA_INDEX
from logitlab.sampling import keywords as samplers
from logitlab.sampling.options import ALIASES, known

FOLDER = Path(__file__).parent

OLLAMA, BUILT_IN = set(Ollama._takes), set(BuiltIn._takes)
BOTH = OLLAMA & BUILT_IN
CONSTRUCTOR = {*inspect.signature(Ollama).parameters} - {"model", "options"}
THEIRS = {*LLAMA_INDEX, "additional_kwargs", "json_mode"}
COMPLETE = ["complete", "stream_complete", "acomplete", "astream_complete"]
CHAT = ["chat", "stream_chat", "achat", "astream_chat"]

# a call without its options -> the options that it takes
CALLS = {
    "ll.llms.Ollama('m', ": OLLAMA | CONSTRUCTOR | THEIRS,
    "ll.llms.BuiltIn(": BUILT_IN,
    "ll.connect('m', ": OLLAMA | CONSTRUCTOR | THEIRS,
    "ll.llms.Ollama('m').effective_options(": OLLAMA,
    "ll.llms.Ollama('m').embed('Hi', ": set(EMBED),
}
MODELS = {
    "ll.llms.Ollama('m')": OLLAMA,
    "ll.llms.BuiltIn()": BUILT_IN,
    "ll.connect('m')": BOTH,
    "wrap(ll.connect('m'))": OLLAMA | BUILT_IN,
}
for model, taken in MODELS.items():
    CALLS |= {f"{model}.{method}('Hi', ": taken - set(ONLY_CHAT) for method in COMPLETE}
    CALLS |= {f"{model}.{method}([], ": taken - set(ONLY_GENERATE) for method in CHAT}


EVERY = set().union(*CALLS.values())


def made(folder):
    """A file that gives every option that each call takes, and one that gives others: misspelt, or another call's."""
    begin = "import logitlab as ll\nfrom logitlab.llms.llama_index import wrap\n\n"
    good = [
        f"print({call}{', '.join(f'{name}=True' if name == 'verify' else f'{name}=None' for name in sorted(taken))}))"
        for call, taken in CALLS.items()
    ]
    bad = [
        f"print({call}{name}=None))  # wrong"
        for call, taken in CALLS.items()
        for name in ["tempreature", *sorted(EVERY - taken)[:: len(EVERY - taken) - 1]]
    ]
    (folder / "made_good.py").write_text(begin + "\n".join(good))
    (folder / "made_bad.py").write_text(begin + "\n".join(bad))
    return [FOLDER / "good.py", FOLDER / "bad.py", folder / "made_good.py", folder / "made_bad.py"]


def mypy(files, folder, cache):
    command = ["-m", "mypy", "--strict", "--config-file=", f"--cache-dir={cache}", "--output=json"]
    done = subprocess.run(
        [sys.executable, *command, *files], capture_output=True, text=True, check=False, cwd=folder
    )
    assert not done.stderr, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [
        (Path(one["file"]).name, one["line"], one["message"]) for one in found if one["severity"] == "error"
    ]


def basedpyright(files, folder, cache):
    pytest.importorskip("basedpyright", reason="basedpyright is not installed: it is in locks/developer.lock")
    settings = {"include": [str(file) for file in files], "typeCheckingMode": "standard"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = ["-m", "basedpyright", "--outputjson", "--pythonpath", sys.executable, "--project", folder]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)["generalDiagnostics"]
    return [
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["message"])
        for one in found
        if one["severity"] == "error"
    ]


def wrong(file):
    """The lines that a checker must find."""
    lines = file.read_text().splitlines()
    return {(file.name, number) for number, line in enumerate(lines, 1) if re.search("# wrong(:|$)", line)}


@pytest.fixture
def kept(pytestconfig, tmp_path):
    """A folder that the next run finds again: mypy takes from it what has not changed."""
    cache = getattr(pytestconfig, "cache", None)
    return tmp_path / "types" if cache is None else cache.mkdir("types")


@pytest.mark.parametrize("checker", [mypy, basedpyright], ids=lambda one: one.__name__)
def test_checker(checker, tmp_path, kept):
    files = made(tmp_path)
    names = {file.name for file in files}
    messages = [one for one in checker(files, tmp_path, kept) if one[0] in names]
    expected = set().union(*map(wrong, files))
    found = {(name, line) for name, line, _ in messages}
    assert found - expected == set(), [one for one in messages if one[:2] not in expected]
    assert expected - found == set()


def test_the_names_of_the_options_are_those_of_the_steps():
    assert set(samplers.SamplerOptions.__annotations__) == {*known(), *ALIASES}
    own = set(samplers.SampleOptions.__annotations__) - set(samplers.FurtherOptions.__annotations__)
    assert own == {"history", "generated"}


@pytest.mark.parametrize(
    ("options", "taken"),
    [
        ("LLMOptions", BOTH),
        ("CompleteOptions", BOTH - set(ONLY_CHAT)),
        ("ChatOptions", BOTH - set(ONLY_GENERATE)),
        ("OllamaOptions", (OLLAMA | THEIRS) - {"keep_alive"}),
        ("OllamaCallOptions", OLLAMA),
        ("OllamaCompleteOptions", OLLAMA - set(ONLY_CHAT)),
        ("OllamaChatOptions", OLLAMA - set(ONLY_GENERATE)),
        ("ConnectOptions", OLLAMA | CONSTRUCTOR | THEIRS),
        ("EmbedOptions", set(EMBED)),
        ("BuiltInOptions", BUILT_IN),
        ("BuiltInCompleteOptions", BUILT_IN - set(ONLY_CHAT)),
        ("BuiltInChatOptions", BUILT_IN - set(ONLY_GENERATE)),
        ("AnyCompleteOptions", (OLLAMA | BUILT_IN) - set(ONLY_CHAT)),
        ("AnyChatOptions", (OLLAMA | BUILT_IN) - set(ONLY_GENERATE)),
    ],
)
def test_the_names_of_the_options_are_those_that_models_take(options, taken):
    owner = keywords if hasattr(keywords, options) else builtin_keywords
    assert set(getattr(owner, options).__annotations__) == taken


@pytest.mark.parametrize("method", ["__init__", *COMPLETE, *CHAT])
def test_all_models_say_what_they_take(method):
    """At run time too, for whoever reads signatures."""
    options = inspect.signature(getattr(LLM, method)).parameters["options"].annotation
    kind = "LLM" if method == "__init__" else "Complete" if method in COMPLETE else "Chat"
    assert getattr(keywords, f"{kind}Options") in options.__args__
