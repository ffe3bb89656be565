"""Who may, gets a real-time priority for the event loop's thread, and for nothing else."""

import asyncio
import os
import subprocess
import sys
import threading

import pytest
import structlog.testing

from cti.daemon.precedence import BUSY, CALM, NICE, Precedence, come_first, go_along, stand_back

OTHER = {"thread": os.SCHED_OTHER, "nice": 0, "program": "SCHED_OTHER"}


def policy() -> int:
    return os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK


def seen_by_what_it_starts() -> dict[str, object]:
    started: dict[str, object] = {}
    thread = threading.Thread(target=lambda: started.update(thread=policy(), nice=os.getpriority(os.PRIO_PROCESS, 0)))
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
        go_along()
        what.append((policy(), os.getpriority(os.PRIO_PROCESS, 0)))
        what.append(seen_by_what_it_starts())
        stand_back()
        what.append((policy(), os.getpriority(os.PRIO_PROCESS, 0)))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def test_the_event_loop_comes_first_where_it_may_and_what_it_starts_does_not() -> None:
    seen: list[object] = []
    in_a_thread_of_its_own(seen)
    first, started, along, started_then, afterwards = seen
    assert first in {(True, os.SCHED_RR), (False, os.SCHED_OTHER)}
    assert started == OTHER
    assert along in {(os.SCHED_OTHER, NICE), (os.SCHED_OTHER, 0)}
    assert started_then == OTHER
    assert afterwards == (os.SCHED_OTHER, 0)


def test_who_may_not_hears_what_it_takes_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    with structlog.testing.capture_logs() as logged:
        assert not come_first()
    assert ["LimitRTPRIO=1" in line["event"] for line in logged] == [True]


def test_who_may_do_nothing_of_it_can_stand_back_too() -> None:
    """A daemon that is not root restarts."""
    lines = (
        "import os",
        "from cti.daemon.precedence import *",
        "go_along(); first = come_first(); go_along(); stand_back()",
        "print(first, os.sched_getscheduler(0) & ~ANY_CHILD, os.getpriority(os.PRIO_PROCESS, 0))",
    )
    without_the_right = ["setpriv", "--bounding-set", "-sys_nice", sys.executable, "-c", "\n".join(lines)]
    told = subprocess.run(without_the_right, capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[-1] == f"False {os.SCHED_OTHER} 0"


class Loop:
    """The event loop's thread, as `Precedence` sees it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.worked = self.at = self.share = 0.0
        self.stands = ""
        monkeypatch.setattr("cti.daemon.precedence.come_first", self._come_first)
        monkeypatch.setattr("cti.daemon.precedence.go_along", lambda: setattr(self, "stands", "along"))
        self.precedence = Precedence(lambda: self.worked, lambda: self.at)

    def _come_first(self) -> bool:
        self.stands = "first"
        return True

    def works(self, share: float) -> str:
        self.at += 0.5
        self.worked += 0.5 * share
        self.precedence.look()
        return self.stands


def test_it_stands_back_while_the_loop_works_most_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(monkeypatch)
    shares = (0.2, BUSY - 0.02, BUSY + 0.02, 0.9, CALM + 0.02, CALM - 0.02, BUSY - 0.02)
    assert [loop.works(share) for share in shares] == [
        "first", "first", "along", "along", "along", "first", "first",
    ]  # fmt: skip


async def test_it_looks_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = Loop(monkeypatch)

    def tick() -> float:
        loop.at += 1
        loop.worked += loop.share
        return loop.at

    monkeypatch.setattr("cti.daemon.precedence.LOOK_S", 0.001)
    loop.precedence = Precedence(lambda: loop.worked, tick)
    loop.share = 1.0
    loop.precedence.begin()
    stood = [loop.stands]
    for share in (1.0, 0.0):
        loop.share = share
        was = loop.stands
        async with asyncio.timeout(10):
            while loop.stands == was:  # noqa: ASYNC110 - it looks by itself
                await asyncio.sleep(0.001)
        stood.append(loop.stands)
    assert stood == ["first", "along", "first"]
