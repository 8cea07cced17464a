"""`python -m logitlab`: results on standard output, a mistake in one sentence with exit status 2, no secret shown."""

import io
import json
import os
import signal
import subprocess
import sys
import time

import nbformat
import numpy as np
import pytest
from needs import built_in
from wire.stub import Answer, Stub, body_of, endless, recorded, respond

import logitlab as ll
from logitlab.command.main import COMMANDS, main

LOGITS = np.array([0.2, 0.3, 0.1, 0.4])
BATCH = np.random.default_rng(0).normal(size=(2, 3, 10)).astype(np.float32)
SECRETS = ["http://ana:s3cret@127.0.0.1:1", "s3cret@127.0.0.1:1", "http://ana:s3cret@127.0.0.1:port/x"]


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch):
    for name in [name for name in os.environ if name.startswith(("LOGITLAB_", "OLLAMA_"))]:
        monkeypatch.delenv(name)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with logits in every form, as the working directory."""
    monkeypatch.chdir(tmp_path)
    np.save("row.npy", LOGITS)
    np.save("batch.npy", BATCH)
    np.savez("one.npz", logits=LOGITS)
    np.savez("two.npz", a=LOGITS, b=LOGITS)
    np.save("objects.npy", np.array([{}]), allow_pickle=True)
    (tmp_path / "row.txt").write_text("0.2, 0.3\n0.1 0.4\n".replace("\n", " "))
    write_notebook("failing.ipynb", "raise ValueError('the reason')")
    (tmp_path / "words.txt").write_text("not numbers\n")
    (tmp_path / "cut.npy").write_bytes((tmp_path / "row.npy").read_bytes()[:100])
    (tmp_path / "tokens.txt").write_text("cat\ndog\nemu\nfox\n")
    (tmp_path / "tokens.json").write_text('{"cat": 0, "dog": 1, "emu": 2, "fox": 3}')
    return tmp_path


def write_notebook(name, *sources):
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    heading = nbformat.v4.new_markdown_cell("# What a $T$ does")
    nbformat.write(nbformat.v4.new_notebook(cells=[heading, *cells]), name)


def python(*words, **settings):
    command = [sys.executable, "-m", "logitlab", *words]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **pipes | settings)


def called(capsys, *words):
    """Standard output of a call that must succeed."""
    assert main(words) == 0
    said = capsys.readouterr()
    return said.out


def refused(capsys, *words):
    """The sentence of a call that must end in the exit status 2."""
    try:
        status = main(words)
    except SystemExit as ended:
        status = ended.code
    said = capsys.readouterr()
    assert (status, said.out) == (2, "")
    (sentence,) = said.err.splitlines()
    assert sentence.startswith("python -m logitlab")
    return sentence


def test_html_runs_a_notebook_and_its_explorer_is_alive_in_the_page(files, capsys):
    write_notebook("own.ipynb", "import logitlab as ll", "print(6 * 7)\nll.Explorer([2.0, 1.0, 0.5])")
    before = (files / "own.ipynb").read_bytes()
    assert called(capsys, "html", "own.ipynb") == "own.html\n"
    assert "<iframe" not in (files / "own.html").read_text()
    assert called(capsys, "html", "own.ipynb", "--run", "-o", "page.html") == "page.html\n"
    page = (files / "page.html").read_text()
    assert page.count("<iframe") == page.count("<math") == 1
    assert ">42\n" in page
    assert (files / "own.ipynb").read_bytes() == before
    assert not list(files.glob("*.part"))


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_on_one_screen(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])
    lines = capsys.readouterr().out.splitlines()
    assert ended.value.code == 0
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert command or all(any(line.split()[:1] == [name] for line in lines) for name in COMMANDS)


@pytest.mark.parametrize("name", ["row.npy", "row.txt", "one.npz", "-"])
def test_sample_draws_what_the_function_draws(files, capsys, monkeypatch, name):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((files / "row.npy").read_bytes())))
    wanted = ll.sample(LOGITS, temperature=0.8, top_k=3, size=20, rng=5)
    said = called(capsys, "sample", name, "-T", "0.8", "-k", "3", "--seed", "5", "-n", "20")
    assert said == " ".join(map(str, wanted)) + "\n"


def test_sample_prints_a_line_for_each_row(files, capsys):
    sampler = ll.Sampler(engine="vllm", top_p=0.9, min_p=0.1, ban_tokens=[3])
    wanted = sampler.sample(BATCH, size=4, rng=1).reshape(6, 4)
    words = "sample batch.npy -p 0.9 --min-p 0.1 --set ban_tokens=[3] --engine vllm --seed 1 -n 4"
    said = called(capsys, *words.split())
    assert [[int(word) for word in line.split()] for line in said.splitlines()] == wanted.tolist()
    row = called(capsys, "sample", "batch.npy", "--row", "4", "-T", "0")
    assert row == f"{BATCH.reshape(6, 10)[4].argmax()}\n"


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        ("sample nowhere.npy", ["nowhere.npy", "No such file"]),
        ("sample .", ["directory"]),
        ("sample words.txt", ["words.txt", ".npy", "numbers"]),
        ("sample cut.npy", ["cut.npy", ".npy"]),
        ("sample objects.npy", ["objects.npy"]),
        ("sample two.npz", ["two.npz", "2", "'a'", "'b'"]),
        ("sample batch.npy --row 6", ["[0, 6)", "6"]),
        ("sample batch.npy --row -1", ["[0, 6)", "-1"]),
        ("sample row.npy -T -1", ["temperature", ">= 0", "-1"]),
        ("sample row.npy -T nan", ["temperature", "nan"]),
        ("sample row.npy -T hot", ["-T", "'hot'"]),
        ("sample row.npy -k 2.5", ["top_k", "integer", "2.5"]),
        ("sample row.npy -p 1.5", ["top_p", "[0, 1]", "1.5"]),
        ("sample row.npy --set tempreature=1", ["'tempreature'", "temperature"]),
        ("sample row.npy --set top_k", ["--set", "NAME=VALUE", "'top_k'"]),
        ("sample row.npy -k 2 --set top_k=3", ["top_k", "once", "2", "3"]),
        ("sample row.npy --set top_a=1 --set top_a=2", ["top_a", "once", "1", "2"]),
        ("sample row.npy --engine nobody", ["engine", "nobody"]),
        ("sample row.npy -n -1", ["-1"]),
        ("sample row.npy --seed -1", ["-1"]),
        ("explore row.npy", ["-o"]),
        ("explore row.npy -o no/such/folder.html", ["no/such"]),
        ("explore batch.npy -o page.html", ["one row", "(2, 3, 10)"]),
        ("explore row.npy -o page.html -T -1", ["temperature", "-1"]),
        ("explore row.npy -o page.html --tokens nowhere.txt", ["nowhere.txt"]),
        ("explore row.npy -o page.html --tokens row.npy", ["row.npy", "UTF-8"]),
        ("explore row.npy -o page.html --tokens words.txt", ["tokens"]),
        ("complete", ["PROMPT"]),
        ("complete Hi -m builtin -T -1", ["temperature", "-1"]),
        ("complete Hi -m builtin --set tempreature=1", ["'tempreature'", "temperature"]),
        ("complete Hi -T -1", ["temperature", "-1"]),
        ("html row.npy", ["row.npy", "notebook"]),
        ("html words.txt", ["words.txt", "notebook"]),
        ("html nowhere.ipynb", ["nowhere.ipynb"]),
        ("html failing.ipynb --run", ["failing.ipynb", "ValueError", "the reason"]),
        ("frobnicate", ["frobnicate", "sample"]),
        ("", ["COMMAND"]),
    ],
)
def test_a_mistake_is_one_sentence_and_the_exit_status_2(files, capsys, words, facts):
    before = sorted(files.iterdir())
    said = refused(capsys, *words.split())
    assert not [fact for fact in facts if fact not in said], said
    assert sorted(files.iterdir()) == before


@pytest.mark.parametrize(("tokens", "engine"), [("tokens.txt", "ollama"), ("tokens.json", "vllm")])
def test_explore_writes_the_page_of_the_explorer(files, capsys, tokens, engine):
    words = [
        "row.npy",
        "-o",
        "page.html",
        "--tokens",
        tokens,
        "-T",
        "0.5",
        "--title",
        "Four animals",
        "--engine",
        engine,
    ]
    assert called(capsys, "explore", *words) == "page.html\n"
    page = (files / "page.html").read_text(encoding="utf-8")
    assert "<title>Four animals</title>" in page
    assert '"temperature": 0.5' in page
    assert f'"engine": "{engine}"' in page
    assert "emu" in page


def test_what_lacks_its_extra_is_one_sentence(files):
    code = (
        "import sys; sys.modules['anywidget'] = None\n"
        "from logitlab.command.main import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "explore", "row.npy", "-o", "page.html"],
        capture_output=True,
        text=True,
        check=False,
    )
    (said,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert "logitlab[explorer]" in said
    assert not (files / "page.html").exists()


def about(request):
    """What a server says of itself and of its model."""
    return recorded(
        {"/api/show": "005-show", "/api/version": "002-version", "/api/tags": "003-tags"}[request.path]
    )


def test_complete_streams_a_servers_answer(capsys, monkeypatch):
    def answer(request):
        return recorded("010-gen-stream") if request.path == "/api/generate" else about(request)

    with Stub(answer) as stub:
        monkeypatch.setenv("OLLAMA_HOST", stub.url)
        monkeypatch.setattr(sys, "stdin", io.StringIO("What is\nSingapore?"))
        assert (
            main(["complete", "-", "-m", "gemma3-270m", "-T", "0.8", "-k", "50", "--seed", "1", "-n", "9"])
            == 0
        )
        sent = [request.json for request in stub.requests if request.path == "/api/generate"]
    said = capsys.readouterr()
    assert sent[0]["prompt"] == "What is\nSingapore?"
    assert sent[0]["options"] == {"temperature": 0.8, "top_k": 50, "seed": 1, "num_predict": 9}
    lines = body_of(recorded("010-gen-stream")).decode().splitlines()
    wanted = "".join(json.loads(line).get("response", "") for line in lines)
    assert said.out == wanted.rstrip("\n") + "\n"
    assert "gemma3-270m" in said.err


@pytest.mark.model
def test_complete_asks_the_built_in_model(capsys):
    llm = built_in()
    wanted = llm.complete("Hi", temperature=0.8, top_k=50, seed=1, num_predict=5)
    said = called(
        capsys, "complete", "Hi", "-m", "builtin", *["-T", "0.8", "-k", "50", "--seed", "1", "-n", "5"]
    )
    assert said == f"{wanted}\n"


def test_a_servers_failure_is_one_sentence_and_the_exit_status_1(capsys, monkeypatch):
    with Stub(lambda _: respond(b'{"error": "out of memory"}', status="500 Internal Server Error")) as stub:
        monkeypatch.setenv("OLLAMA_HOST", stub.url)
        assert main(["complete", "Hi"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "out of memory" in said.err.splitlines()[-1]


def test_ctrl_c_ends_the_process_by_its_signal_and_keeps_what_was_printed(monkeypatch):
    words = endless(b'{"response": "word ", "done": false}\n', 1).pieces

    def slowly():
        for piece in words:
            yield piece
            time.sleep(0.02)

    def answer(request):
        return Answer(slowly()) if request.path == "/api/generate" else about(request)

    with Stub(answer) as stub:
        environment = os.environ | {"OLLAMA_HOST": stub.url}
        process = python("complete", "Hi", "-m", "gemma3-270m", env=environment)
        assert process.stdout.read(10) == "word word "
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == -signal.SIGINT
        assert "Traceback" not in err
        assert set(out.split()) <= {"word"}
        assert stub.hung_up.wait(10)


def test_a_closed_pipe_is_quiet(files):
    with python("sample", "row.npy", "-n", "300000") as process:
        assert process.stdout.read(2)
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(30) == 128 + signal.SIGPIPE


def test_a_terminal_without_utf_8_gets_escapes(files):
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    process = python("sample", "größe.npy", env=environment)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "gr\\xf6\\xdfe.npy" in err


def test_info_as_json_is_what_a_bug_report_needs(capsys, monkeypatch):
    monkeypatch.setenv("LOGITLAB_CONNECT", "builtin")
    with Stub(lambda _: recorded("002-version")) as stub:
        monkeypatch.setenv("OLLAMA_HOST", stub.url)
        facts = json.loads(called(capsys, "info", "--json"))
    assert facts["logitlab"]["version"] == ll.__version__
    assert facts["targets"] == ll.targets()
    assert facts["packages"]["numpy"] == np.__version__
    assert set(facts["packages"]) >= {"tokenizers", "anywidget", "jupyterlab"}
    assert facts["server"] == {"address": stub.url, "version": "0.33.0-rc2"}
    assert facts["settings"] == {"LOGITLAB_CONNECT": "builtin"}
    assert "libcurl" in facts["libcurl"]


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("host", SECRETS)
def test_info_shows_no_secret(capsys, monkeypatch, host, form):
    monkeypatch.setenv("OLLAMA_HOST", host)
    monkeypatch.setenv("OLLAMA_API_KEY", "s3cret")
    monkeypatch.setenv("HTTP_PROXY", "http://ana:s3cret@127.0.0.1:1")
    said = called(capsys, "info", *form)
    assert "s3cret" not in said
    assert "server" in said


def test_info_says_what_is_missing_and_works_without_it(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    monkeypatch.setitem(sys.modules, "logitlab._http", None)
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")
    facts = json.loads(called(capsys, "info", "--json"))
    assert "logitlab[model]" in facts["model"]
    assert "not available" in facts["libcurl"]
    assert "not available" in facts["server"]["version"]


def test_the_commands_load_no_more_than_they_need():
    code = "import sys; from logitlab.command.main import parser; parser(); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = [name for name in done.stdout.split() if name.startswith("logitlab.")]
    assert not [
        name
        for name in loaded
        if name.startswith(("logitlab.llms", "logitlab.sampling", "logitlab.explorer"))
    ]
