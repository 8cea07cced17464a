"""The exported file is made as any other: by the process's umask, which is never changed, and whole or not at all."""

import os
import subprocess
import sys

import pytest

from logitlab import Explorer

# In a process of its own: a umask is the whole process's.
EXPORT = """
import os, stat, sys
from pathlib import Path
from logitlab import Explorer
explorer = Explorer([1.0, 2.0])
folder, umask = Path(sys.argv[1]), int(sys.argv[2], 8)
os.umask(umask)
beside = folder / "beside"
beside.touch()
def refuse(mask):
    raise AssertionError("the umask is every thread's")
os.umask = refuse
page = explorer.export(folder / "page.html")
print(stat.S_IMODE(page.stat().st_mode) == stat.S_IMODE(beside.stat().st_mode))
"""


@pytest.mark.parametrize("umask", ["022", "077", "000"])
def test_the_file_has_the_mode_of_any_new_file(tmp_path, umask):
    ended = subprocess.run(
        [sys.executable, "-c", EXPORT, str(tmp_path), umask], capture_output=True, text=True, check=False
    )
    assert ended.stdout == "True\n", ended.stderr


def test_what_was_there_stays_when_the_page_can_not_be_moved(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("the old page")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        Explorer([1.0, 2.0]).export(path)
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]
    assert path.read_text() == "the old page"


def test_a_long_name(tmp_path):
    path = tmp_path / ("x" * 250 + ".html")
    assert Explorer([1.0, 2.0]).export(path).stat().st_size > 1000
