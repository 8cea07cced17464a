"""The target is chosen at import, by what the CPU runs or by LOGITLAB_TARGET; the sources promise the rest."""

import os
import subprocess
import sys

import pytest

import logitlab as ll


def test_what_it_says():
    targets = ll.targets()
    assert targets["used"] in targets["usable"]
    assert set(targets["usable"]) <= set(targets["built"])
    assert targets["usable"][-1] == "generic"
    if "LOGITLAB_TARGET" not in os.environ:
        assert targets["used"] == targets["usable"][0]


@pytest.mark.parametrize("wanted", ["avx1024", "neon" if "neon" not in ll.targets()["built"] else "avx2"])
def test_an_unusable_target_is_an_import_error_that_lists_those_that_would_do(wanted):
    environment = os.environ | {"LOGITLAB_TARGET": wanted}
    command = [sys.executable, "-c", "import logitlab"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "ImportError: LOGITLAB_TARGET must name a target that this CPU runs, one of [" in done.stderr
    assert f"got '{wanted}'" in done.stderr
    for name in ll.targets()["usable"]:
        assert repr(name) in done.stderr


def test_forced(on_target):
    assert on_target("import logitlab; print(logitlab.targets()['used'])").strip() == on_target.target
