"""No test is skipped silently: what a machine lacks is installed by `make setup`, or the test fails and says so."""

import asyncio
from collections.abc import Callable, Iterator, Mapping

import pytest
import uvloop
from hypothesis import settings

# How long one example takes says more about the machine than about the code.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

LONG_FIRST = (
    "tests/chaos",
    "tests/live/test_make_call.py",
    "tests/live/callback",
    "tests/live/away",
    "tests/live/hotline",
    "tests/browser",
    "tests/live/control",
    "tests/live/waiting",
    "tests/live/routing",
    "tests/live/outbound",
)
"""Tests of half a minute and more: none of them is to begin when the others have come to their end."""


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The daemon's own event loop (`cti.daemon.event_loop`)."""
    return {"uvloop": uvloop.new_event_loop}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((n for n, path in enumerate(LONG_FIRST) if item.nodeid.startswith(path)), len(LONG_FIRST))

    items.sort(key=place)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(FailuresAtOnce(config))


class FailuresAtOnce:
    """Says which test failed as soon as it has: a run of half an hour may be cut short before its summary."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if report.failed and terminal is not None:
            why = report.longreprtext.rpartition("\nE ")[2].partition("\n")[0].strip()
            terminal.write_line(f"\n{report.when} of {report.nodeid} failed: {why[:200]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    assert isinstance(report, pytest.TestReport)
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and no test may be: {report.longrepr}"
    return report
