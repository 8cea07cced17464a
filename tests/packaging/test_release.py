"""What a release and its workflows rest on: one version, pinned actions, the same linters for everybody."""

import re
import sys
import tomllib

import pytest

from .conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import release
from matrix import Failed

sys.path.remove(str(ROOT / "tools"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in WORKFLOWS}


def test_one_version_which_the_changelog_begins_with():
    release.check_changelog(release.version())


@pytest.mark.parametrize("name", ["pyproject.toml", "python/logitlab/__init__.py", "CITATION.cff"])
def test_a_version_that_differs_in_one_file_is_found(monkeypatch, name):
    read = release.read
    monkeypatch.setattr(
        release, "read", lambda path: read(path).replace("0.1.0", "9.9.9") if path == name else read(path)
    )
    with pytest.raises(Failed, match=r"9\.9\.9"):
        release.version()


def test_a_changelog_of_another_version_is_found():
    with pytest.raises(Failed, match=r"9\.9\.9"):
        release.check_changelog("9.9.9")


def test_the_page_has_every_step_that_the_dry_run_prints():
    page = (ROOT / "docs/release.md").read_text(encoding="utf-8")
    steps = re.findall(r"^(\d)\. ", page, re.MULTILINE)
    assert steps == [str(number) for number in range(1, 10)]
    source = (ROOT / "tools/release.py").read_text(encoding="utf-8")
    assert set(re.findall(r"step\((\d)", source)) <= set(steps)


@pytest.mark.parametrize("name", TEXTS)
def test_every_action_is_pinned_by_its_commit(name):
    used = re.findall(r"uses: (\S+)(.*)", TEXTS[name])
    assert used
    for action, comment in used:
        if not action.startswith("./"):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_one_commit_for_each_action():
    used = {tuple(each.split("@")) for text in TEXTS.values() for each in re.findall(r"uses: (\w\S+)", text)}
    assert len(used) == len({name for name, _ in used})


def test_the_workflow_of_the_tests_has_the_oldest_and_the_newest_python():
    classifiers = re.findall(r'Python :: (3\.\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pythons = re.findall(r'"(3\.\d+)"', re.search(r"python: \[(.*)\]", TEXTS["test.yml"])[1])
    assert len(pythons) == 3
    assert {classifiers[0], classifiers[-1]} <= set(pythons) <= set(classifiers)


def test_one_address_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    address = project["urls"]["Repository"]
    assert all(url.startswith(address) for url in project["urls"].values())
    for name in ("SECURITY.md", ".github/ISSUE_TEMPLATE/config.yml"):
        urls = re.findall(r"https://github\.com/[^\s)]+", (ROOT / name).read_text(encoding="utf-8"))
        assert urls == [f"{address}/security/advisories/new"], name


def test_only_the_job_that_publishes_may_say_who_it_is():
    assert [name for name, text in TEXTS.items() if "id-token" in text] == ["release.yml"]
    assert TEXTS["release.yml"].count("id-token: write") == 1
    assert "password" not in re.sub(r"#.*", "", "".join(TEXTS.values()))


def test_pre_commit_has_the_linters_of_make_lint():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^lint: .*\n((?:\t.*\n)+)", makefile, re.MULTILINE)[1]
    linters = set(re.findall(r"-m (ruff \w+|mypy)|bin/(clang-format|oxfmt|oxlint|zizmor)", recipe))
    linters = {one or other for one, other in linters}
    hooks = re.findall(
        r"^        name: (.*)$", (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert len(linters) == 7
    assert set(hooks) == linters
