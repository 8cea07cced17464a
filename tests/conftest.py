"""What holds for every test: what a run may leave out, and what it says at its end.

A test that lacks something of this machine (a browser, the model, a compiler) skips and names it. With
LOGITLAB_REQUIRE_ALL=1, as in CI, such a skip is a failure. Only a test that no installation could make run
here may then still skip: its reason starts with "not on this machine:".
"""

import os
import signal
import sys
from pathlib import Path

import hypothesis
import pytest

# how long an example takes says more of the machine than of the code
hypothesis.settings.register_profile("logitlab", deadline=None)
hypothesis.settings.load_profile("logitlab")

REQUIRE_ALL = bool(os.environ.get("LOGITLAB_REQUIRE_ALL"))
IMPOSSIBLE = "not on this machine:"
OWN_COMMANDS = (
    "Not run here, each has its own command: make test-targets (other processors, under qemu),"
    " make test-peers (SciPy, torch, the engines' own code agree; marimo), make test-llama-index,"
    " make test-model (all of the comparison with llama.cpp), make fuzz,"
    " make test-flags (other compiler flags), make test-pythons (other Pythons, NumPys and compilers),"
    " make wheel, make test-wheels (the wheels on every Python, and under qemu), make test-container,"
    " make test-apptainer, make test-classroom, make test-asan,"
    " make test-tsan, make bench."
)


# A shell starts what it runs in the background with Ctrl-C ignored, and there are tests that send it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# make test-targets: the interpreter that runs on the emulated processor, for tests that start another process
if "LOGITLAB_TEST_PYTHON" in os.environ:
    sys.executable = os.environ["LOGITLAB_TEST_PYTHON"]


PEERS = Path(__file__).parent / "peers"


def pytest_ignore_collect(collection_path, config):
    """What needs torch and the rest is for make test-peers alone: it names the folder."""
    named = any("peers" in Path(argument).parts for argument in config.args)
    return True if collection_path == PEERS and not named else None


def forbid_skip(report):
    """Makes a skip for want of something a failure, when everything has to be there."""
    if not (REQUIRE_ALL and report.skipped) or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2].removeprefix("Skipped: ")
    if not reason.startswith(IMPOSSIBLE):
        report.outcome = "failed"
        report.longrepr = f"LOGITLAB_REQUIRE_ALL is set, and this was skipped: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    forbid_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    forbid_skip(report)
    return report


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, exitstatus):
    terminalreporter.write_line(OWN_COMMANDS)
    summary = os.environ.get("LOGITLAB_TEST_SUMMARY")
    if summary and exitstatus == 0:
        counts = {
            kind: len(terminalreporter.stats.get(kind, ())) for kind in ("passed", "skipped", "xfailed")
        }
        line = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
        Path(summary).write_text(line + "\n", encoding="utf-8")
