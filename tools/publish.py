"""What is published beside the wheel: an sdist of the same bytes every time, a README that reads far from this tree."""

import gzip
import os
import re
import tarfile
import time
from pathlib import Path
from typing import Any

LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
AWAY = re.compile(r"[a-z][a-z+.-]*:|#", re.IGNORECASE)  # another site's address, or a place on the same page


def addresses(project: dict[str, Any]) -> tuple[str, str]:
    """Where this version's pages and pictures are, from pyproject.toml's [project]: at the tag of the release."""
    repository, tag = project["urls"]["Repository"].rstrip("/"), f"v{project['version']}"
    return f"{repository}/blob/{tag}", f"{repository}/raw/{tag}"


def index_page(readme: str, pages: str, pictures: str) -> str:
    """The README for a page of a package index, where a relative link leads nowhere: every link is absolute."""

    def replaced(match: re.Match[str]) -> str:
        image, text, target = match["image"], match["text"], match["target"]
        if AWAY.match(target):
            return match[0]
        return f"{image}[{text}]({pictures if image else pages}/{target})"

    return LINK.sub(replaced, readme)


def write_archive(folder: Path, path: Path) -> None:
    """Pack `folder` into `path`: in a fixed order, of nobody, dated SOURCE_DATE_EPOCH (now, without it)."""
    date = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())

    def anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mtime = date
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with (
        open(path, "wb") as file,
        gzip.GzipFile("", "wb", 9, file, mtime=date) as packed,
        tarfile.open(mode="w", fileobj=packed, format=tarfile.PAX_FORMAT) as archive,
    ):
        for member in sorted([folder, *folder.rglob("*")]):
            name = member.relative_to(folder.parent).as_posix()
            archive.add(member, name, recursive=False, filter=anonymous)
