"""Print what a bug report needs: versions, the CPU target, libcurl, the built-in model, the server.

No password is shown. The server is asked for its version; nothing is fetched.
"""

import argparse
import json
import os
import platform
import re
import sys
from collections.abc import Callable
from importlib import metadata
from typing import Any

SUMMARY = "versions and what was found, for a bug report"
USAGE = "[--json]"
PATIENCE = 3.0  # seconds for the server
NOT_FOUND = (ImportError, OSError, ValueError, metadata.PackageNotFoundError)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add what this command takes."""
    parser.add_argument("--json", action="store_true", help="as one JSON object")


def run(given: argparse.Namespace) -> None:
    """Print the facts."""
    facts = {name: find() for name, find in FACTS.items()}
    if given.json:
        print(json.dumps(facts, indent=2))
        return
    for name, value in facts.items():
        print(f"{name + ':':10} {_line(value)}")


def _line(value: Any) -> str:
    if isinstance(value, dict):
        if not value:
            return "none"
        return ", ".join(f"{name} {_line(each)}" for name, each in value.items())
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "not installed" if value is None else str(value)


def _or_why(find: Callable[[], Any]) -> Any:
    """Return what is found, or the sentence that says why it is not."""
    from logitlab.llms.ollama.errors import OllamaError

    try:
        return find()
    except (*NOT_FOUND, OllamaError) as error:
        return " ".join(f"not available: {error}".split())


def _logitlab() -> dict[str, Any]:
    import logitlab

    return {"version": logitlab.__version__, "in": os.path.dirname(logitlab.__file__)}


def _python() -> dict[str, Any]:
    return {
        "version": platform.python_version(),
        "implementation": platform.python_implementation(),
        "GIL": getattr(sys, "_is_gil_enabled", lambda: True)(),
        "at": sys.executable,
    }


def _system() -> dict[str, Any]:
    libc = " ".join(platform.libc_ver()).strip()
    return {
        "platform": platform.platform(),
        "machine": platform.machine(),
        "CPUs": os.cpu_count(),
        "libc": libc,
    }


def _targets() -> Any:
    from logitlab import targets

    return targets()


def _packages() -> dict[str, str | None]:
    """Return the version of every package that logitlab or one of its extras asks for."""
    asked = [re.split(r"[\s<>=!~;\[(]", line, maxsplit=1)[0] for line in metadata.requires("logitlab") or ()]
    return {name: _version(name) for name in dict.fromkeys(asked) if name != "logitlab"}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _libcurl() -> str:
    from logitlab._http import libcurl_version

    return libcurl_version()


def _model() -> str:
    from logitlab.llms.smol.find import present

    found = present()
    return str(found) if found else "not fetched yet"


def _server() -> dict[str, Any]:
    from logitlab.llms.ollama.client import Client

    client = Client(timeout=PATIENCE)
    try:
        answer = _or_why(lambda: client.request("GET", "/api/version"))
    finally:
        client.close()
    version = answer.get("version") if isinstance(answer, dict) else answer
    return {"address": client.base, "version": version}


def _settings() -> dict[str, str]:
    return {name: value for name, value in sorted(os.environ.items()) if name.startswith("LOGITLAB_")}


FACTS: dict[str, Callable[[], Any]] = {
    "logitlab": _logitlab,
    "python": _python,
    "system": _system,
    "targets": _targets,
    "packages": lambda: _or_why(_packages),
    "libcurl": lambda: _or_why(_libcurl),
    "model": lambda: _or_why(_model),
    "server": lambda: _or_why(_server),
    "settings": _settings,
}
