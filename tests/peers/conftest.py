"""The last lines of a run: what each engine was asked, and how its preset stood beside it."""

import pytest

LINES = pytest.StashKey[list[str]]()


def pytest_configure(config):
    config.stash[LINES] = []


@pytest.fixture
def say(pytestconfig):
    """Adds a line to the end of the run's output."""
    return pytestconfig.stash[LINES].append


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash[LINES]:
        terminalreporter.write_line(line)
