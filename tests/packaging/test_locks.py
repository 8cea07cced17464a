"""A reader's environment is a part of a developer's, and holds nothing that serves developers alone."""

import re
import sys
import tomllib
from importlib.metadata import distribution
from itertools import product
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PYTHONS = ("3.11", "3.12", "3.13", "3.14", "3.15")
SYSTEMS = (("linux", "Linux", "x86_64"), ("linux", "Linux", "aarch64"), ("darwin", "Darwin", "arm64"))
# what developers ask for by name and JupyterLab or ipykernel needs as well
READERS = ("build", "tutorial", "dev")  # dev includes what a reader gets
SHARED = {"jupyter-client", "nbformat", "pandas", "psutil"}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def environment(python, system):
    sys_platform, platform_system, machine = system
    return {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": sys_platform,
        "platform_system": platform_system,
        "platform_machine": machine,
        "os_name": "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


ENVIRONMENTS = [environment(*one) for one in product(PYTHONS, SYSTEMS)]


def read(lock):
    """[(requirement, its hashes)] of a lock file."""
    text = (ROOT / "locks" / f"{lock}.lock").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text)
    return [
        (Requirement(one.partition(" \\\n")[0]), frozenset(re.findall(r"--hash=(\S+)", one)))
        for one in entries
    ]


def pins(lock, environment):
    """{name: (version, hashes)} of what a lock installs there."""
    return {
        canonicalize_name(one.name): (str(one.specifier), hashes)
        for one, hashes in read(lock)
        if one.marker is None or one.marker.evaluate(environment)
    }


def group(name):
    """The requirements of a dependency group, those of the groups that it includes as well."""
    for one in PROJECT["dependency-groups"][name]:
        yield from group(one["include-group"]) if isinstance(one, dict) else [Requirement(one)]


def extra(name):
    """The requirements of an extra; one of ours stands for its own."""
    for one in map(Requirement, PROJECT["project"]["optional-dependencies"][name]):
        if one.name == "logitlab":
            for other in one.extras:
                yield from extra(other)
        else:
            yield one


@pytest.mark.parametrize(
    "where", ENVIRONMENTS, ids=lambda e: "-".join((e["python_version"], e["platform_machine"]))
)
def test_adding_the_developers_packages_moves_no_version(where):
    """The same version from the same files, on every Python and system that the README names."""
    reader, developer = pins("tutorial", where), pins("developer", where)
    assert len(reader) > 50
    assert reader == {name: developer.get(name) for name in reader}


@pytest.mark.parametrize("name", [name for name in PROJECT["dependency-groups"] if name not in READERS])
def test_a_reader_gets_nothing_that_serves_developers_alone(name):
    asked = {canonicalize_name(one.name) for one in [*extra("notebook"), *group("tutorial")]}
    theirs = {canonicalize_name(one.name) for one in group(name)} - asked - SHARED
    assert theirs
    assert not theirs & {canonicalize_name(one.name) for one, _ in read("tutorial")}


@pytest.mark.parametrize("lock", ["tutorial", "developer"])
def test_the_lock_has_all_that_pyproject_asks_for(lock):
    wanted = [*extra("notebook"), *group("tutorial" if lock == "tutorial" else "dev")]
    for where in ENVIRONMENTS:
        locked = pins(lock, where)
        for one in wanted:
            if one.marker is None or one.marker.evaluate(where):
                version = locked[canonicalize_name(one.name)][0].removeprefix("==")
                assert one.specifier.contains(version), (one, version)


def test_every_pin_has_hashes_and_no_pin_says_where_it_comes_from():
    for lock in ("tutorial", "developer", "container", "wheel", "peers", "llama-index"):
        for one, hashes in read(lock):
            assert hashes, one
            assert one.url is None, one
            assert [part.operator for part in one.specifier] == ["=="], one


def test_a_reader_needs_at_most_700_megabytes():
    """The files that the wheels list, as they lie in this environment."""
    here = environment(".".join(map(str, sys.version_info[:2])), SYSTEMS[0])
    sizes = {name: size_of(name) for name in pins("tutorial", here)}
    assert 200e6 < sum(sizes.values()) < 650e6, sorted(sizes.items(), key=lambda one: -one[1])[:10]


def size_of(name):
    return sum(file.size or 0 for file in distribution(name).files)
