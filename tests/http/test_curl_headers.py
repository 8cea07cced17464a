"""What csrc/http/libcurl.h declares is what curl's own headers declare, where those are installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

CSRC = Path(__file__).parents[2] / "csrc" / "http"

SOURCE = r"""
#include <curl/curl.h>
#include <stddef.h>
#include <stdint.h>
#include "libcurl.h"

#define SAME_VALUE(name, value) _Static_assert((long long)(name) == (long long)(value), #name);
LL_CURL_CONSTANTS(SAME_VALUE)

#define SAME_PLACE(ours, theirs) \
    _Static_assert(offsetof(struct ll_curl_message, ours) == offsetof(CURLMsg, theirs), #theirs);
SAME_PLACE(msg, msg)
SAME_PLACE(easy, easy_handle)
SAME_PLACE(data, data)
_Static_assert(sizeof(struct ll_curl_message) == sizeof(CURLMsg), "CURLMsg");
_Static_assert(sizeof(curl_off_t) == sizeof(int64_t), "curl_off_t");

/* curl's structs under our names; every other type must be the same as it stands. */
#define ll_curl_slist curl_slist
#define ll_curl_waitfd curl_waitfd
#define ll_curl_message CURLMsg
#define SAME_TYPE(result, name, parameters) \
    result (*const same_##name) parameters = curl_##name;
LL_CURL_FUNCTIONS(SAME_TYPE)
"""


def problems(source: str, folder: Path) -> str:
    """What the compiler says against a source; nothing if it takes it."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("not on this machine: a C compiler")
    path = folder / "check.c"
    path.write_text(source)
    flags = [
        "-std=gnu11",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-Wno-deprecated-declarations",
        "-fsyntax-only",
        f"-I{CSRC}",
    ]
    return subprocess.run([compiler, *flags, str(path)], capture_output=True, text=True).stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if problems("#include <curl/curl.h>\n", tmp_path):
        pytest.skip("not on this machine: curl's headers (apt-get install libcurl4-openssl-dev)")
    return tmp_path


def test_every_declaration_is_that_of_curl(folder: Path) -> None:
    assert problems(SOURCE, folder) == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("(void *easy, int bitmask)", "(void *easy, long bitmask)"),
        ("X(int, multi_wakeup", "X(unsigned char, multi_wakeup"),
        ("(CURLOPT_NOSIGNAL, 99)", "(CURLOPT_NOSIGNAL, 98)"),
        ("    int msg;\n    void *easy;", "    void *easy;\n    int msg;"),
    ],
)
def test_a_wrong_declaration_is_found(folder: Path, right: str, wrong: str) -> None:
    declared = (CSRC / "libcurl.h").read_text()
    assert right in declared
    source = SOURCE.replace('#include "libcurl.h"', declared.replace(right, wrong))
    assert problems(source, folder) != ""
