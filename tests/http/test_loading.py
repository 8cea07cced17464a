"""libcurl is opened when the first connection is made, and its absence says what to install."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from logitlab import _http


def run(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """In a fresh process: libcurl stays open in one that has used it."""
    full = {**os.environ, **environment}
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=full, timeout=60)


needs_maps = pytest.mark.skipif(
    not Path("/proc/self/maps").exists(),
    reason="not on this machine: /proc, which lists the loaded libraries",
)


@needs_maps
def test_importing_does_not_open_it() -> None:
    code = (
        "from pathlib import Path; from logitlab import _http; maps = Path('/proc/self/maps').read_text;"
        "assert 'libcurl' not in maps();"
        "_http.Connection('http://localhost'); assert 'libcurl' in maps()"
    )
    assert run(code).stderr == ""


def test_absence_names_the_package() -> None:
    ended = run(
        "from logitlab import _http; _http.Connection('http://localhost')",
        LOGITLAB_LIBCURL="/nowhere/libcurl.so.4",
    )
    assert ended.returncode == 1
    assert "ImportError" in ended.stderr
    assert "apt-get install libcurl4" in ended.stderr
    assert "/nowhere/libcurl.so.4: not found" in ended.stderr


def test_a_library_that_is_not_curl(tmp_path: Path) -> None:
    ended = run(
        "from logitlab import _http; _http.Connection('http://localhost')",
        LOGITLAB_LIBCURL=_http.__file__,  # a shared library, and surely none of curl's
    )
    assert "older than libcurl 7.68, it has no curl_global_init" in ended.stderr


def test_a_failure_is_not_final() -> None:
    code = """
import os
from logitlab import _http
os.environ["LOGITLAB_LIBCURL"] = "/nowhere"
try:
    _http.Connection("http://localhost")
except ImportError:
    pass
del os.environ["LOGITLAB_LIBCURL"]
_http.Connection("http://localhost")
"""
    assert run(code).stderr == ""


@needs_maps
def test_the_environment_comes_first(tmp_path: Path) -> None:
    """<prefix>/lib/libcurl.so.4 is tried before the system's: here one that cannot be loaded is named."""
    (tmp_path / "lib").mkdir()
    code = f"""
import sys
from logitlab import _http
sys.prefix = {str(tmp_path)!r}
_http.libcurl_version()
names = [line.split()[-1] for line in open("/proc/self/maps") if "libcurl" in line]
assert all(name.startswith({str(tmp_path)!r}) for name in names) and names, names
"""
    found = run(
        "from logitlab import _http; _http.libcurl_version();"
        "print({l.split()[-1] for l in open('/proc/self/maps') if 'libcurl' in l}.pop())"
    ).stdout.strip()
    (tmp_path / "lib" / "libcurl.so.4").write_bytes(Path(found).read_bytes())
    assert run(code, LOGITLAB_LIBCURL="").stderr == ""


def test_version() -> None:
    assert _http.libcurl_version().startswith("libcurl/")
