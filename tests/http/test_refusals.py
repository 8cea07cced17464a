"""What libcurl refuses is told as it is: an option that it lacks, a process without files, and only then memory."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from wire.stub import Stub, respond

# A libcurl of which one function fails: everything else is the real one's, on which it is linked.
SHIM = r"""
#include <dlfcn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void *real(const char *name)
{
    void *library = dlopen(getenv("REAL_LIBCURL"), RTLD_NOW);
    return library == NULL ? NULL : dlsym(library, name);
}

static int fails(const char *what)
{
    const char *which = getenv("FAIL");
    return which != NULL && strcmp(which, what) == 0;
}

unsigned curl_easy_setopt(void *easy, unsigned option, ...)
{
    va_list list;
    va_start(list, option);
    void *value = va_arg(list, void *);
    va_end(list);
    if (getenv("FAIL_OPTION") != NULL && strtoul(getenv("FAIL_OPTION"), NULL, 10) == option) {
        return (unsigned)strtoul(getenv("FAIL_CODE"), NULL, 10);
    }
    return ((unsigned (*)(void *, unsigned, ...))real("curl_easy_setopt"))(easy, option, value);
}

int curl_multi_add_handle(void *multi, void *easy)
{
    return fails("add") ? 6 : ((int (*)(void *, void *))real("curl_multi_add_handle"))(multi, easy);
}

int curl_multi_perform(void *multi, int *running)
{
    return fails("perform") ? 4 : ((int (*)(void *, int *))real("curl_multi_perform"))(multi, running);
}

void *curl_multi_init(void)
{
    return fails("init") ? NULL : ((void *(*)(void))real("curl_multi_init"))();
}
"""
ASK = """
import json, sys
from logitlab import _http
try:
    _http.Connection(sys.argv[1], ca_file=sys.argv[2]).request("POST", "/", b"{}")
    print(json.dumps(["fine", "", 0, ""]))
except _http.TransportError as error:
    print(json.dumps(["TransportError", error.kind, error.code, str(error)]))
except BaseException as error:
    print(json.dumps([type(error).__name__, "", 0, str(error)]))
"""


def libcurl() -> str:
    """The path of the library that is used."""
    code = (
        "from logitlab import _http; _http.libcurl_version();"
        "print({l.split()[-1] for l in open('/proc/self/maps') if 'libcurl' in l}.pop())"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return found.stdout.strip()


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which the shim is used."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("not on this machine: a C compiler")
    if not Path("/proc/self/maps").exists():
        pytest.skip("not on this machine: /proc, which tells where libcurl is")
    folder, real = tmp_path_factory.mktemp("shim"), libcurl()
    (folder / "shim.c").write_text(SHIM)
    made = [compiler, "-shared", "-fPIC", "-o", str(folder / "shim.so"), str(folder / "shim.c")]
    subprocess.run([*made, "-Wl,--no-as-needed", real], check=True)
    return {"LOGITLAB_LIBCURL": str(folder / "shim.so"), "REAL_LIBCURL": real}


def ask(environment: dict[str, str]) -> list[object]:
    with Stub(lambda request: respond(b"{}")) as stub:
        ended = subprocess.run(
            [sys.executable, "-c", ASK, stub.url, "/nowhere.pem"],
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    answer: list[object] = json.loads(ended.stdout)
    return answer


def test_the_shim_alone_changes_nothing(shim: dict[str, str]) -> None:
    assert ask(shim)[0] == "fine"


OPTIONS = [  # URL, CAINFO, CONNECTTIMEOUT_MS, CUSTOMREQUEST
    (10002, 43, "argument"),
    (10065, 4, "not found built-in"),
    (156, 48, "unknown option"),
    (10036, 48, "unknown option"),
]


@pytest.mark.parametrize(("option", "code", "words"), OPTIONS)
def test_an_option_that_is_refused(shim: dict[str, str], option: int, code: int, words: str) -> None:
    kind, of, number, said = ask(shim | {"FAIL_OPTION": str(option), "FAIL_CODE": str(code)})
    assert (kind, of, number) == ("TransportError", "setup", code)
    assert words in str(said)


def test_an_option_for_which_there_is_no_memory(shim: dict[str, str]) -> None:
    assert ask(shim | {"FAIL_OPTION": "10002", "FAIL_CODE": "27"})[0] == "MemoryError"


@pytest.mark.parametrize(("function", "code"), [("add", 6), ("perform", 4)])
def test_a_transfer_that_is_refused(shim: dict[str, str], function: str, code: int) -> None:
    kind, of, number, said = ask(shim | {"FAIL": function})
    assert (kind, of, number) == ("TransportError", "setup", code)
    assert said


def test_no_memory_is_a_memory_error(shim: dict[str, str]) -> None:
    assert ask(shim | {"FAIL": "init"})[0] == "MemoryError"


FILES = """
import json, os, resource, sys
from logitlab import _http
_http.libcurl_version()
url, said = sys.argv[1], []
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = []
try:
    while True:
        held.append(os.open(os.devnull, os.O_RDONLY))
except OSError:
    pass
for free in range(9):
    for descriptor in held[:free]:
        os.close(descriptor)
    connection = _http.Connection(url)
    try:
        said.append(connection.request("GET", "/")[0])
    except _http.TransportError as error:
        said.append(error.kind)
    except BaseException as error:
        said.append(repr(error))
    connection.close()
    held[:free] = [os.open(os.devnull, os.O_RDONLY) for _ in range(free)]
print(json.dumps(said))
"""


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_too_many_open_files(name: str) -> None:
    """However few are left: an answer, or an error that says so."""
    with Stub(lambda request: respond(b"{}")) as stub:
        url = f"http://{name}:{stub.port}"
        ended = subprocess.run(
            [sys.executable, "-c", FILES, url], capture_output=True, text=True, timeout=60, check=True
        )
    said = json.loads(ended.stdout)
    assert set(said) == {"files", 200}
    assert said[0] == "files"
    assert said[-3:] == [200] * 3
