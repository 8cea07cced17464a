"""What is published: an sdist of the same bytes every time, a README that reads on an index page, true classifiers."""

import os
import re
import runpy
import shutil
import subprocess
import sys
import tarfile
import tomllib
from email.parser import HeaderParser

import pytest

from .conftest import LEFT_OUT, ROOT, build, clean_environment

PUBLISH = runpy.run_path(str(ROOT / "tools/publish.py"))
index_page, write_archive = PUBLISH["index_page"], PUBLISH["write_archive"]
RELATIVE = re.compile(r"\]\((?![a-z]+:|#)", re.IGNORECASE)


def metadata(tree):
    return HeaderParser().parsestr((tree / "PKG-INFO").read_text(encoding="utf-8"))


def test_the_sdist_is_the_same_bytes_for_every_clone(sdist, tmp_path):
    """Other times, other permissions, another folder."""
    made = []
    for number, mode in enumerate((0o600, 0o664)):
        tree = tmp_path / f"clone {number}" / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        for path in (path for path in tree.rglob("*") if path.is_file()):
            path.chmod(mode | (0o100 if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0))
            os.utime(path, (10**9 + number, 10**9 + number))
        made.append(build("sdist", tree, tmp_path / f"out {number}", SOURCE_DATE_EPOCH="1700000000"))
    assert made[0].read_bytes() == made[1].read_bytes()
    assert made[0].name == sdist.name
    with tarfile.open(made[0]) as archive:
        members = archive.getmembers()
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname) for m in members} == {(1700000000, 0, 0, "", "")}
    assert {m.mode for m in members} == {0o644, 0o755}


def test_the_sdist_has_what_runs_it(unpacked):
    for name in (".ci/run", "tools/system.sh", "tools/test_targets.sh", "tools/debian_root.sh"):
        assert os.access(unpacked / name, os.X_OK), name
    named = re.findall(r"\[[^\]]*\]\((?![a-z]+:|#)([^)#]+)", (unpacked / "README.md").read_text())
    assert [name for name in named if not (unpacked / name).exists()] == []


def test_an_archive_keeps_links_and_empty_folders(tmp_path):
    tree = tmp_path / "tree"
    (tree / "empty").mkdir(parents=True)
    (tree / "a").write_text("a")
    (tree / "link").symlink_to("a")
    write_archive(tree, tmp_path / "made.tar.gz")
    with tarfile.open(tmp_path / "made.tar.gz") as archive:
        assert archive.getnames() == ["tree", "tree/a", "tree/empty", "tree/link"]
        assert archive.getmember("tree/link").linkname == "a"


def test_every_link_on_the_page_of_an_index_leads_to_a_file_of_this_release(unpacked):
    text, headers = metadata(unpacked).get_payload(), metadata(unpacked)
    assert headers["Description-Content-Type"] == "text/markdown"
    assert "# logitlab" in text
    assert RELATIVE.findall(text) == []
    urls = dict(line.split(", ", 1) for line in headers.get_all("Project-URL"))
    links = re.findall(r"\]\((https:[^)]+)\)", text)
    ours = [link.removeprefix(urls["Repository"]) for link in links if link.startswith(urls["Repository"])]
    assert len(ours) > 10
    for link in ours:
        kind, tag, path = link.removeprefix("/").split("/", 2)
        assert (kind, tag) == ("raw" if path.endswith(".png") else "blob", f"v{headers['Version']}")
        assert (ROOT / path.partition("#")[0]).is_file(), link
    assert {"Repository", "Documentation", "Changelog", "Issues"} <= set(urls)


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("see [how](docs/a.md).", "see [how](https://x.org/p/docs/a.md)."),
        ("a\n\n![p](p.png)\n\nb", "a\n\n![p](https://x.org/raw/p.png)\n\nb"),
        ("[a](https://a.org/b)", "[a](https://a.org/b)"),
        ("[a](mailto:a@b.org) [b](#below)", "[a](mailto:a@b.org) [b](#below)"),
        ("[a](b.md#c)", "[a](https://x.org/p/b.md#c)"),
    ],
)
def test_links(text, there):
    assert index_page(text, "https://x.org/p", "https://x.org/raw") == there


def test_links_are_to_the_release_itself():
    project = {"version": "1.2.3", "urls": {"Repository": "https://x.org/o/r/"}}
    assert PUBLISH["addresses"](project) == ("https://x.org/o/r/blob/v1.2.3", "https://x.org/o/r/raw/v1.2.3")


def test_the_classifiers_name_the_pythons_that_make_test_pythons_runs():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    said = {line.rpartition(" ")[2] for line in project["classifiers"] if ":: Python :: 3." in line}
    versions = re.search(r"^VERSIONS = (\{.*\})$", (ROOT / "tools/test_pythons.py").read_text(), re.MULTILINE)
    assert said == set(re.findall(r'"(3\.\d+)"', versions[1]))


@pytest.mark.parametrize("compiler", [None, "no-such-compiler", "no-such-compiler -O2"], ids=str)
@pytest.mark.parametrize("kind", ["wheel", "editable"])
def test_a_build_without_a_compiler_ends_in_one_sentence(unpacked, tmp_path, kind, compiler):
    environment = clean_environment(PATH="/nonexistent", **({"CC": compiler} if compiler else {}))
    if not compiler:
        environment.pop("CC", None)
    code = f"from setuptools import build_meta; build_meta.build_{kind}({str(tmp_path)!r})"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=unpacked, env=environment, capture_output=True, text=True, check=False)
    said = [
        line
        for line in (done.stdout + done.stderr).splitlines()
        if not line.startswith(("running", "warning"))
    ]
    assert done.returncode != 0
    assert "needs a C compiler" in said[-1]
    assert "apt-get install" in said[-1]
    assert not [line for line in said if line.startswith(("copying", "Traceback"))]
