"""Who may, gets a real-time priority for the event loop's thread, and for nothing else."""

import os
import subprocess
import threading

import pytest
import structlog.testing

from cti.daemon.precedence import come_first, stand_back

OTHER = {"thread": os.SCHED_OTHER, "program": "SCHED_OTHER"}


def policy() -> int:
    return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK


def seen_by_what_it_starts() -> dict[str, object]:
    started: dict[str, object] = {}
    thread = threading.Thread(target=lambda: started.update(thread=policy()))
    thread.start()
    thread.join()
    told = subprocess.run(["chrt", "-p", "0"], capture_output=True, text=True, check=True).stdout
    started["program"] = next(line.split()[-1] for line in told.splitlines() if "policy" in line)
    return started


def in_a_thread_of_its_own(what: "list[object]") -> None:
    """So that nothing of it stays with the thread that runs the tests."""

    def run() -> None:
        what.append((come_first(), policy()))
        what.append(seen_by_what_it_starts())
        stand_back()
        what.append(policy())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_the_event_loop_comes_first_where_it_may_and_what_it_starts_does_not() -> None:
    seen: list[object] = []
    in_a_thread_of_its_own(seen)
    first, started, afterwards = seen
    assert first in {(True, os.SCHED_RR), (False, os.SCHED_OTHER)}
    assert started == OTHER
    assert afterwards == os.SCHED_OTHER


def test_who_may_not_hears_what_it_takes_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    with structlog.testing.capture_logs() as logged:
        assert not come_first()
    assert ["LimitRTPRIO=1" in line["event"] for line in logged] == [True]
