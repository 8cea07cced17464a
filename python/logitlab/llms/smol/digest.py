"""The SHA-256 of a file, computed once for as long as the file stays as it is."""

import hashlib
from functools import lru_cache
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the digest of the file at `path`, in hexadecimal."""
    about = path.stat()
    return _sha256(path, about.st_ino, about.st_size, about.st_mtime_ns)


@lru_cache(maxsize=8)
def _sha256(path: Path, inode: int, size: int, modified: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
